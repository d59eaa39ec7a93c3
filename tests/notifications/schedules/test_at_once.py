"""Two beats, or a beat and a person, at the same schedule."""

import datetime

import pytest

from notifications.domain.queueing import queue_mail
from notifications.domain.schedules.running import run_schedules
from notifications.models import EmailBatch, EmailLog, ScheduleRun
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


def test_what_goes_once_goes_once_although_somebody_joins_between_two_beats(program):
    schedule(program, SURVEY, keeps_on=False)
    ParticipantFactory.create_batch(3, program=program)

    def join_and_run():
        ParticipantFactory(program=program)
        return run_schedules(MORNING)

    ran = together(3, join_and_run)
    assert sorted(ran)[:2] == [0, 0]
    assert sum(ran) == EmailLog.objects.count() == EmailBatch.objects.get().emails.count()
    assert ScheduleRun.objects.get().day == datetime.date(2027, 6, 14)


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
