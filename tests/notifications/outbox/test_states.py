"""Each state of a mail and each step between them, against a real mail server."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from mentorship.domain.people.decisions import (
    withdraw,
)
from mentorship.models import Participant
from notifications.domain.outbox import decisions
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.worker import LEASE, TRIES, _Run, back_off, claim, sweep
from notifications.models import EmailLog
from tests.notifications.conftest import (
    NOON,
    announced_pair,
    arrived,
    at,
    deliver,
    invitations,
    later,
    states,
    unflowed,
)

pytestmark = pytest.mark.django_db


class TestSending:
    def test_sends_what_is_due_over_one_connection_and_keeps_what_is_not(self, moody):
        mails = invitations(3)
        EmailLog.objects.filter(pk=mails[2].pk).update(not_before=later(seconds=1))
        assert deliver() == {"sent": 2, "failed": 0, "uncertain": 0, "left": 1}
        assert arrived(moody) == [["a@mail.example"], ["b@mail.example"]]
        assert moody.connections == 1
        assert states() == ["sent", "sent", "queued"]
        mails[0].refresh_from_db()
        assert (mails[0].sent_at, mails[0].attempts, mails[0].delivered_to) == (
            NOON,
            1,
            ["a@mail.example"],
        )

    def test_what_arrives_is_from_the_committee_with_both_bodies(self, moody, settings):
        settings.DEFAULT_FROM_EMAIL = "mentors@conf.example"
        (mail,) = invitations(1, committee_name="Conf 27 Activities Committee")
        deliver()
        (message,) = moody.messages
        mail.refresh_from_db()
        assert {
            name: str(message[name])
            for name in ("From", "To", "Reply-To", "Subject", "Message-ID", "Auto-Submitted")
        } == {
            "From": "Conf 27 Activities Committee <mentors@conf.example>",
            "To": "a@mail.example",
            "Reply-To": "mentors@conf.example",
            "Subject": mail.subject,
            "Message-ID": mail.message_id,
            "Auto-Submitted": "auto-generated",
        }
        text, html = message.iter_parts()
        lines = text.get_content().replace("\r\n", "\n").splitlines()
        assert unflowed(lines) == mail.text_body.splitlines()
        assert html.get_content().replace("\r\n", "\n").strip() == mail.html_body.strip()

    def test_a_line_that_starts_with_a_dot_arrives_as_it_is(self, moody):
        (mail,) = invitations(1)
        EmailLog.objects.filter(pk=mail.pk).update(text_body=".\n..two\nend\n", html_body="<p>.")
        deliver()
        text, _ = moody.messages[0].iter_parts()
        assert text.get_content().replace("\r\n", "\n") == ".\n..two\nend\n"

    def test_one_mail_introduces_both_people_of_a_pair(self, moody):
        announced_pair()
        assert deliver() == {"sent": 1, "failed": 0, "uncertain": 0, "left": 0}
        assert arrived(moody) == [["mentor@freemail.example", "mentee@freemail.example"]]
        assert moody.messages[0]["To"] == "mentor@freemail.example, mentee@freemail.example"

    def test_an_unreachable_server_costs_no_try_and_is_said(self, settings, moody):
        (mail,) = invitations(1)
        settings.EMAIL_PORT = 1
        assert deliver() == {"sent": 0, "failed": 0, "uncertain": 0, "left": 1}
        mail.refresh_from_db()
        assert (mail.state, mail.attempts) == ("queued", 0)
        assert mail.state_reason.startswith("The mail server cannot be used: ")

    def test_a_mail_that_cannot_be_built_fails_alone(self, moody):
        mails = invitations(2)
        EmailLog.objects.filter(pk=mails[0].pk).update(subject="two\nlines")
        assert deliver() == {"sent": 1, "failed": 1, "uncertain": 0, "left": 0}
        assert arrived(moody) == [["b@mail.example"]]
        mails[0].refresh_from_db()
        assert mails[0].state_reason == (
            "Refused: a@mail.example: 554 Header values can't contain newlines "
            "(got 'two\\nlines' for header 'Subject')"
        )


class TestRefused:
    @pytest.mark.parametrize(
        ("refuse", "words"),
        [
            (lambda server: server.mail.append("421 too busy"), "421 too busy"),
            (lambda server: server.mail.append("451 try later"), "451 try later"),
            (lambda server: server.mail.append("drop"), "it closed the connection"),
            (
                lambda server: server.rcpt.update({"a@mail.example": ["450 greylisted"]}),
                "450 greylisted",
            ),
            (
                lambda server: server.rcpt.update({"a@mail.example": ["421 too many"]}),
                "421 too many",
            ),
            (
                lambda server: server.rcpt.update({"a@mail.example": ["drop"]}),
                "it closed the connection",
            ),
            (lambda server: server.data.append("451 local error"), "451 local error"),
            (lambda server: server.data.append("421 going down"), "421 going down"),
        ],
    )
    def test_for_now_means_queued_again_and_sent_later(self, moody, refuse, words):
        (mail,) = invitations(1)
        refuse(moody)
        assert deliver() == {"sent": 0, "failed": 0, "uncertain": 0, "left": 1}
        mail.refresh_from_db()
        assert (mail.state, mail.attempts, mail.sent_at) == ("queued", 1, None)
        assert mail.state_reason == f"Refused for now: a@mail.example: {words}"
        assert later(seconds=48) <= mail.not_before <= later(seconds=72)
        assert deliver() == {"sent": 0, "failed": 0, "uncertain": 0, "left": 1}
        assert deliver(later(minutes=2)) == {"sent": 1, "failed": 0, "uncertain": 0, "left": 0}
        assert arrived(moody) == [["a@mail.example"]]

    def test_waits_longer_each_time_and_not_all_at_once(self):
        whole = [minutes * 60 for minutes in (1, 4, 10, 30, 60, 120, 240)]
        spans = [back_off(tries).total_seconds() for tries in range(1, TRIES)]
        assert all(0.8 * w <= s <= 1.2 * w for w, s in zip(whole, spans, strict=True))
        assert len({back_off(7) for _ in range(20)}) > 10

    def test_gives_up_after_eight_tries_with_the_servers_words(self, moody):
        (mail,) = invitations(1)
        moody.rcpt["a@mail.example"] = ["450 greylisted"] * 9
        for hour in range(8):
            deliver(later(hours=5 * hour))
        mail.refresh_from_db()
        assert (mail.state, mail.attempts, mail.state_reason) == (
            "failed",
            8,
            "Refused 8 times: a@mail.example: 450 greylisted",
        )

    @pytest.mark.parametrize(
        "refuse",
        [
            lambda server: server.rcpt.update({"a@mail.example": ["550 no such user"]}),
            lambda server: server.data.append("554 looks like spam"),
        ],
    )
    def test_for_good_means_failed_and_the_next_mail_goes_on(self, moody, refuse):
        mails = invitations(2)
        refuse(moody)
        assert deliver() == {"sent": 1, "failed": 1, "uncertain": 0, "left": 0}
        assert arrived(moody) == [["b@mail.example"]]
        mails[0].refresh_from_db()
        assert mails[0].state_reason.startswith("Refused: a@mail.example: 55")

    def test_whoever_of_a_pair_has_it_does_not_get_it_again(self, moody):
        _, mail = announced_pair()
        moody.rcpt["mentee@freemail.example"] = ["450 greylisted", "550 no such user"]
        deliver()
        mail.refresh_from_db()
        assert (mail.state, mail.delivered_to) == ("queued", ["mentor@freemail.example"])
        deliver(later(hours=1))
        mail.refresh_from_db()
        assert (mail.state, mail.state_reason) == (
            "failed",
            "Refused: mentee@freemail.example: 550 no such user",
        )
        assert decisions.send_again(EmailLog.objects.all(), later(hours=1)) == 1
        assert deliver(later(hours=1))["sent"] == 1
        assert arrived(moody) == [["mentor@freemail.example"], ["mentee@freemail.example"]]


class TestUncertain:
    @pytest.mark.parametrize(("answer", "came"), [("take and drop", 1), ("drop", 0)])
    def test_a_connection_that_breaks_after_the_message_is_a_persons_to_judge(
        self, moody, answer, came
    ):
        (mail,) = invitations(1)
        moody.data.append(answer)
        assert deliver() == {"sent": 0, "failed": 0, "uncertain": 1, "left": 0}
        assert deliver(later(days=1)) == {"sent": 0, "failed": 0, "uncertain": 0, "left": 0}
        assert len(moody.messages) == came
        mail.refresh_from_db()
        assert mail.state == "uncertain"
        assert "It may have taken the email." in mail.state_reason

    def test_what_a_dead_worker_was_sending_is_uncertain_after_the_lease(self, moody):
        (mail,) = invitations(1)
        assert claim(_Run(at(NOON)), metered=True).pk == mail.pk
        assert states() == ["sending"]
        assert deliver(NOON + LEASE)["uncertain"] == 0
        over = NOON + LEASE + datetime.timedelta(seconds=1)
        assert deliver(over) == {"sent": 0, "failed": 0, "uncertain": 1, "left": 0}
        assert states() == ["uncertain"]
        assert moody.messages == []

    def test_a_person_can_say_that_it_arrived_or_send_it_again(self, moody):
        mails = invitations(2)
        for _ in mails:
            claim(_Run(at(NOON)), metered=True)
        sweep(later(hours=1))
        one, other = (EmailLog.objects.filter(pk=mail.pk) for mail in mails)
        assert decisions.was_sent(one) == 1
        assert decisions.send_again(other, later(hours=1)) == 1
        assert states() == ["sent", "queued"]
        assert one.get().delivered_to == ["a@mail.example"]
        assert deliver(later(hours=1))["sent"] == 1
        assert arrived(moody) == [["b@mail.example"]]

    def test_a_slow_worker_that_was_taken_for_dead_still_tells_the_end(self, moody):
        from notifications.domain.outbox.worker import finish
        from notifications.domain.transport.smtp import Outcome

        invitations(1)
        mail = claim(_Run(at(NOON)), metered=True)
        sweep(later(hours=1))
        finish(mail, Outcome(accepted=mail.recipients), later(hours=1))
        assert states() == ["sent"]

    def test_what_a_person_decided_meanwhile_stands(self, moody):
        from notifications.domain.outbox.worker import finish
        from notifications.domain.transport.smtp import Outcome

        invitations(1)
        mail = claim(_Run(at(NOON)), metered=True)
        sweep(later(hours=1))
        decisions.was_sent(EmailLog.objects.all())
        finish(mail, Outcome(refused={"a@mail.example": (550, "no")}), later(hours=1))
        assert states() == ["sent"]


class TestDecisions:
    def test_a_held_mail_does_not_leave_until_it_is_released(self, moody):
        invitations(1)
        decisions.hold_emails(EmailLog.objects.all())
        assert deliver()["sent"] == 0
        decisions.release_emails(EmailLog.objects.all())
        assert deliver()["sent"] == 1

    def test_what_a_person_cancelled_is_not_queued_anew(self, moody):
        (mail,) = invitations(1)
        decisions.cancel_by_hand(EmailLog.objects.all())
        assert queue_mail(mail.program, "survey", now=NOON).queued == 0
        assert deliver()["sent"] == 0

    def test_what_was_cancelled_for_its_reason_can_come_back_with_it(self, moody):
        (mail,) = invitations(1)
        withdraw(mail.people.get(), "ill")
        assert states() == ["cancelled"]
        assert decisions.send_again(EmailLog.objects.all()) == 0
        Participant.objects.update(withdrawn_at=None)
        assert queue_mail(mail.program, "survey", now=NOON).queued == 1
        assert states() == ["cancelled", "queued"]


def test_the_database_knows_which_states_have_a_time():
    (mail,) = invitations(1)
    for change in ({"state": "sent"}, {"sent_at": NOON}, {"attempts": 9}):
        with pytest.raises(IntegrityError), transaction.atomic():
            EmailLog.objects.filter(pk=mail.pk).update(**change)
