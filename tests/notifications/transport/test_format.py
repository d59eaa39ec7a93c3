"""What an email looks like to mail programs: who an answer goes to, its encoding, its colors."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from notifications.domain.content.pair_placeholders import propose_times
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailLog
from tests.factories import MatchFactory, ParticipantFactory
from tests.notifications.conftest import NOON, deliver, invitations, unflowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def match():
    return MatchFactory(mentor__name="Zoë Brown", mentee__name="J.R. Smith")


def sent(match, moody):
    queue_mail(match.program, "match", now=NOON)
    deliver_due(clock=lambda: NOON)
    return moody.messages[0]


def test_an_answer_to_a_pairs_email_goes_to_both(match, moody):
    message = sent(match, moody)
    both = f"{match.mentor.email}, {match.mentee.email}"
    assert (message["To"], message["Reply-To"], message["Cc"]) == (both, both, None)
    assert "mentors@conf.example" in message.get_body(("plain",)).get_content()


def test_without_an_address_of_the_committee_an_answer_goes_where_the_text_says(match, moody):
    match.program.contact_email = ""
    match.program.save()
    message = sent(match, moody)
    assert message["Reply-To"] is None
    text = " ".join(message.get_body(("plain",)).get_content().split())
    assert "reply to this email and we'll help" in text


def test_an_answer_to_a_trial_goes_to_nobody_of_the_program(match, moody, settings):
    settings.MAIL_REDIRECT_TO = "me@host.example"
    message = sent(match, moody)
    assert (message["To"], message["Reply-To"]) == ("me@host.example", "mentors@conf.example")


def test_it_can_be_carried_in_seven_bits(match, moody):
    message = sent(match, moody)
    encodings = [
        part["Content-Transfer-Encoding"] for part in message.walk() if not part.is_multipart()
    ]
    assert encodings == ["quoted-printable"] * 2
    assert "Zoë Brown" in message.get_body(("plain",)).get_content()
    assert "Zoë Brown" in message.get_body(("html",)).get_content()
    assert message.as_bytes().isascii()


def test_so_can_its_calendar_entry(moody):
    (mail,) = invitations(1)
    entry = "BEGIN:VCALENDAR\r\nSUMMARY:Zoë trifft Łukasz\r\nEND:VCALENDAR\r\n"
    EmailLog.objects.filter(pk=mail.pk).update(calendar=entry)
    deliver()
    (message,) = moody.messages
    (attached,) = message.iter_attachments()
    assert attached["Content-Transfer-Encoding"] == "quoted-printable"
    assert attached.get_content().encode() == entry.encode()
    assert message.as_bytes().isascii()


def test_its_lines_are_short_and_a_window_may_join_them(moody):
    (mail,) = invitations(1)
    paragraph = "Thank you, it is good to have you with us. " * 12
    body = f"Hi Ada,\n\n{paragraph.strip()}\n\n> quoted\nFrom here\nhttps://a.example/{'x' * 90}\n"
    EmailLog.objects.filter(pk=mail.pk).update(text_body=body)
    deliver()
    text = moody.messages[0].get_body(("plain",))
    assert text.get_param("format") == "flowed"
    lines = text.get_content().replace("\r\n", "\n").splitlines()
    assert [line for line in lines if len(line) > 78 and " " in line.strip()] == []
    assert unflowed(lines) == body.splitlines()


def test_its_colors_are_the_readers_own_and_it_has_a_title(match, moody):
    page = sent(match, moody).get_body(("html",)).get_content()
    assert "<title>" in page
    assert re.findall(r"<title>(.*)</title>", page) == [
        f"{match.program.name} mentorship: Zoë Brown, meet J.R. Smith"
    ]
    assert '<meta name="color-scheme" content="light dark">' in page
    assert re.findall(r"(?<!-)color:|background", page) == []


def test_the_invitation_says_where_reminders_end(moody):
    person = ParticipantFactory()
    queue_mail(person.program, "survey", now=NOON)
    text = EmailLog.objects.get().text_body
    assert f"unsubscribe from them (http://localhost:8000/p/{person.link_key}/reminders/)" in text


def test_lines_of_a_proposed_email_end_as_an_address_wants_it():
    link = propose_times(["a@x.example", "b@x.example"])
    assert "%0D%0A" in link
    assert re.findall(r"(?<!%0D)%0A", link) == []
    assert parse_qs(urlsplit(link).query)["body"][0].startswith("Hi,\r\n\r\nHere are")
