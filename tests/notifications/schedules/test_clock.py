"""When schedules queue, by clocks that jump, beats that stop and people who come late."""

import datetime

import pytest

from mentorship.models import Program
from notifications.domain.schedules.hours import window
from notifications.domain.schedules.runs import run_schedules
from notifications.models import EmailBatch, EmailLog, Schedule, ScheduleRun
from tests.factories import ParticipantFactory, ProgramFactory
from tests.notifications.schedules.conftest import (
    CHECK_IN,
    DATES,
    SURVEY,
    answers,
    invited,
    local,
    queued,
    run,
    schedule,
)

pytestmark = pytest.mark.django_db
MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)


def utc(*numbers):
    return datetime.datetime(*numbers, tzinfo=datetime.UTC)


class TestHours:
    def test_queues_from_the_first_hour_to_the_last_on_the_programs_clock(self, program):
        schedule(program, SURVEY, from_hour=9, to_hour=17)
        ParticipantFactory(program=program, name="Ann")
        early, late = local(6, 14, 9) - MINUTE, local(6, 14, 17)
        assert run(local(6, 13, 12), early, late) == []
        assert run(late - MINUTE) == [("14 Jun 16:59", "survey", "Ann")]

    @pytest.mark.parametrize(
        ("zone", "noon"),
        [
            ("Pacific/Kiritimati", utc(2083, 6, 13, 22)),  # 14 hours ahead of UTC
            ("Pacific/Pago_Pago", utc(2083, 6, 14, 23)),  # 11 hours behind it
            ("Asia/Kathmandu", utc(2083, 6, 14, 6, 15)),
        ],
    )
    def test_a_day_is_the_programs_own_however_far_it_is_from_utc(self, zone, noon):
        program = ProgramFactory(time_zone=zone, **DATES)
        row = schedule(program, SURVEY, from_hour=12, to_hour=13)
        ParticipantFactory(program=program)
        assert run(noon - DAY, noon - MINUTE) == []
        assert len(run(noon)) == 1
        assert row.runs.get().day == datetime.date(2083, 6, 14)

    def test_an_hour_that_does_not_exist_is_the_one_that_comes_in_its_place(self):
        # In Berlin the clocks go from 2 to 3 on 28 March.
        program = ProgramFactory(
            time_zone="Europe/Berlin", survey_opens_on=datetime.date(2083, 3, 28)
        )
        row = schedule(program, SURVEY, from_hour=2, to_hour=3)
        three = utc(2083, 3, 28, 1)
        assert window(row, datetime.date(2083, 3, 28)) == (three, three + 60 * MINUTE)
        ParticipantFactory(program=program, name="Ann")
        assert run(three - MINUTE) == []
        assert run(three + 59 * MINUTE) == [("28 Mar 01:59", "survey", "Ann")]

    @pytest.mark.parametrize(
        ("day", "opens", "hours"),
        [
            (datetime.date(2026, 10, 25), utc(2026, 10, 24, 23), 1),  # until the first 2 o'clock
            (datetime.date(2083, 3, 28), utc(2083, 3, 28, 0), 1),  # until 2, which is 3
        ],
    )
    def test_ends_at_an_hour_that_occurs_twice_or_never(self, day, opens, hours):
        program = ProgramFactory(time_zone="Europe/Berlin")
        row = schedule(program, from_hour=1, to_hour=2)
        assert window(row, day) == (opens, opens + hours * 60 * MINUTE)

    def test_an_hour_that_occurs_twice_counts_once(self):
        # In Berlin the clocks go from 3 back to 2 on 25 October.
        program = ProgramFactory(
            time_zone="Europe/Berlin",
            survey_opens_on=datetime.date(2026, 10, 25),
        )
        row = schedule(program, SURVEY, from_hour=2, to_hour=3, keeps_on=False)
        first = utc(2026, 10, 25, 0)
        assert window(row, datetime.date(2026, 10, 25)) == (first, first + 120 * MINUTE)
        ParticipantFactory(program=program, name="Ann")
        assert len(run(first)) == 1
        ParticipantFactory(program=program, name="Late")
        assert run(first + 60 * MINUTE) == []
        assert row.runs.count() == 1

    @pytest.mark.parametrize(
        ("invited_at", "due"),
        [
            (utc(2083, 3, 26, 11), utc(2083, 3, 31, 10)),  # noon before and noon after
            (utc(2026, 10, 22, 10), utc(2026, 10, 27, 11)),
        ],
    )
    def test_a_reminder_keeps_its_hour_through_a_change_of_the_clocks(self, invited_at, due):
        program = ProgramFactory(time_zone="Europe/Berlin")
        schedule(program)
        invited(program, "Ann", invited_at)
        assert run(due - MINUTE) == []
        assert len(run(due)) == 1


class TestBeatWasOff:
    def test_reminds_each_once_and_again_only_as_long_after_the_one_that_really_left(self, program):
        schedule(program)
        invited(program, "Ann", local(6, 14, 10))
        # Off from the 17th to the 27th: both of Ann's reminders would have been due by now.
        assert run(local(6, 17, 12), local(6, 27, 12), local(6, 27, 12, 4), local(6, 28, 12)) == [
            ("27 Jun 12:00", "reminder", "Ann")
        ]
        assert run(local(7, 2, 11, 59), local(7, 2, 12), local(7, 7, 12)) == [
            ("02 Jul 12:00", "reminder", "Ann")
        ]

    def test_who_joined_meanwhile_is_reminded_only_after_their_own_invitation(self, program):
        schedule(program)
        invited(program, "Ann", local(6, 14, 10))
        ParticipantFactory(program=program, name="Never invited")
        invited(program, "Yesterday", local(6, 21, 15))
        assert run(local(6, 22, 12)) == [("22 Jun 12:00", "reminder", "Ann")]
        assert run(local(6, 26, 14, 59), local(6, 26, 15)) == [
            ("26 Jun 15:00", "reminder", "Yesterday")
        ]

    def test_one_day_that_went_by_is_made_up_for_at_the_next_permitted_hour(self, program):
        schedule(program, SURVEY, keeps_on=False)
        ParticipantFactory(program=program, name="Ann")
        assert run(local(6, 17, 20), local(6, 18, 8)) == []
        assert run(local(6, 18, 9), local(6, 19, 9)) == [("18 Jun 09:00", "survey", "Ann")]
        assert list(ScheduleRun.objects.values_list("day", "outcome")) == [
            (datetime.date(2083, 6, 18), "ran")
        ]

    def test_what_makes_no_sense_any_more_is_not_made_up_for(self, program):
        schedule(program, SURVEY)
        ParticipantFactory(program=program, name="Ann")
        assert run(local(7, 5, 9)) == []
        assert run(local(7, 4, 16, 59)) == [("04 Jul 16:59", "survey", "Ann")]


class TestReminders:
    def test_an_answer_a_second_before_stops_the_reminder(self, program):
        schedule(program)
        answers(invited(program, "Ann", local(6, 14, 10)))
        assert run(local(6, 19, 10)) == []

    def test_none_after_the_day_of_the_announcement(self, program):
        schedule(program)
        invited(program, "Ann", local(6, 14, 10))
        assert run(local(7, 9, 9)) == []
        assert run(local(7, 8, 16, 59)) == [("08 Jul 16:59", "reminder", "Ann")]

    def test_without_that_day_none_after_the_first_day_of_the_conference(self):
        program = ProgramFactory()
        schedule(program)
        invited(program, "Ann", local(6, 14, 10))
        assert run(local(7, 13, 9)) == []

    def test_no_more_than_the_schedule_says(self, program):
        schedule(program, at_most=1, after_days=2)
        invited(program, "Ann", local(6, 14, 10))
        assert len(run(*(local(6, day, 12) for day in (15, 16, 18, 20, 30)))) == 1


class TestLateComers:
    def test_are_asked_as_they_come_if_the_schedule_keeps_on(self, program):
        row = schedule(program, SURVEY)
        ParticipantFactory(program=program, name="Ann")
        assert run(local(6, 14, 9)) == [("14 Jun 09:00", "survey", "Ann")]
        ParticipantFactory(program=program, name="Late")
        assert run(local(6, 14, 9, 4), local(6, 15, 9)) == [("14 Jun 09:04", "survey", "Late")]
        assert [(r.day.day, r.batches.count()) for r in row.runs.all()] == [(14, 2)]

    def test_are_not_asked_if_it_does_not(self, program):
        schedule(program, SURVEY, keeps_on=False)
        assert run(local(6, 14, 9)) == []
        ParticipantFactory(program=program, name="Late")
        assert run(local(6, 14, 9, 4), local(6, 15, 9)) == []


class TestStopped:
    def test_nothing_goes_while_all_is_paused(self, program):
        ParticipantFactory(program=program)
        invited(program, "Ann", local(6, 14, 10))
        assert run(local(6, 20, 12)) == []
        schedule(program, is_on=False)
        schedule(program, SURVEY, is_on=False)
        assert run(local(6, 20, 12)) == []

    def test_what_is_paused_stays_so_beside_what_is_on(self, program):
        schedule(program)
        schedule(program, SURVEY, is_on=False)
        ParticipantFactory(program=program, name="Not invited")
        invited(program, "Ann", local(6, 14, 10))
        assert run(local(6, 20, 12)) == [("20 Jun 12:00", "reminder", "Ann")]

    def test_nothing_goes_once_the_program_is_anonymised(self, program):
        schedule(program)
        invited(program, "Ann", local(6, 14, 10))
        Program.objects.update(anonymised_at=local(6, 18))
        assert run(local(6, 20, 12)) == []
        assert Schedule.objects.get().trouble == ""

    def test_nothing_goes_on_a_day_that_was_skipped_and_a_reminder_goes_on_the_next(self, program):
        row = schedule(program)
        invited(program, "Ann", local(6, 14, 10))
        row.runs.create(day=datetime.date(2083, 6, 19), outcome="skipped", at=local(6, 15))
        assert run(local(6, 19, 12)) == []
        assert run(local(6, 20, 9)) == [("20 Jun 09:00", "reminder", "Ann")]

    def test_what_goes_once_does_not_go_at_all_if_its_day_was_skipped(self, program):
        row = schedule(program, SURVEY, keeps_on=False)
        ParticipantFactory(program=program)
        row.runs.create(day=datetime.date(2083, 6, 14), outcome="skipped", at=local(6, 1))
        assert run(local(6, 14, 12), local(6, 15, 12)) == []


class TestRun:
    def test_leaves_a_trace_with_its_mails(self, program):
        row = schedule(program, SURVEY)
        ParticipantFactory.create_batch(2, program=program)
        assert run_schedules(local(6, 14, 9)) == 2
        batch = EmailBatch.objects.get()
        assert (batch.run.schedule, batch.run.day, batch.run.at, batch.created_by) == (
            row,
            datetime.date(2083, 6, 14),
            local(6, 14, 9),
            None,
        )
        assert (batch.kind, batch.emails.count()) == ("survey", 2)
        assert set(EmailLog.objects.values_list("not_before", flat=True)) == {local(6, 14, 9)}

    def test_follows_a_conference_that_is_moved(self, program):
        schedule(program, CHECK_IN)
        Program.objects.update(
            starts_on=datetime.date(2083, 8, 2), ends_on=datetime.date(2083, 8, 6)
        )
        assert run_schedules(local(7, 13, 9)) == 0
        assert ScheduleRun.objects.count() == 0
        run_schedules(local(8, 3, 9))
        assert ScheduleRun.objects.get().day == datetime.date(2083, 8, 3)

    def test_a_text_that_cannot_be_used_is_noted_and_all_else_goes_on(self, program):
        row = schedule(program, SURVEY)
        schedule(program)
        ParticipantFactory(program=program, name="Ann")
        invited(program, "Bob", local(6, 14, 10))
        program.email_templates.bulk_create(
            [program.email_templates.model(program=program, kind="survey", subject="{{", body="x")]
        )
        run_schedules(local(6, 20, 9))
        assert queued() == [("reminder", "Bob")]
        row.refresh_from_db()
        assert row.trouble != ""
        program.email_templates.all().delete()
        run_schedules(local(6, 20, 9, 4))
        assert queued() == [("reminder", "Bob"), ("survey", "Ann")]
        row.refresh_from_db()
        assert row.trouble == ""

    def test_another_programs_people_get_nothing(self, program):
        schedule(program, SURVEY)
        ParticipantFactory(program__survey_opens_on=datetime.date(2083, 6, 14))
        assert run_schedules(local(6, 14, 9)) == 0


def test_programs_of_which_nothing_is_due_cost_no_query(django_assert_num_queries):
    for year in (2024, 2025, 2026):
        for _ in range(3):
            program = ProgramFactory(
                starts_on=datetime.date(year, 7, 12), ends_on=datetime.date(year, 7, 18)
            )
            schedule(program)
            schedule(program, CHECK_IN)
    with django_assert_num_queries(3):
        assert run_schedules(local(7, 1, 9)) == 0
