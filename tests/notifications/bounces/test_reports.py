"""Reports as mail servers write them, and what each is recorded as.

The files in reports/ are in the layouts of Postfix, Exim, qmail, Exchange, Gmail and Yahoo, of the
standards (RFC 3464, 5965 and 6533), and of servers that say little. $MESSAGE_ID stands for that of
the email they return.
"""

from __future__ import annotations

import email
import itertools
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from mentorship.domain.people.decisions import withdraw
from mentorship.interfaces.decisions.registry import Settled, open_decisions, settle_case
from mentorship.models import Participant
from notifications.domain.bounces.records import dismiss, record, settle
from notifications.domain.outbox.alarms import alarms
from notifications.domain.outbox.decisions import send_again
from notifications.domain.transport.message import message_id
from notifications.models import Bounce, EmailLog
from tests.factories import (
    EmailLogFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parent / "reports"
ANA = "ana@uni.example"

# file, recorded kind, whether the email came back, whether the person's address is marked, and
# whether reminders stop. What the server said is compared below for some of them.
TABLE = [
    ("base64", "wrong_address", True, True, False),
    ("complaint", "complaint", False, False, True),
    ("exchange-edge-blocking", "wrong_address", True, True, False),
    ("exchange-expired", "expired", True, False, False),
    ("exchange-not-found", "wrong_address", True, True, False),
    ("exchange-quota", "full", True, False, False),
    ("exchange-restricted", "rejected", True, False, False),
    ("exchange-size", "too_large", True, False, False),
    ("exim-older", "wrong_address", True, True, False),
    ("exim-older-full", "full", True, False, False),
    ("exim-rejected-content", "rejected", True, False, False),
    ("exim-retry-timeout", "expired", True, False, False),
    ("exim-unknown-user", "wrong_address", True, True, False),
    ("gmail-late", "late", False, False, False),
    ("gmail-no-account", "wrong_address", True, True, False),
    ("gmail-out-of-storage", "full", True, False, False),
    ("gmail-unauthenticated", "rejected", True, False, False),
    ("international", "wrong_address", True, True, False),
    ("no-reason", "unknown", True, False, False),
    ("postfix-alias", "wrong_address", True, True, False),
    ("postfix-blocklisted", "rejected", True, False, False),
    ("postfix-expired", "expired", True, False, False),
    ("postfix-forwarded", "wrong_address", True, True, False),
    ("postfix-greylisted-for-days", "expired", True, False, False),
    ("postfix-late", "late", False, False, False),
    ("postfix-mailbox-full", "full", True, False, False),
    ("postfix-no-such-domain", "wrong_address", True, True, False),
    ("postfix-null-mx", "wrong_address", True, True, False),
    ("postfix-our-sender", "rejected", True, False, False),
    ("postfix-relayed-access", "rejected", True, False, False),
    ("postfix-too-large", "too_large", True, False, False),
    ("postfix-unknown-user", "wrong_address", True, True, False),
    ("qmail-no-mailbox", "wrong_address", True, True, False),
    ("qmail-over-quota", "full", True, False, False),
    ("qmail-queue-too-long", "expired", True, False, False),
    ("qmail-remote", "wrong_address", True, True, False),
    ("yahoo-deferred-for-days", "expired", True, False, False),
    ("yahoo-no-account", "wrong_address", True, True, False),
]
WORDS = {
    "exim-older": "Unrouteable address",
    "exim-older-full": (
        "(generated from mentor@uni.example) mailbox is full: retry timeout exceeded"
    ),
    "exim-retry-timeout": (
        "host mx.uni.example [192.0.2.25] Connection timed out: retry timeout exceeded"
    ),
    "qmail-no-mailbox": "Sorry, no mailbox here by that name. (#5.1.1)",
    "qmail-queue-too-long": (
        "CNAME lookup failed temporarily. (#4.4.3) I'm not going to try again; this message has "
        "been in the queue too long."
    ),
    "postfix-no-such-domain": (
        "Host or domain name not found. Name service error for name=uni.example type=AAAA: Host "
        "not found"
    ),
    "no-reason": "5.0.0",
    "complaint": "reported as abuse to their mail provider",
}


def sent_to(*people, kind="survey", match=None):
    """An email that the server took for these people."""
    addresses = [person.email for person in people]
    mail = EmailLogFactory(
        program=people[0].program,
        kind=kind,
        match=match,
        about=match.pk if match else people[0].pk,
        state="sent",
        sent_at=timezone.now(),
        recipients=addresses,
        delivered_to=addresses,
        sent_to=addresses,
    )
    mail.people.set(people)
    EmailLog.objects.filter(pk=mail.pk).update(message_id=message_id(mail))
    mail.refresh_from_db()
    return mail


def read(name, mail_id):
    return email.message_from_string(
        (FOLDER / f"{name}.eml").read_text().replace("$MESSAGE_ID", mail_id)
    )


@pytest.fixture
def ana():
    return ParticipantFactory(email=ANA, program=ProgramFactory())


@pytest.fixture
def pair(ana):
    match = MatchFactory(
        program=ana.program, mentor=ana, mentee__email="ben@lab.example", status="announced"
    )
    return sent_to(match.mentor, match.mentee, kind="match_in_person", match=match)


def told(program):
    return [alarm.sentence for alarm in alarms(program)]


def test_every_file_stands_in_the_table():
    there = {file.stem for file in FOLDER.glob("*.eml")}
    assert there == {row[0] for row in TABLE} | {"nothing-returned"}


@pytest.mark.parametrize(("name", "kind", "came_back", "is_wrong", "is_stopped"), TABLE)
def test_a_report_is_recorded_as_what_it_is(ana, name, kind, came_back, is_wrong, is_stopped):
    if name == "international":
        ana.email = "zoë@uni.example"
        ana.save()
    mail = sent_to(ana)
    assert record(read(name, mail.message_id)) is True
    mail.refresh_from_db()
    ana.refresh_from_db()
    bounce = Bounce.objects.get()
    assert (bounce.mail, bounce.address, bounce.kind) == (mail, ana.email, kind)
    assert (
        bool(mail.came_back_at),
        bool(ana.mail_bounced_at),
        bool(ana.unsubscribed_at),
    ) == (came_back, is_wrong, is_stopped)
    assert bounce.words == WORDS.get(name, bounce.words)
    assert bounce.words
    # Read again, it changes nothing.
    assert record(read(name, mail.message_id)) is True
    assert Bounce.objects.count() == 1
    # Only a wrong address has to be corrected before the email can go again.
    assert send_again(EmailLog.objects.all()) == (came_back and not is_wrong)


class TestOneOfTwo:
    def test_whose_mailbox_forwards_is_asked_and_settled(self, pair, client):
        user = MembershipFactory(program=pair.program).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert record(read("postfix-forwarded", pair.message_id)) is True
        pair.refresh_from_db()
        assert pair.state_reason == (
            "Bounced for one of its recipients; we cannot tell which: 550 5.1.1 "
            "<ana1987@private.example>: User unknown"
        )
        assert not pair.people.filter(mail_bounced_at__isnull=False)
        assert send_again(EmailLog.objects.all()) == 0
        page = reverse("admin:notifications_emaillog_change", args=[pair.pk])
        shown = client.get(page).content.decode()
        assert "one of these people forwards their email. Who did not get it?" in shown
        bounce = Bounce.objects.get()
        where = reverse("decide_on_bounce", args=[bounce.pk])
        client.post(where, {"address": "nobody@else.example"})
        assert Bounce.objects.unclear().count() == 1
        client.post(where, {"address": "ben@lab.example"})
        assert [p.email for p in pair.people.filter(mail_bounced_at__isnull=False)] == [
            "ben@lab.example"
        ]
        bounce.refresh_from_db()
        assert (bounce.address, bounce.settled_by) == ("ben@lab.example", user)
        # A second press decides nothing any more.
        assert dismiss(bounce) is False
        assert settle(bounce, ANA) is False

    def test_a_report_that_is_dismissed_leaves_the_email_sent(self, pair):
        record(read("postfix-forwarded", pair.message_id))
        assert dismiss(Bounce.objects.get()) is True
        pair.refresh_from_db()
        assert (pair.came_back_at, pair.state_reason) == (None, "")
        assert record(read("postfix-forwarded", pair.message_id)) is True
        assert Bounce.objects.unclear().count() == 0

    def test_a_full_mailbox_of_one_is_sent_to_that_one_again(self, pair):
        record(read("gmail-out-of-storage", pair.message_id))
        assert send_again(EmailLog.objects.all()) == 1
        pair.refresh_from_db()
        assert pair.delivered_to == ["ben@lab.example"]
        # Taken by the server again, and this time the other one's is full.
        EmailLog.objects.update(
            state="sent", sent_at=timezone.now(), delivered_to=["ben@lab.example", ANA]
        )
        text = (FOLDER / "postfix-mailbox-full.eml").read_text().replace(ANA, "ben@lab.example")
        record(email.message_from_string(text.replace("$MESSAGE_ID", pair.message_id)))
        assert send_again(EmailLog.objects.all()) == 1
        pair.refresh_from_db()
        assert pair.delivered_to == [ANA]

    def test_the_dashboard_asks_and_settles_it(self, pair):
        record(read("postfix-forwarded", pair.message_id))
        bounce = Bounce.objects.get()
        (asked,) = open_decisions(pair.program)
        assert asked.sentence == "1 bounce report does not say whose email it is about"
        assert [
            (case.who, case.detail, [button.choice for button in case.buttons])
            for case in asked.waiting.cases
        ] == [
            (
                "ana@uni.example, ben@lab.example",
                "Match, in person. ana1987@private.example: 550 5.1.1 <ana1987@private.example>: "
                "User unknown",
                [ANA, "ben@lab.example", "dismiss"],
            )
        ]
        settled = Settled(pair.program, str(bounce.pk), ANA)
        assert settle_case("unclear_bounce", settled) == f"Recorded: the email to {ANA} bounced."
        # Their match is asked about, too: the other does not reach them.
        assert [decision.kind.name for decision in open_decisions(pair.program)] == [
            "changed_while_matched",
            "bounced",
        ]

    def test_addresses_are_right_for_a_selection(self, pair, client):
        user = MembershipFactory(program=pair.program).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        chosen = [str(person.pk) for person in pair.people.all()]
        Participant.objects.filter(pk__in=chosen).update(
            mail_bounced_at=timezone.now(), mail_bounced_why="no such user"
        )
        page = reverse("admin:mentorship_participant_changelist")
        client.post(page, {"action": "trust_addresses", "_selected_action": chosen})
        assert not pair.people.filter(mail_bounced_at__isnull=False)


class TestAnOlderAddress:
    @pytest.fixture
    def corrected(self, ana):
        """An email that bounced at ana@, whose address was corrected, and was sent again."""
        mail = sent_to(ana)
        record(read("postfix-unknown-user", mail.message_id))
        ana.email = "right@uni.example"
        ana.mail_bounced_at = ana.mail_bounced_why = None
        ana.save()
        EmailLog.objects.update(
            recipients=["right@uni.example"],
            delivered_to=["right@uni.example"],
            sent_to=[ANA, "right@uni.example"],
            came_back_at=None,
            state_reason="",
        )
        return mail

    @pytest.mark.parametrize("again", ["postfix-unknown-user", "gmail-no-account"])
    def test_a_report_about_it_does_not_touch_the_new_one(self, ana, corrected, again):
        assert record(read(again, corrected.message_id)) is True
        corrected.refresh_from_db()
        ana.refresh_from_db()
        assert (corrected.came_back_at, ana.mail_bounced_at) == (None, None)
        assert {bounce.address for bounce in corrected.bounces.all()} == {ANA}

    def test_a_report_that_names_neither_is_asked_about(self, ana, corrected):
        record(read("postfix-forwarded", corrected.message_id))
        ana.refresh_from_db()
        assert ana.mail_bounced_at is None
        assert Bounce.objects.unclear().count() == 1


class TestWithoutOurEmail:
    def test_a_report_about_somebody_written_to_lately_is_listed(self, ana):
        mail = sent_to(ana)
        assert record(read("nothing-returned", mail.message_id)) is False
        mail.refresh_from_db()
        ana.refresh_from_db()
        assert (mail.came_back_at, ana.mail_bounced_at) == (None, None)
        bounce = Bounce.objects.unclear().get()
        assert (bounce.mail, bounce.reported) == (mail, ANA)
        # One question is enough, however many such reports somebody sends.
        message = read("nothing-returned", mail.message_id)
        message.replace_header("Message-Id", "<another@mx.example>")
        assert record(message) is False
        assert Bounce.objects.count() == 1
        assert settle(bounce, ANA) is True
        mail.refresh_from_db()
        assert mail.came_back_at is not None

    def test_one_about_a_stranger_is_not_ours(self, ana):
        sent_to(ana)
        EmailLog.objects.update(recipients=["x@y.example"])
        ana.email = "x@y.example"
        ana.save()
        assert record(read("nothing-returned", "<x@y>")) is False
        assert Bounce.objects.count() == 0


def test_only_what_somebody_would_get_is_offered_to_be_sent_again(ana):
    mail = sent_to(ana)
    record(read("postfix-mailbox-full", mail.message_id))
    worth = EmailLog.objects.worth_sending_again()
    assert list(worth) == [mail]
    SurveyResponseFactory(participant=ana)
    assert list(worth.all()) == []
    ana.responses.all().delete()
    assert list(worth.all()) == [mail]
    withdraw(ana, "changed plans")
    assert list(worth.all()) == []


class TestTroubleWithUs:
    def test_many_rejections_are_one_alarm_about_us_and_no_wrong_address(self):
        program = ProgramFactory()
        people = ParticipantFactory.create_batch(6, program=program)
        texts = itertools.repeat((FOLDER / "postfix-blocklisted.eml").read_text())
        for person, text in zip(people[:4], texts, strict=False):
            mail = sent_to(person)
            text = text.replace(ANA, person.email).replace("$MESSAGE_ID", mail.message_id)
            record(email.message_from_string(text))
        assert not [sentence for sentence in told(program) if "reject" in sentence]
        for person, text in zip(people[4:], texts, strict=False):
            mail = sent_to(person)
            text = text.replace(ANA, person.email).replace("$MESSAGE_ID", mail.message_id)
            record(email.message_from_string(text))
        assert [sentence for sentence in told(program) if "reject" in sentence] == [
            "Other mail servers rejected 6 of our emails within the last day."
        ]
        assert not any(person.mail_bounced_at for person in program.participants.all())
