"""The limits of a mailbox provider, kept against a real mail server."""

import datetime

import pytest

from notifications.domain.outbox import deliver_due
from notifications.domain.queueing import queue_mail
from tests.factories import (
    ParticipantFactory,
)
from tests.notifications.conftest import (
    NOON,
    arrived,
    deliver,
    invitations,
    later,
)

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
