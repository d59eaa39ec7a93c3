"""A server that is no use to anybody: no email pays for it, and it is seen until it is over."""

from __future__ import annotations

import datetime

import pytest

from mentorship.domain.heartbeat import BOUNCES, SENDING, beat, note_trouble, troubles, waits_until
from notifications import tasks
from notifications.domain.bounces.mailbox import read_mailbox
from notifications.domain.outbox.alarms import alarms
from notifications.domain.transport.smtp import ServerUnreachable
from notifications.domain.transport.troubles import is_about_us
from notifications.models import EmailLog
from tests.factories import ProgramFactory
from tests.notifications.conftest import NOON, arrived, deliver, invitations, later

pytestmark = pytest.mark.django_db


def told(program, now):
    beat(now)
    return [alarm.sentence for alarm in alarms(program, now)]


def refuse_all(server, words):
    """Refuse the sender, whoever the email is for, twenty times."""
    server.mail += [words] * 20


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        "553 5.1.8 <mentors@conf.example>: Sender address rejected: Domain not found",
        "550 not you",
        "452 4.3.1 Insufficient system storage",
        "554 5.7.1 <x>: Client host rejected: Access denied",
        "530 5.7.0 Must issue a STARTTLS command first",
    ],
)
def test_a_refusal_of_us_costs_no_email_a_try_and_ends_by_itself(moody, words):
    mails = invitations(5)
    refuse_all(moody, words)
    for minutes in (0, 2, 4, 6):
        assert deliver(later(minutes=minutes))["left"] == 5
    (sentence,) = told(mails[0].program, later(minutes=6))
    assert sentence == (
        f"Emails are waiting: the mail server cannot be used: it refuses all emails ({words})."
    )
    assert {(mail.state, mail.attempts) for mail in EmailLog.objects.all()} == {("queued", 0)}
    assert len(moody.mail) == 20 - 4 * 2  # it was asked twice each time, not once for each email
    moody.mail.clear()
    assert deliver(later(minutes=8)) == {"sent": 5, "failed": 0, "uncertain": 0, "left": 0}
    assert sorted(arrived(moody)) == [[f"{letter}@mail.example"] for letter in "abcde"]
    assert told(mails[0].program, later(minutes=8)) == []


def test_a_server_that_does_not_relay_for_us_is_trouble_of_the_server(moody):
    invitations(3)
    denied = "554 5.7.1 <x@mail.example>: Relay access denied"
    for letter in "abc":
        moody.rcpt[f"{letter}@mail.example"] = [denied] * 3
    assert deliver() == {"sent": 0, "failed": 0, "uncertain": 0, "left": 3}
    assert troubles() == {
        "sending": f"The mail server cannot be used: it refuses all emails ({denied})"
    }


def test_a_refusal_of_one_email_among_others_counts_as_its_try(moody):
    mails = invitations(3)
    moody.rcpt["b@mail.example"] = ["554 5.7.1 <b@mail.example>: Relay access denied"] * 9
    assert deliver() == {"sent": 2, "failed": 0, "uncertain": 0, "left": 1}
    assert troubles() == {}
    (waiting,) = EmailLog.objects.filter(state="queued")
    assert (waiting.pk, waiting.attempts) == (mails[1].pk, 1)
    assert waiting.state_reason == (
        "Refused for now: b@mail.example: 554 5.7.1 <b@mail.example>: Relay access denied"
    )


@pytest.mark.parametrize(
    ("code", "words", "about_us"),
    [
        (550, "5.1.1 <a@b>: Recipient address rejected: User unknown", False),
        (552, "5.2.2 mailbox full, insufficient storage", False),
        (554, "5.7.1 Message rejected as spam", False),
        (450, "4.2.0 <a@b>: Recipient address rejected: Greylisted", False),
        (452, "4.3.1 Insufficient system storage", True),
        (554, "5.7.1 Service unavailable; Client host [192.0.2.1] blocked", True),
        (550, "5.7.1 Unable to relay for a@b", True),
        (553, "5.7.1 <m@c>: Sender address rejected: not owned by user me", True),
        (535, "wrong", True),
    ],
)
def test_what_is_about_us_and_what_about_the_recipient(code, words, about_us):
    assert is_about_us(code, words) is about_us


class TestNeverSaying:
    def test_after_five_in_a_row_sending_stops_and_says_so(self, moody):
        mails = invitations(9)
        moody.data += ["take and drop"] * 9
        assert deliver() == {"sent": 0, "failed": 0, "uncertain": 5, "left": 4}
        (sentence,) = told(mails[0].program, NOON)
        assert sentence == (
            "Emails are waiting: the mail server did not say of the last 5 emails whether it took "
            "them. Sending has stopped, and one email is tried now and then."
        )
        assert deliver(later(minutes=1), backs_off=True)["left"] == 4
        assert len(moody.envelopes) == 5
        # Later it tries one, and once that arrives all others follow.
        assert deliver(later(minutes=16), backs_off=True)["uncertain"] == 1
        moody.data.clear()
        assert deliver(later(minutes=40), backs_off=True)["sent"] == 3
        assert told(mails[0].program, later(minutes=40)) == []

    def test_one_that_arrives_between_them_ends_the_row(self, moody):
        invitations(11)
        moody.data += ["250 OK", *(["take and drop"] * 4 + ["250 OK"]) * 2]
        assert deliver() == {"sent": 3, "failed": 0, "uncertain": 8, "left": 0}


class TestBackingOff:
    def test_waiting_ends_with_a_sign_of_life(self):
        note_trouble(SENDING, "x", NOON, back_off=True)
        assert waits_until(SENDING, NOON) == later(minutes=3)
        beat(NOON, SENDING)
        assert waits_until(SENDING, NOON) is None


class TestBounceMailbox:
    def test_one_that_cannot_be_read_is_an_alarm_until_it_can(self, settings):
        program = ProgramFactory()
        settings.BOUNCE_IMAP_URL = "imap+ssl://u:p@127.0.0.1:1"
        with pytest.raises(ServerUnreachable):
            read_mailbox()
        assert told(program, NOON) == [
            "Bounces are not read. The mailbox for bounces cannot be read: nothing answers at that "
            "port. Check the name of the server and the port. Check BOUNCE_IMAP_URL."
        ]
        assert set(troubles()) == {BOUNCES}
        settings.BOUNCE_IMAP_URL = ""
        tasks.read_bounces()
        assert told(program, NOON + datetime.timedelta(minutes=1)) == []
