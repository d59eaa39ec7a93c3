"""Two beats, or a beat and a person, at the same schedule."""

import threading

import pytest
from django.db import connection, transaction

from mentorship.models import Program
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.schedules.runs import run_schedules
from notifications.models import EmailBatch, EmailLog, ScheduleRun
from tests.conftest import until_somebody_waits_for_a_lock
from tests.factories import ParticipantFactory
from tests.notifications.conftest import together
from tests.notifications.schedules.conftest import SURVEY, local, schedule

pytestmark = pytest.mark.django_db(transaction=True)
MORNING = local(6, 14, 9)


def test_several_beats_at_once_queue_each_mail_once(program):
    schedule(program, SURVEY)
    ParticipantFactory.create_batch(20, program=program)
    assert sorted(together(4, lambda: run_schedules(MORNING))) == [0, 0, 0, 20]
    assert EmailLog.objects.count() == 20
    assert ScheduleRun.objects.count() == EmailBatch.objects.count() == 1


def test_what_goes_once_does_not_go_again_to_who_joins_while_another_beat_runs(program):
    row = schedule(program, SURVEY, keeps_on=False)
    started = threading.Event()

    def second_beat():
        started.set()
        try:
            run_schedules(MORNING)
        finally:
            connection.close()

    beat = threading.Thread(target=second_beat)
    with transaction.atomic():
        Program.objects.locked(program.pk)
        beat.start()
        started.wait()
        if connection.vendor == "postgresql":
            until_somebody_waits_for_a_lock()
        row.runs.create(day=MORNING.date(), at=MORNING)
        ParticipantFactory(program=program)
    beat.join()
    assert EmailLog.objects.count() == 0


def test_a_person_who_presses_the_button_at_the_same_moment_doubles_nothing(program):
    schedule(program, SURVEY)
    ParticipantFactory.create_batch(20, program=program)
    by_hand = iter([True, False])

    def queue():
        if next(by_hand):
            return queue_mail(program, "survey", now=MORNING, rest_seconds=120).queued
        return run_schedules(MORNING)

    assert sorted(together(2, queue)) == [0, 20]
    assert EmailLog.objects.count() == 20
