"""The clock jumps an hour ahead, or back again: what it has dated neither stops nor overrides."""

import asyncio
import datetime
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from celery import current_app
from celery.schedules import schedule
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from mentorship.beat import CLOCK_DRIFT, Scheduler
from mentorship.celery import app
from mentorship.domain.survey.answers import Answers
from mentorship.domain.survey.sending import send_form
from mentorship.models import Heartbeat, SurveyResponse
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import EmailLog
from tests.conftest import MailServer, free_port, run_mail_server
from tests.factories import ParticipantFactory, ProgramFactory
from tests.notifications.conftest import NOON, arrived, deliver, invitations, later, states

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE, HOUR = datetime.timedelta(minutes=1), datetime.timedelta(hours=1)


def seconds_until_due(scheduler):
    """Return of each of beat's tasks how long it waits, and the seconds between two of its runs."""
    entries = [row for row in scheduler.schedule.values() if isinstance(row.schedule, schedule)]
    return {entry.name: (entry.is_due().next, entry.schedule.seconds) for entry in entries}


def all_wait_their_usual_time(scheduler):
    waits = seconds_until_due(scheduler)
    assert len(waits) > 3
    return all(every - 5 < wait <= every for wait, every in waits.values())


def test_beat_goes_on_when_the_clock_goes_back():
    PeriodicTask.objects.update(last_run_at=timezone.now())
    scheduler = Scheduler(app=app)
    scheduler.tick()
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.model.last_run_at = timezone.now() + HOUR
    scheduler.populate_heap()
    assert not all_wait_their_usual_time(scheduler)

    scheduler.tick()

    assert all_wait_their_usual_time(scheduler)
    in_an_hour = timezone.now().timestamp() + HOUR.total_seconds()
    assert scheduler._heap[0].time < in_an_hour


def test_beat_that_starts_after_the_clock_went_back_does_not_wait_for_it():
    PeriodicTask.objects.update(last_run_at=timezone.now() + HOUR)
    scheduler = Scheduler(app=app)

    scheduler.tick()

    assert all_wait_their_usual_time(scheduler)


def test_a_clock_that_is_set_by_a_second_changes_nothing():
    moment = timezone.now() + CLOCK_DRIFT / 2
    PeriodicTask.objects.update(last_run_at=moment)
    scheduler = Scheduler(app=app)

    scheduler.tick()

    known = PeriodicTask.objects.filter(last_run_at=moment).values_list("name", flat=True)
    assert {scheduler.schedule[name].last_run_at for name in known} == {moment}


def test_what_was_sent_by_a_clock_that_was_ahead_takes_a_place_of_the_day_not_of_the_minute(smtp):
    invitations(6, mails_per_minute=2, mails_per_day=5)
    assert deliver(NOON + HOUR)["sent"] == 2
    assert deliver(NOON)["sent"] == 2
    assert deliver(later(seconds=61))["sent"] == 1
    assert deliver(later(hours=2)) == {"sent": 0, "failed": 0, "uncertain": 0, "left": 1}
    assert len(smtp.messages) == 5


def test_what_waits_for_its_time_waits_no_longer_than_the_clock_went_back(smtp):
    invitations(1)
    EmailLog.objects.update(not_before=NOON + HOUR)  # queued while the clock was ahead
    assert deliver(later(minutes=59))["left"] == 1
    assert deliver(NOON + HOUR)["sent"] == 1


@dataclass
class Jumping(MailServer):
    """Takes the message; before it says so, the clock jumps and another worker looks around."""

    jump: Callable[[], None] = lambda: None

    async def handle_DATA(self, server, session, envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        self.jump()
        return answer


def test_an_email_that_is_being_sent_when_the_clock_jumps_ahead_is_not_sent_twice(settings):
    def look_around():
        try:
            assert deliver(NOON + HOUR)["uncertain"] == 1
        finally:
            connection.close()

    invitations(1)
    somebody = ThreadPoolExecutor(1)
    server = Jumping(free_port(), jump=lambda: somebody.submit(look_around).result(20))
    with somebody, run_mail_server(server, settings):
        assert deliver(NOON)["sent"] == 1
        assert deliver(NOON + HOUR) == {"sent": 0, "failed": 0, "uncertain": 0, "left": 0}
        assert arrived(server) == [["a@mail.example"]]
    assert states() == ["sent"]


@dataclass
class Holding(MailServer):
    """Has the first message, and says so only when it is told to."""

    holds: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server, session, envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if not self.holds.is_set():
            self.holds.set()
            await asyncio.to_thread(self.may_answer.wait, 60)
        return answer


class Worker:
    """A worker with a queue of its own, and a clock that is so many seconds ahead."""

    def __init__(self, start_process, name, url, ahead):
        self.queue, self.ahead, self.seen = name, ahead, set()
        start_process(
            *("-m", "tests.committee.operation.wrong_clock", str(ahead), "worker", "-Q", name),
            *("--pool", "solo", "--without-mingle", "--without-gossip", "-l", "critical"),
            *("--hostname", name),
            EMAIL_URL=url,
        )

    def look(self):
        """Have the worker look into the outbox; return once it is at work on that."""
        before = len(self.seen)
        current_app.send_task("notifications.tasks.deliver_due", queue=self.queue)
        gives_up = time.monotonic() + 60
        while len(self.seen) == before:
            assert time.monotonic() < gives_up, "the worker does not look"
            signs = Heartbeat.objects.filter(part="worker").values_list("seen_at", flat=True)
            ahead = {sign: (sign - timezone.now()).total_seconds() for sign in signs}
            self.seen |= {
                sign for sign in signs if abs(ahead[sign] - self.ahead) < HOUR.seconds / 2
            }
            time.sleep(0.01)

    def look_around(self):
        """Have the worker look into the outbox; return once it has: it does one thing at a time."""
        self.look()
        self.look()


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize(("hours", "leave_early"), [(1, ["c"]), (-1, [])])
def test_beside_a_worker_whose_clock_is_wrong_each_email_leaves_once(
    settings, start_process, hours, leave_early
):
    current_app.control.purge()
    with run_mail_server(Holding(free_port()), settings) as server:
        right = Worker(start_process, "right", server.url, 0)
        wrong = Worker(start_process, "wrong", server.url, hours * 3600)
        right.look_around()
        wrong.look_around()
        now, day = timezone.now(), datetime.date(2090, 7, 10)
        program = ProgramFactory(starts_on=day, ends_on=day, mails_per_minute=0, mails_per_day=0)
        due = {"a": now - MINUTE, "b": now - MINUTE, "c": now + HOUR / 2, "d": now + 2 * HOUR}
        for name, moment in due.items():
            person = ParticipantFactory(program=program, email=f"{name}@mail.example")
            queue_mail(program, "survey", now=now)
            EmailLog.objects.filter(people=person).update(not_before=moment)

        right.look()
        assert server.holds.wait(60)
        wrong.look_around()
        server.may_answer.set()
        right.look_around()
        wrong.look_around()

    leave = ["a", "b", *leave_early]
    assert sorted(arrived(server)) == [[f"{name}@mail.example"] for name in leave]
    assert states() == ["sent" if name in leave else "queued" for name in due]


def test_what_somebody_answers_after_the_clock_went_back_counts():
    person = ParticipantFactory()
    first = send_form(person, Answers(notes="first"), seen=0, now=NOON + HOUR)
    second = send_form(person, Answers(notes="second"), seen=first.pk, now=NOON)
    third = send_form(person, Answers(notes="third"), seen=second.pk, now=later(minutes=5))

    person.refresh_from_db()
    assert person.notes == "third"
    by_time = SurveyResponse.objects.order_by("submitted_at").values_list("notes", flat=True)
    assert list(by_time) == ["first", "second", "third"]
    assert third.submitted_at - first.submitted_at < datetime.timedelta(seconds=1)
    fourth = send_form(person, Answers(notes="fourth"), seen=third.pk, now=later(hours=2))
    assert fourth.submitted_at == later(hours=2)
