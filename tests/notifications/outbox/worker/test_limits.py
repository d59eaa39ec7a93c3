"""The limits of a mailbox provider, kept against a real mail server."""

import datetime

import pytest

from notifications.domain.outbox.limits import day_full_until
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailLog
from tests.factories import ParticipantFactory, ProgramFactory
from tests.notifications.conftest import NOON, arrived, deliver, invitations, later

pytestmark = pytest.mark.django_db


class TestLimit:
    def test_keeps_to_the_mails_a_minute_and_goes_on_after_it(self, moody):
        invitations(5, mails_per_minute=2)
        assert deliver() == {"sent": 2, "failed": 0, "uncertain": 0, "left": 3}
        assert deliver(later(seconds=59))["sent"] == 0
        assert deliver(later(seconds=61))["sent"] == 2
        assert len(moody.messages) == 4

    def test_one_program_at_its_limit_does_not_stop_another(self, moody):
        invitations(3, mails_per_minute=1)
        other = ParticipantFactory(program__mails_per_minute=0, email="other@mail.example")
        queue_mail(other.program, "survey", now=NOON)
        assert deliver()["sent"] == 2
        assert arrived(moody) == [["a@mail.example"], ["other@mail.example"]]

    def test_the_command_waits_for_its_turn(self, moody):
        invitations(5, mails_per_minute=2)
        now = [NOON]
        waited = []

        def wait(seconds):
            waited.append(seconds)
            now[0] += datetime.timedelta(seconds=seconds)

        tally = deliver_due(clock=lambda: now[0], wait=wait)
        assert tally.as_dict() == {"sent": 5, "failed": 0, "uncertain": 0, "left": 0}
        assert waited == [60, 60]

    def test_files_have_no_limit(self, settings, tmp_path):
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        settings.EMAIL_FILE_PATH = tmp_path
        invitations(3, mails_per_minute=1)
        assert deliver()["sent"] == 3


class TestLimitOfADay:
    def test_keeps_to_it_within_any_24_hours_and_goes_on_mail_by_mail(self, moody):
        invitations(5, mails_per_day=2)
        EmailLog.objects.filter(pk__gt=EmailLog.objects.earliest("pk").pk).update(
            not_before=later(hours=6)
        )
        assert deliver()["sent"] == 1
        assert deliver(later(hours=6))["sent"] == 1
        assert deliver(later(hours=23, minutes=59))["sent"] == 0
        assert deliver(later(hours=24))["sent"] == 1
        assert deliver(later(hours=29, minutes=59))["sent"] == 0
        assert deliver(later(hours=30))["sent"] == 1
        assert len(moody.messages) == 4

    def test_holds_beside_the_limit_of_a_minute(self, moody):
        invitations(5, mails_per_minute=2, mails_per_day=3)
        assert [deliver(later(minutes=minute))["sent"] for minute in range(3)] == [2, 1, 0]

    def test_the_command_waits_a_minute_but_not_a_day(self, moody):
        invitations(5, mails_per_minute=2, mails_per_day=3)
        now = [NOON]

        def wait(seconds):
            now[0] += datetime.timedelta(seconds=seconds)

        tally = deliver_due(clock=lambda: now[0], wait=wait)
        assert (tally.sent, tally.left, now[0]) == (3, 2, later(minutes=1))
        assert tally.trouble == (
            "The limit of the mailbox provider is reached; sending continues in 1439 min."
        )

    def test_says_when_mail_goes_on(self, moody, settings):
        mails = invitations(3, mails_per_day=2)
        program = mails[0].program
        assert day_full_until(program, NOON) is None
        deliver()
        assert day_full_until(program, later(hours=1)) == later(hours=24)
        assert day_full_until(program, later(hours=24)) is None
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        settings.EMAIL_FILE_PATH = settings.MAIL_DIR
        assert day_full_until(program, later(hours=1)) is None

    def test_a_new_program_stays_below_what_a_free_mailbox_allows(self):
        program = ProgramFactory()
        assert (program.mails_per_minute, program.mails_per_day) == (30, 400)
