"""Mail that comes back, read from a real mailbox: whom it marks, and whom it does not."""

import logging

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from mentorship.domain.people.decisions import mark_bounced, save_details, trust_address
from notifications.domain.bounces.mailbox import read_mailbox
from notifications.domain.outbox.decisions import send_again
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.worker import deliver_due
from notifications.domain.transport.message import message_id
from notifications.domain.transport.smtp import ServerUnreachable
from notifications.models import Bounce, EmailLog, ReadMailbox
from notifications.tasks import read_bounces
from tests.factories import MatchFactory, MembershipFactory
from tests.notifications.bounces.conftest import returned
from tests.notifications.conftest import NOON

pytestmark = pytest.mark.django_db
WORDS = "550 5.1.1 no such user"


def marked(mail):
    return [bool(person.mail_bounced_at) for person in mail.people.order_by("pk")]


def looked():
    found = read_mailbox()
    return found.messages, found.reports


class TestPermanent:
    def test_marks_the_mail_and_the_person_with_the_servers_words(self, mailbox, sent):
        mailbox.receive(returned(sent.message_id, "a@mail.example"))
        assert looked() == (1, 1)
        sent.refresh_from_db()
        assert sent.state == "sent"
        assert sent.came_back_at is not None
        assert sent.state_reason == f"Bounced: a@mail.example: {WORDS}"
        assert [(p.mail_bounced_why, bool(p.mail_bounced_at)) for p in sent.people.all()] == [
            (WORDS, True)
        ]
        assert [(b.address, b.kind, b.words) for b in Bounce.objects.all()] == [
            ("a@mail.example", "wrong_address", WORDS)
        ]
        assert mailbox.unread() == []

    def test_counts_once_however_often_it_is_read(self, mailbox, sent):
        mailbox.receive(returned(sent.message_id, "a@mail.example"))
        assert looked() == (1, 1)
        assert looked() == (0, 0)
        trust_address(sent.people.get())
        ReadMailbox.objects.update(uid_validity=1)  # the mailbox was set up anew
        assert looked() == (1, 1)
        assert marked(sent) == [False]

    def test_is_found_though_somebody_opened_it_first(self, mailbox, sent):
        mailbox.receive(returned(sent.message_id, "a@mail.example"))
        list(mailbox.box.fetch())
        assert looked() == (1, 1)
        assert marked(sent) == [True]

    def test_cancels_what_waits_for_that_address(self, mailbox, sent):
        person = sent.people.get()
        match = MatchFactory(program=person.program, mentor=person)
        queue_mail(person.program, "match", now=NOON)
        mailbox.receive(returned(sent.message_id, "a@mail.example"))
        read_mailbox()
        waiting = EmailLog.objects.filter(kind="match_in_person", people=match.mentor)
        assert [mail.state for mail in waiting] == ["cancelled"]

    def test_of_two_people_only_the_one_it_names(self, mailbox, moody):
        match = MatchFactory(mentor__email="one@uni.example", mentee__email="two@lab.example")
        queue_mail(match.program, "match", now=NOON)
        deliver_due(clock=lambda: NOON)
        mail = EmailLog.objects.get()
        mailbox.receive(
            returned(mail.message_id, "other@elsewhere.example", subject="Somebody else"),
            returned(mail.message_id, "relayed@x.example", original="two@lab.example"),
        )
        assert looked() == (2, 2)
        people = mail.people.filter(mail_bounced_at__isnull=False)
        assert [person.email for person in people] == ["two@lab.example"]

    def test_a_mailbox_that_passes_its_mail_on_is_known_by_the_mail(self, mailbox, sent):
        mailbox.receive(returned(sent.message_id, "private@elsewhere.example"))
        read_mailbox()
        assert marked(sent) == [True]

    def test_a_person_with_another_address_by_now_is_not_marked(self, mailbox, sent):
        person = sent.people.get()
        person.email = "new@mail.example"
        save_details(person, ["email"])
        mailbox.receive(returned(sent.message_id, "a@mail.example"))
        read_mailbox()
        sent.refresh_from_db()
        assert (marked(sent), bool(sent.came_back_at)) == ([False], True)
        # Nor if it was corrected in this very moment.
        assert mark_bounced(person, "a@mail.example", WORDS) is False
        assert marked(sent) == [False]

    def test_a_form_of_an_older_server_is_understood(self, mailbox, sent):
        mailbox.receive(QMAIL.format(mail_id=sent.message_id))
        assert looked() == (1, 1)
        assert marked(sent) == [True]
        assert Bounce.objects.get().words == (
            "192.0.2.1 does not like recipient. Remote host said: 550 no such user"
        )

    def test_a_server_that_returns_no_mail_names_it_in_its_headers(self, mailbox, sent):
        report = returned("<other@x.example>", "a@mail.example")
        mailbox.receive(f"In-Reply-To: {sent.message_id}\n{report}")
        assert looked() == (1, 1)


class TestNotPermanent:
    def test_a_late_mail_is_noted_and_nobody_is_marked(self, mailbox, sent):
        mailbox.receive(
            returned(sent.message_id, "a@mail.example", action="delayed", status="4.4.1")
        )
        assert looked() == (1, 1)
        sent.refresh_from_db()
        assert (marked(sent), sent.came_back_at, sent.state_reason) == ([False], None, "")
        assert [b.kind for b in sent.bounces.all()] == ["late"]

    def test_a_report_that_it_arrived_is_no_bounce(self, mailbox, sent):
        mailbox.receive(returned(sent.message_id, "a@mail.example", action="delivered"))
        assert looked() == (1, 0)


class TestPerhapsOurs:
    """Reports on another email, or on a made-up one, to an address that we wrote to."""

    @pytest.mark.parametrize(
        "message",
        [
            pytest.param(lambda s: returned("<x@other.example>", "a@mail.example"), id="other"),
            pytest.param(
                lambda s: returned(
                    s.message_id.replace(s.message_id.split(".")[3][:12], "0" * 12),
                    "a@mail.example",
                ),
                id="forged-mark",
            ),
            pytest.param(
                lambda s: returned(
                    s.message_id.replace(f".{s.pk}.", f".{s.pk + 1}."), "a@mail.example"
                ),
                id="other-row",
            ),
        ],
    )
    def test_is_listed_and_left_unread(self, mailbox, sent, message):
        mailbox.receive(message(sent))
        assert looked() == (1, 0)
        sent.refresh_from_db()
        assert (marked(sent), sent.came_back_at) == ([False], None)
        assert [b.reported for b in Bounce.objects.unclear()] == ["a@mail.example"]
        assert len(mailbox.unread()) == 1


class TestNotOurs:
    @pytest.mark.parametrize(
        "message",
        [
            pytest.param(
                lambda s: (
                    f"From: a@mail.example\nSubject: Undelivered Mail Returned to Sender\n"
                    f"In-Reply-To: {s.message_id}\n\n"
                    "Hi. This is the qmail-send program at mx.example.\n\n"
                    f"<a@mail.example>:\nSorry\n\n--- Below\n\nMessage-ID: {s.message_id}\n"
                ),
                id="not-from-a-server",
            ),
            pytest.param(
                lambda s: (
                    f"From: a@mail.example\nSubject: Re: Hello\n"
                    f"References: {s.message_id}\n\nThank you!\n"
                ),
                id="answer",
            ),
            pytest.param(
                lambda s: (
                    f"From: postmaster@x.example\nSubject: Away\n"
                    f"In-Reply-To: {s.message_id}\n\nI am away until Monday.\n"
                ),
                id="away",
            ),
        ],
    )
    def test_is_left_untouched_and_unread(self, mailbox, sent, message):
        mailbox.receive(message(sent))
        assert looked() == (1, 0)
        assert (marked(sent), Bounce.objects.count()) == ([False], 0)
        assert len(mailbox.unread()) == 1

    def test_a_message_made_to_break_the_reader_does_not_keep_it_from_the_next(
        self, mailbox, sent, caplog
    ):
        broken = (
            "From: MAILER-DAEMON@x\nContent-Type: multipart/report; boundary=b\nSubject: Broken\n\n"
            "--b\nContent-Type: message/delivery-status\n\n\nFinal-Recipient: =?x?b?//?=\n"
            "Action: failed\n\n--b\nContent-Type: text/plain; charset=none-such\n"
            "Content-Transfer-Encoding: base64\n\n!!\n--b--\n"
        )
        mailbox.receive(broken, returned(sent.message_id, "a@mail.example"))
        read_mailbox()
        assert marked(sent) == [True]

    def test_what_others_have_thrown_away_stays_where_it_is(self, mailbox, sent):
        mailbox.receive("From: a@b\nSubject: Thrown away\n\nx\n")
        mailbox.box.client.uid("STORE", mailbox.box.uids()[0], "+FLAGS", r"(\Deleted)")
        mailbox.receive(returned(sent.message_id, "a@mail.example"))
        assert looked()[1] == 1
        mailbox.box.folder.set("INBOX")
        assert len(mailbox.box.uids()) == 2

    def test_words_are_on_one_line_and_short(self, mailbox, sent):
        mailbox.receive(
            returned(sent.message_id, "a@mail.example", words="550 \u202e<script>" + "x" * 900)
        )
        read_mailbox()
        words = Bounce.objects.get().words
        assert len(words) <= 500
        assert "\u202e" not in words


class TestReading:
    def test_a_wrong_password_is_said(self, mailbox, settings):
        settings.BOUNCE_IMAP_URL = mailbox.url.replace("p@ss", "wrong")
        with pytest.raises(ServerUnreachable, match=r"it does not let us in \(\[AUTH"):
            read_mailbox()

    def test_a_server_out_of_reach_or_without_a_certificate_is_said(
        self, mailbox, settings, monkeypatch, caplog
    ):
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(ServerUnreachable, match="certificate cannot be trusted"):
            read_mailbox()
        settings.BOUNCE_IMAP_URL = "imap+ssl://u:p@127.0.0.1:1"
        with caplog.at_level(logging.WARNING):
            assert read_bounces() == 0
        assert (
            "The mailbox for bounces cannot be read: nothing answers at that port." in caplog.text
        )
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("read_bounces")

    def test_the_command_says_what_it_found(self, mailbox, sent, capsys):
        mailbox.receive("From: a@b\nSubject: x\n\nx\n", returned(sent.message_id, "a@mail.example"))
        call_command("read_bounces")
        assert capsys.readouterr().out == "messages looked at: 2\nreports about our emails: 1\n"

    def test_without_a_mailbox_there_is_nothing_to_read(self, settings):
        assert read_bounces() == 0
        with pytest.raises(CommandError, match="BOUNCE_IMAP_URL is not set"):
            call_command("read_bounces")


class TestCorrecting:
    @pytest.fixture
    def back(self, mailbox, sent):
        mailbox.receive(returned(sent.message_id, "a@mail.example"))
        read_mailbox()
        sent.refresh_from_db()
        return sent

    @pytest.fixture
    def committee(self, back, client):
        user = MembershipFactory(program=back.program).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def test_the_committee_sees_it_corrects_the_address_and_sends_again(
        self, back, committee, moody
    ):
        person = back.people.get()
        dashboard = committee.get(reverse("admin:index")).content.decode()
        assert "1 email address bounced: correct it" in dashboard
        page = reverse("admin:mentorship_participant_change", args=[person.pk])
        assert f": {WORDS}. Correct the email address below" in committee.get(page).content.decode()
        assert "Send again" not in committee.get(page).content.decode()
        person.email = "right@mail.example"
        save_details(person, ["email"])
        person.refresh_from_db()
        assert (person.mail_bounced_at, person.mail_bounced_why) == (None, None)
        assert "Send again to right@mail.example" in committee.get(page).content.decode()
        dashboard = committee.get(reverse("admin:index")).content.decode()
        assert "1 bounced email can be sent again" in dashboard
        committee.post(reverse("decide_on_mail", args=[back.pk]), {"do": "send_again"})
        deliver_due()
        assert moody.envelopes[-1][1] == ["right@mail.example"]
        back.refresh_from_db()
        assert (back.state, back.came_back_at, back.recipients) == (
            "sent", None, ["right@mail.example"],
        )  # fmt: skip
        assert "bounced" not in committee.get(reverse("admin:index")).content.decode()

    def test_an_address_that_is_right_can_be_written_to_again(self, back, committee, moody):
        person = back.people.get()
        committee.post(reverse("decide_on_person", args=[person.pk]), {"do": "address"})
        person.refresh_from_db()
        assert person.mail_bounced_at is None
        assert send_again(EmailLog.objects.all()) == 1
        deliver_due()
        assert moody.envelopes[-1][1] == ["a@mail.example"]

    def test_the_mail_list_has_a_view_for_it(self, back, committee):
        listed = committee.get(reverse("admin:notifications_emaillog_changelist") + "?view=back")
        assert list(listed.context["cl"].queryset) == [back]
        mail = committee.get(reverse("admin:notifications_emaillog_change", args=[back.pk]))
        assert "The mail server took it, but another server returned it." in mail.content.decode()
        assert mail.context["decisions"] == {}
        assert send_again(EmailLog.objects.all()) == 0
        trust_address(back.people.get())
        mail = committee.get(reverse("admin:notifications_emaillog_change", args=[back.pk]))
        assert mail.context["decisions"] == {"send_again": "Send again"}

    def test_until_then_nothing_is_sent_and_no_reminder_counts_on_it(self, back):
        why = [{"email": "a@mail.example", "why": "email to this address bounced"}]
        assert queue_mail(back.program, "reminder", now=NOON).left_out == why
        trust_address(back.people.get())
        why = [{"email": "a@mail.example", "why": "has not been sent an invitation yet"}]
        assert queue_mail(back.program, "reminder", now=NOON).left_out == why

    def test_of_two_people_only_the_one_it_did_not_reach_gets_it_again(self, mailbox, moody):
        match = MatchFactory(mentor__email="one@uni.example", mentee__email="two@lab.example")
        queue_mail(match.program, "match", now=NOON)
        deliver_due(clock=lambda: NOON)
        mail = EmailLog.objects.get()
        mailbox.receive(returned(mail.message_id, "two@lab.example"))
        read_mailbox()
        trust_address(match.mentee)
        assert send_again(EmailLog.objects.all()) == 1
        deliver_due()
        assert [people for _, people in moody.envelopes] == [
            ["one@uni.example", "two@lab.example"],
            ["two@lab.example"],
        ]


def test_a_message_id_is_the_rows_and_nobody_elses(sent):
    assert message_id(sent) == sent.message_id


QMAIL = """Return-Path: <>
Date: Mon, 21 Jun 2027 10:00:00 +0000
From: MAILER-DAEMON@mx.example
To: mentors@conf.example
Subject: failure notice
Message-ID: <failure@mx.example>

Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<a@mail.example>:
192.0.2.1 does not like recipient.
Remote host said: 550 no such user

--- Below this line is a copy of the message.

Return-Path: <mentors@conf.example>
Message-ID: {mail_id}
Subject: A few questions

Hello
"""
