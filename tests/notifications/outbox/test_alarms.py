"""What the dashboard and the outbox say when mail as a whole is in trouble."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from mentorship.domain.heartbeat import SILENT_AFTER, beat, is_silent, last_beat, note_trouble
from notifications import tasks
from notifications.domain.outbox.alarms import alarms
from notifications.domain.outbox.worker import deliver_due
from tests.factories import EmailLogFactory, MembershipFactory, ProgramFactory
from tests.notifications.conftest import NOON, invitations, later

pytestmark = pytest.mark.django_db
SILENT = "has not been seen"


@pytest.fixture
def program():
    beat(NOON)
    return ProgramFactory()


def sentences(program, now=NOON):
    return [alarm.sentence for alarm in alarms(program, now)]


class TestSilence:
    def test_worker_that_was_never_seen_is_told_of(self):
        assert sentences(ProgramFactory()) == [
            "The worker that sends emails has not been seen since the site was set up. "
            "No email is sent until it runs."
        ]

    def test_worker_is_silent_after_five_minutes(self, program):
        assert sentences(program, NOON + SILENT_AFTER) == []
        assert sentences(program, NOON + SILENT_AFTER + datetime.timedelta(seconds=1)) == [
            "The worker that sends emails has not been seen since June 20, 12:00 PM. "
            "No email is sent until it runs."
        ]

    def test_each_look_into_the_outbox_is_a_sign_of_life(self):
        assert is_silent(last_beat())
        tasks.deliver_due()
        assert not is_silent(last_beat())
        tasks.deliver_due()
        assert not is_silent(last_beat())


class TestFailures:
    def fail(self, program, count, **ago):
        EmailLogFactory.create_batch(
            count, program=program, state="failed", claimed_at=later() - datetime.timedelta(**ago)
        )

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("today", "days_before", "told"),
        [
            (2, [], False),
            (3, [], True),
            (3, [3, 3, 4], True),
            (3, [2] * 6, False),
            (5, [2] * 7, True),
        ],
    )
    def test_three_that_are_more_than_twice_the_usual_are_told_of(
        self, program, today, days_before, told
    ):
        self.fail(program, today, hours=23)
        for day, count in enumerate(days_before, 1):
            self.fail(program, count, days=day, hours=1)
        self.fail(ProgramFactory(), 9, hours=1)
        words = f"{today} emails were refused within the last day, which is more than usual."
        assert sentences(program) == ([words] if told else [])

    def test_a_server_that_lets_nobody_in_is_told_of_until_it_does(self, settings, moody):
        beat(NOON)
        (mail,) = invitations(1)
        port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
        deliver_due(clock=lambda: NOON)
        (told,) = sentences(mail.program)
        assert told.startswith("Emails are waiting: the mail server cannot be used: ")
        settings.EMAIL_PORT = port
        deliver_due(clock=lambda: NOON)
        assert sentences(mail.program) == []


@pytest.mark.parametrize(
    "address", [reverse("admin:index"), reverse("admin:notifications_emaillog_changelist")]
)
def test_stands_on_the_dashboard_and_in_the_outbox_while_it_lasts(client, program, address):
    member = MembershipFactory(program=program).user
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    beat(timezone.now() - 2 * SILENT_AFTER)
    assert SILENT in client.get(address).content.decode()
    beat(timezone.now())
    assert SILENT not in client.get(address).content.decode()


def test_health_says_it_and_stays_well(client):
    state = {"status": "ok", "database": "ok", "queue": "ok", "disk": "ok"}
    answer = client.get(reverse("health"))
    parts = {"worker": "silent", "email": "ok", "bounces": "ok"}
    assert (answer.status_code, answer.json()) == (200, {**state, **parts})
    beat()
    note_trouble("sending", "The mail server smtp.example cannot be used.")
    note_trouble("bounces", "The mailbox cannot be read.")
    parts = {"worker": "ok", "email": "trouble", "bounces": "trouble"}
    assert client.get(reverse("health")).json() == {**state, **parts}
    beat(part="sending")
    assert client.get(reverse("health")).json() == {**state, **parts, "email": "ok"}
