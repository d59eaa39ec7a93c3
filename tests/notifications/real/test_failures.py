"""What goes wrong with a real Postfix: seen at once, and over by itself once it is repaired."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from mentorship.domain.heartbeat import beat
from notifications.domain.bounces.mailbox import read_mailbox
from notifications.domain.outbox.alarms import alarms
from notifications.domain.outbox.decisions import send_again
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import Bounce, EmailLog
from tests.certificates import make_certificate
from tests.conftest import free_port
from tests.factories import MatchFactory
from tests.notifications.conftest import NOON, arrived, deliver, invitations, later, states
from tests.notifications.real.dovecot import PASSWORD, USER

pytestmark = pytest.mark.django_db(transaction=True)
FOUR = [[f"{letter}@mail.example"] for letter in "abcd"]


def told(now=NOON):
    beat(now)
    program = EmailLog.objects.first().program
    return " ".join(alarm.sentence for alarm in alarms(program, now))


def all_arrive(world, relay, now):
    """Deliver from `now` on until nothing is queued; each email has arrived exactly once."""
    for minutes in range(0, 400, 20):
        if "queued" not in states():
            break
        deliver(now + (later(minutes=minutes) - NOON))
    relay.wait_until_empty()
    assert (sorted(arrived(world)), set(states())) == (FOUR, {"sent"})
    assert told(now) == ""


@pytest.mark.parametrize(
    ("options", "usual", "words"),
    [
        pytest.param(
            {"queue_minfree": "1000000000000000"},
            "0",
            "452 4.3.1 Insufficient system storage",
            id="disk full",
        ),
        pytest.param(
            {
                "smtpd_sender_restrictions": (
                    "check_sender_access inline:{{mentors@conf.example=553 5.7.1 not owned by you}}"
                )
            },
            "",
            "553 5.7.1 <mentors@conf.example>: Sender address rejected: not owned by you",
            id="wrong sender",
        ),
        pytest.param(
            {"mynetworks": "192.0.2.0/24"},
            "127.0.0.0/8",
            "554 5.7.1 <a@mail.example>: Relay access denied",
            id="relaying denied",
        ),
        pytest.param(
            {"smtpd_client_restrictions": "reject"},
            "",
            "554 5.7.1 <unknown[127.0.0.1]>: Client host rejected: Access denied",
            id="client refused",
        ),
    ],
)
def test_a_server_that_refuses_us(relay, world, options, usual, words):
    invitations(4)
    relay.restart(**options)
    assert deliver() == {"sent": 0, "failed": 0, "uncertain": 0, "left": 4}
    said = told()
    assert said.startswith("Emails are waiting: the mail server cannot be used: it refuses all")
    assert words.partition("<")[0] in said
    assert {mail.attempts for mail in EmailLog.objects.all()} == {0}
    relay.restart(**dict.fromkeys(options, usual))
    all_arrive(world, relay, later(minutes=2))


def test_a_server_that_is_stopped(relay, world):
    invitations(4)
    relay.stop()
    assert deliver()["left"] == 4
    assert told() == (
        "Emails are waiting: the mail server cannot be used: nothing answers at that port. Check "
        "the name of the server and the port."
    )
    relay.start()
    all_arrive(world, relay, NOON)


def test_a_server_that_is_killed_with_emails_in_its_queue(relay, world):
    invitations(4)
    relay.restart(relayhost="[127.0.0.1]:1")  # the world cannot be reached
    assert deliver()["sent"] == 4
    relay.kill()
    assert arrived(world) == []
    relay.start(relayhost=f"[127.0.0.1]:{world.port}")
    all_arrive(world, relay, later(minutes=2))


def test_a_server_that_takes_only_so_many_a_minute(relay, world):
    invitations(4)
    relay.restart(
        smtpd_client_message_rate_limit="1",
        smtpd_client_event_limit_exceptions="",
        anvil_rate_time_unit="3600s",
    )
    assert deliver() == {"sent": 1, "failed": 0, "uncertain": 0, "left": 3}
    assert "450 4.7.1 Error: too much mail from 127.0.0.1" in told()
    assert {mail.attempts for mail in EmailLog.objects.filter(state="queued")} == {0}
    relay.restart(smtpd_client_message_rate_limit="0")
    all_arrive(world, relay, later(minutes=2))


def test_greylisting_is_a_try_of_each_email(relay, world):
    invitations(4)
    grey = "check_recipient_access static:{450 4.2.0 Greylisted, come back}, permit_mynetworks"
    relay.restart(smtpd_recipient_restrictions=grey)
    assert deliver() == {"sent": 0, "failed": 0, "uncertain": 0, "left": 4}
    mail = EmailLog.objects.order_by("pk").first()
    assert (mail.attempts, mail.state_reason) == (
        1,
        "Refused for now: a@mail.example: 450 4.2.0 <a@mail.example>: Recipient address rejected: "
        "Greylisted, come back",
    )
    relay.restart(smtpd_recipient_restrictions="permit_mynetworks")
    all_arrive(world, relay, later(minutes=5))


def test_a_certificate_that_nobody_vouches_for(relay, world, settings, tmp_path, monkeypatch):
    invitations(4)
    tmp_path.chmod(0o755)
    certificate, key = make_certificate(tmp_path, days=-1)
    relay.restart(
        smtpd_tls_security_level="encrypt",
        smtpd_tls_cert_file=str(certificate),
        smtpd_tls_key_file=str(key),
    )
    settings.EMAIL_USE_TLS, settings.EMAIL_HOST = True, "127.0.0.1"
    deliver()
    assert "its certificate cannot be trusted (self-signed certificate)" in told()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    deliver()
    assert "its certificate cannot be trusted (certificate has expired)" in told()
    make_certificate(tmp_path)
    relay.restart()
    all_arrive(world, relay, NOON)


def test_a_password_that_was_changed(relay, world, returned, settings):
    invitations(4)
    relay.restart(
        smtpd_sasl_auth_enable="yes",
        smtpd_sasl_type="dovecot",
        smtpd_sasl_path="private/auth",
        mynetworks="192.0.2.0/24",
        smtpd_relay_restrictions="permit_sasl_authenticated, reject",
    )
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
    returned.set_password("another")
    deliver()
    assert "it does not let us in (535 5.7.8 Error: authentication failed" in told()
    assert "'" not in told()
    returned.set_password(PASSWORD)
    all_arrive(world, relay, NOON)


def test_a_server_that_hangs_after_the_email(relay, world):
    """Nobody knows whether it took the email: it is asked about, and not sent twice by itself."""
    invitations(4)
    quiet = socket.create_server(("127.0.0.1", free_port()))
    threading.Thread(target=lambda: [quiet.accept() for _ in range(9)], daemon=True).start()
    relay.restart(
        smtpd_end_of_data_restrictions=(
            f"check_policy_service inet:127.0.0.1:{quiet.getsockname()[1]}"
        ),
        smtpd_policy_service_timeout="100s",
    )
    assert deliver(seconds=1) == {"sent": 0, "failed": 0, "uncertain": 1, "left": 3}
    relay.restart(smtpd_end_of_data_restrictions="")
    quiet.close()
    deliver(later(minutes=2))
    assert states() == ["uncertain", "sent", "sent", "sent"]
    send_again(EmailLog.objects.filter(state="uncertain"), later(minutes=3))
    all_arrive(world, relay, later(minutes=3))


def test_an_email_that_is_too_long_fails_alone_and_goes_once_it_may(relay, world):
    invitations(4)
    relay.restart(message_size_limit="1000")
    assert deliver() == {"sent": 0, "failed": 4, "uncertain": 0, "left": 0}
    assert told() == "4 emails were refused within the last day, which is more than usual."
    assert "552 5.3.4 Error: message file too big" in EmailLog.objects.first().state_reason
    relay.restart(message_size_limit="10240000")
    send_again(EmailLog.objects.all(), later(days=2))
    deliver(later(days=2))
    relay.wait_until_empty()
    assert sorted(arrived(world)) == FOUR


def test_an_address_of_any_letters_where_the_server_takes_them(relay, world):
    match = MatchFactory(mentor__email="ann@mail.example", mentee__email="jörg@uni.example")
    queue_mail(match.program, "match", now=NOON)
    refusal = "553 the address has letters that this mail server cannot take"
    deliver()
    assert EmailLog.objects.get().refusals == {"jörg@uni.example": refusal}
    relay.restart(smtputf8_enable="yes")
    send_again(EmailLog.objects.all(), later(minutes=2))
    deliver(later(minutes=2))
    relay.wait_until_empty()
    assert arrived(world) == [["ann@mail.example"], ["jörg@uni.example"]]
    assert world.messages[1]["To"] == "ann@mail.example, jörg@uni.example"


class TestWhatComesBack:
    def wait_for_reports(self, relay, count):
        relay.wait_until_empty()
        ends = time.monotonic() + 20
        while len(list(relay.mailbox.glob("new/*"))) < count:
            assert time.monotonic() < ends, relay.log
            time.sleep(0.1)

    @pytest.mark.parametrize(
        ("words", "kind", "is_marked"),
        [
            ("550 5.1.1 no such user", "wrong_address", True),
            ("552 5.2.2 mailbox full", "full", False),
            ("554 5.7.1 blocked as spam", "rejected", False),
        ],
    )
    def test_is_read_from_a_real_mailbox(self, relay, world, returned, words, kind, is_marked):
        (mail,) = invitations(1)
        world.rcpt["a@mail.example"] = [words]
        assert deliver()["sent"] == 1
        self.wait_for_reports(relay, 1)
        found = read_mailbox()
        assert (found.messages, found.reports) == (1, 1)
        bounce = Bounce.objects.get()
        person = mail.people.get()
        assert (bounce.address, bounce.kind, bounce.words) == ("a@mail.example", kind, words)
        assert bool(person.mail_bounced_at) is is_marked

    def test_a_mailbox_that_is_full_gets_it_later(self, relay, world, returned):
        invitations(4)
        world.rcpt["c@mail.example"] = ["552 5.2.2 mailbox full"]
        deliver()
        self.wait_for_reports(relay, 1)
        read_mailbox()
        assert send_again(EmailLog.objects.can_go_again(), later(days=1)) == 1
        all_arrive(world, relay, later(days=1))

    def test_a_password_of_the_mailbox_that_was_changed_is_an_alarm(self, relay, returned):
        invitations(1)
        returned.set_password("another")
        with pytest.raises(Exception, match="it does not let us in"):
            read_mailbox()
        assert told().startswith("Bounces are not read. The mailbox for bounces cannot be read: ")
        returned.set_password(PASSWORD)
        read_mailbox()
        assert told() == ""
