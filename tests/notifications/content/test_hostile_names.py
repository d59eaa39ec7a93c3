"""What hostile names and notes can not do, of every kind of mail, as it arrives.

Each mail is sent twice over SMTP: once about people with marks for names, once about people with
hostile names. The two may differ in nothing but that each mark is the hostile name, shown as text.
"""

from __future__ import annotations

import datetime
import re
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, assume, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from icalendar import Calendar

from matching.models import Concern, Match, Meeting
from mentorship.models import Participant, Program, SurveyResponse
from notifications.domain.content import placeholders
from notifications.domain.content.escaping import as_subject, as_text, one_line
from notifications.domain.content.rendering import render
from notifications.domain.content.templates import default_text
from notifications.domain.reasons import Candidate
from notifications.domain.transport.message import build_message, message_id
from notifications.domain.transport.smtp import Postman
from notifications.models import EmailLog, Kind
from tests.notifications.conftest import unflowed
from tests.notifications.content.test_rendering import NASTY, without_initials

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NOON = datetime.datetime(2027, 7, 12, 19, tzinfo=datetime.UTC)
# What stands for a name until the hostile one is put in its place.
MARKS = [f"zzmark{letter}zz" for letter in "abcdefg"]
ADDRESS_LIKE = re.compile(r"[^\W\d]:\S|[^\W\d][.@]\w|\S[.@\u3002\uff0e\uff61\uff20][^\W\d]")
CONTROL = re.compile("[\x00-\x1f\x7f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
EXAMPLES = max(hypothesis_settings.default.max_examples // 10, 5)


class Links(HTMLParser):
    """What a mail program sees of HTML: its tags with all they say, and its words."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[object] = []
        self.words = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, sorted(attributes)))

    def handle_endtag(self, tag):
        self.tags.append(tag)

    def handle_data(self, data):
        self.words += data

    def handle_comment(self, data):
        self.tags.append(("comment", data))


def subjects(words: list[str]) -> list[Candidate]:
    """One mail of each kind, about people who go by these words."""
    program = Program(
        pk=1,
        name="Conf 2027",
        slug="conf",
        starts_on=NOON.date(),
        ends_on=NOON.date(),
        time_zone="America/Los_Angeles",
        contact_email="mentors@conf.example",
        committee_people="Ann, Bob",
    )

    def person(pk, name, short_name, role):
        found = Participant(
            pk=pk, program=program, name=name, short_name=short_name, link_key=f"key{pk}",
            email=f"person{pk}@mail.example", signup_role=role, time_zone="Europe/Berlin",
        )  # fmt: skip
        found.__dict__ |= {"role": role, "attendance": "virtual"}
        return found

    mentor = person(1, words[0], words[1], "mentor")
    mentees = [person(2, words[2], words[3], "mentee"), person(3, words[4], words[5], "mentee")]
    matches = [
        Match(pk=pk, program=program, mentor=mentor, mentee=mentee)
        for pk, mentee in enumerate(mentees, 1)
    ]
    concern = Concern(pk=1, participant=mentor, kind=Concern.Kind.CANNOT_REACH, text=words[6])
    hour = Meeting(match=matches[0], starts_at=NOON, proposed_by=mentor, accepted_at=NOON)
    meetings = {1: NOON, 2: NOON + datetime.timedelta(hours=1)}
    pair = {"match": matches[0], "meetings": meetings}
    about = {
        Kind.MATCH_IN_PERSON: ((mentor, mentees[0]), pair),
        Kind.MATCH_CALL: ((mentor, mentees[0]), pair),
        Kind.MATCH_MENTOR: ((mentor,), {"group": tuple(matches), "meetings": meetings}),
        Kind.MATCH_MENTEE: ((mentees[0],), pair),
        Kind.MATCH_CHANGED: ((mentees[0],), pair),
        Kind.MEETING: ((mentees[0],), pair | {"hour": hour}),
        Kind.CHECK_IN: ((mentees[0],), pair),
        Kind.SIGNUP: ((mentor,), {"token": "token"}),
        Kind.ASK_MENTOR: ((mentor,), pair),
        Kind.ASK_MENTOR_AGAIN: ((mentor,), pair),
        Kind.PROBLEM_RECEIVED: ((mentor,), {"concern": concern}),
    }
    made = []
    response = SurveyResponse(
        pk=1, participant=mentor, submitted_at=NOON, name=words[0], notes=words[6]
    )
    about[Kind.RECEIPT] = ((mentor,), {"response": response})
    for kind in Kind:
        people, more = about.get(kind, ((mentor,), {}))
        made.append(Candidate(kind.value, 1, people, **more))
    return made


def mails(words: list[str]) -> list[EmailLog]:
    """The same as rows of the outbox."""
    made = []
    for pk, subject in enumerate(subjects(words), 1):
        program = subject.people[0].program
        text = default_text(subject.kind)
        values = {"program": placeholders.of_program(program), **subject.values()}
        rendered = render(text.subject, text.body, values)
        mail = EmailLog(
            pk=pk, program=program, kind=subject.kind, subject=rendered.subject,
            text_body=rendered.text, html_body=rendered.html, calendar=subject.calendar(NOON),
            recipients=[person.email for person in subject.people],
            reply_to=program.contact_email,
        )  # fmt: skip
        mail.message_id = message_id(mail)
        made.append(mail)
    return made


def delivered(words: list[str], server) -> list:
    """The messages as the server got them."""
    server.messages.clear()
    postman = Postman()
    postman.open()
    for mail in mails(words):
        assert postman.send(mail).refused == {}
    postman.close()
    return list(server.messages)


def body(message, kind: str) -> str:
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


def lines(message) -> list[str]:
    """The lines as written: where long ones are folded on the way depends on the names in them."""
    return unflowed(body(message, "plain").split("\n"))


def entries(message) -> list[list[tuple[str, str]]]:
    return [
        [(name, str(value)) for name, value in part.property_items(recursive=False)]
        for attachment in message.iter_attachments()
        for part in Calendar.from_ical(attachment.get_content()).walk()
    ]


@pytest.fixture
def marked(smtp):
    return delivered(MARKS, smtp)


# None is empty, which would be a person without a name, whose address is shown instead.
WORDS = st.lists(NASTY.filter(lambda words: words.strip()), min_size=7, max_size=7)
KNOWN = [
    "Eve\r\nBcc: all@evil.example",
    "[x](https://evil.example) <a href='https://evil.example'>x</a>",
    "{{ program.contact_email }} {% include 'x' %}",
    "www.evil.example eve@evil.example evil。example",
    "\u202eelpmaxe.live\u2066 \u200fx",
    '=?utf-8?q?=3Cb=3E?= \\n;," BEGIN:VEVENT',
    "A" * 10_000,
]


@pytest.mark.slow
@given(words=WORDS)
@example(words=KNOWN)
@example(words=KNOWN[::-1])
@example(words=["=?utf-8?q?=3Cb=3E?="] * 7)
@example(words=["\nEND:VEVENT\nATTACH:https://evil.example\n"] * 7)
@hypothesis_settings(
    max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nothing_comes_of_them_but_text(smtp, marked, words):
    assume(all(one_line(word) for word in words))

    def put_in(text: str, shown=as_text) -> str:
        for mark, word in zip(MARKS, words, strict=True):
            text = text.replace(mark, shown(word))
        return text

    hostile = delivered(words, smtp)
    assert len(hostile) == len(marked) == len(Kind)
    for got, plain in zip(hostile, marked, strict=True):
        assert [part.get_content_type() for part in got.walk()] == [
            part.get_content_type() for part in plain.walk()
        ]
        # Every header but the subject and what is drawn by lot is the same, and none is added.
        fixed = [
            [(name, str(value)) for name, value in message.items()
             if name not in ("Subject", "Content-Type", "Date")]
            for message in (got, plain)
        ]  # fmt: skip
        assert fixed[0] == fixed[1]
        assert sorted(got.keys()) == sorted(plain.keys())
        # Where a long header is folded, a blank more or less says nothing.
        assert got["Subject"].split() == as_subject(put_in(plain["Subject"])).split()
        assert lines(got) == put_in("\n".join(lines(plain))).split("\n")
        seen, expected = Links(body(got, "html")), Links(body(plain, "html"))
        assert seen.tags == expected.tags
        assert seen.words == put_in(expected.words)
        assert entries(got) == [
            [(name, put_in(value, lambda word: as_text(word)[:100])) for name, value in entry]
            for entry in entries(plain)
        ]


@given(words=NASTY)
@example(words="me@evil.example evil.example:8080 http:evil tel:+123 _x.y a.b@c 💩.la x。y")
def test_no_mail_program_finds_an_address_in_them(words):
    shown = as_text(words)
    assert not ADDRESS_LIKE.search(without_initials(shown.replace("\u200b", " ")))
    assert not CONTROL.search(shown)


@pytest.mark.slow
@given(name=NASTY)
def test_committee_that_signs_with_such_a_name_writes_one_from_header(name):
    (mail, *_) = mails(MARKS)
    mail.program.committee_name = name
    message = build_message(mail).message()
    assert "\n" not in message["From"].replace("\n ", "")
    assert len(message.get_all("From")) == 1
    assert "Bcc" not in message
