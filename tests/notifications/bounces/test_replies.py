"""Answers to emails about a match, read from a real mailbox: what is kept, and of whom."""

import datetime

import pytest
from django.utils import timezone

from matching.domain.support.handling import put_off
from matching.domain.support.requests import ask_for_help
from mentorship.interfaces.own_data import own_data
from notifications.domain.bounces.mailbox import read_mailbox
from notifications.domain.bounces.replies import own_words
from notifications.domain.transport.message import message_id
from notifications.interfaces.support.request_page import request_context
from notifications.models import EmailLog, EmailReply, ReadMailbox
from tests.factories import MembershipFactory, ParticipantFactory
from tests.notifications.conftest import announced_pair, invitations

pytestmark = pytest.mark.django_db


def answer(mail, sender, text="I’ll be back on Monday", **headers):
    named = {"In-Reply-To": message_id(mail), **headers}
    lines = "".join(f"{name}: {value}\n" for name, value in named.items())
    return f"""From: Somebody <{sender}>
To: mentors@conf.example
Subject: Re: {mail.subject}
Date: Mon, 12 Jul 2027 10:00:00 +0000
Message-ID: <{abs(hash((sender, text)))}@mail.example>
{lines}MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{text}
"""


def kept():
    return [
        (reply.participant.email, reply.text, reply.is_automatic)
        for reply in EmailReply.objects.order_by("pk")
    ]


@pytest.fixture
def introduction():
    _, mail = announced_pair()
    EmailLog.objects.update(state="sent", sent_at=timezone.now(), claimed_at=timezone.now())
    mail.refresh_from_db()
    return mail


def test_an_answer_is_kept_once_stays_unread_and_makes_the_request_due(mailbox, introduction):
    match, mentee = introduction.match, introduction.match.mentee
    concern = ask_for_help(mentee, "cannot_reach", "", match)
    member = MembershipFactory(program=match.program).user
    soon = timezone.now().date() + datetime.timedelta(days=3)
    put_off(concern, soon, by=member)
    quoted = "Sorry, I was ill\n\nOn Mon, Jul 12, 2027, Conf wrote:\n> Hi\nmore"
    away = {"Auto-Submitted": "auto-replied"}
    mailbox.receive(
        answer(introduction, "mentor@freemail.example", quoted),
        answer(introduction, "mentee@freemail.example", "Away", **away),
    )

    found = read_mailbox()
    ReadMailbox.objects.update(uid_validity=1)  # the mailbox was set up anew
    read_mailbox()

    assert (found.messages, found.reports) == (2, 0)
    assert kept() == [
        ("mentor@freemail.example", "Sorry, I was ill", False),
        ("mentee@freemail.example", "Away", True),
    ]
    assert len(mailbox.unread()) == 2
    concern.refresh_from_db()
    assert concern.due_on is None
    events = request_context(concern, member, chair=False)["events"]
    answers = [(event.words, event.detail) for event in events if event.icon == "reply"]
    assert answers == [
        (f"{match.mentor} answered", "Sorry, I was ill"),
        (f"{mentee} answered automatically", "Away"),
    ]
    told = own_data(mentee)["emails"]
    assert [one.get("your_replies") for one in told if "your_replies" in one] == [["Away"]]


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda mail: answer(mail, "stranger@freemail.example"),
        lambda mail: answer(
            mail,
            "mentor@freemail.example",
            **{"In-Reply-To": f"<conf.match.{mail.pk}.0@x.example>"},
        ),
        lambda mail: answer(invitations(1)[0], "a@mail.example"),
    ],
    ids=["of a stranger", "with a mark that somebody made up", "to an invitation"],
)
def test_nothing_else_is_kept(mailbox, introduction, make):
    ParticipantFactory(program=introduction.program, email="stranger@freemail.example")
    mailbox.receive(make(introduction))
    found = read_mailbox()
    assert (found.messages, found.reports, kept()) == (1, 0, [])
    assert len(mailbox.unread()) == 1


def test_who_answers_the_chairs_is_shown_to_no_member(mailbox, introduction):
    match = introduction.match
    concern = ask_for_help(match.mentee, "not_right", "He shouted", match)
    receipt = EmailLog.objects.get(kind="problem_received")
    mailbox.receive(answer(receipt, "mentee@freemail.example", "Once more: please help"))
    read_mailbox()
    member = MembershipFactory(program=match.program).user
    shown = {
        chair: [event.detail for event in request_context(concern, member, chair=chair)["events"]]
        for chair in (True, False)
    }
    assert ["Once more: please help" in texts for texts in shown.values()] == [True, False]


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Yes\n> quoted\nNo", "Yes\nNo"),
        ("Ja\nAm 8.7. schrieb Conf:\nHi", "Ja"),
        ("This is what she wrote:\nHi", "This is what she wrote:\nHi"),
        ("Hello\n________________________________\nFrom: Conf", "Hello"),
        ("x" * 6000, "x" * 5000),
        ("", ""),
    ],
)
def test_only_what_somebody_wrote_themselves_is_kept(text, own):
    assert own_words(text) == own
