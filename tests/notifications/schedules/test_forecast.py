"""What the calendar and the dashboard say will go by itself, and that it is what then goes."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from mentorship.domain.people.decisions import withdraw
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.schedule_defaults import schedule_of, schedules_of
from notifications.domain.schedules.calendar import days_of
from notifications.domain.schedules.changes import (
    change_schedule,
    pause_all,
    skip_day,
    unskip_day,
)
from notifications.domain.schedules.forecast import forecast, next_automatic
from notifications.domain.schedules.runs import run_schedules
from notifications.domain.schedules.sentences import describe, sentence_of
from notifications.domain.schedules.summary import summary
from notifications.models import AUTOMATIC, EmailLog, Kind, Schedule, ScheduleRun
from tests.factories import MatchFactory, ParticipantFactory, ProgramFactory, UserFactory
from tests.notifications.schedules.conftest import (
    CHECK_IN,
    FEEDBACK,
    REMINDER,
    SURVEY,
    answers,
    invited,
    leave,
    local,
    run,
    schedule,
    sent,
)

pytestmark = pytest.mark.django_db
JUNE_1 = local(6, 1, 12)


def told(program, kind, now=JUNE_1, **options):
    """What a forecast says of a kind: (when, whom)."""
    return [
        (f"{one.at:%d %b %H:%M}", sorted(str(person) for person in one.people))
        for one in forecast(program, now, **options)[kind]
    ]


class TestUsual:
    def test_a_new_program_has_a_schedule_of_each_kind_and_all_of_them_are_paused(self, program):
        assert [
            (s.kind, s.is_on, s.anchor, s.days, s.keeps_on, s.after_days, s.at_most)
            for s in schedules_of(program)
        ] == [
            ("survey", False, "survey_opens_on", 0, True, None, None),
            ("reminder", False, "", 0, True, 5, 2),
            ("role", False, "survey_opens_on", 1, True, None, None),
            ("check_in", False, "starts_on", 1, False, None, None),
            ("feedback", False, "ends_on", 1, False, None, None),
        ]
        for usual in schedules_of(program):
            usual.full_clean()

    def test_nobody_is_told_of_a_match_or_of_none_by_a_clock(self):
        assert set(AUTOMATIC) == {
            Kind.SURVEY,
            Kind.REMINDER,
            Kind.ROLE,
            Kind.ASK_MENTOR_AGAIN,
            Kind.CHECK_IN,
            Kind.FEEDBACK,
        }


class TestForecast:
    def test_the_survey_goes_to_who_has_not_got_it_on_its_first_day(self, program):
        schedule(program, SURVEY)
        ParticipantFactory(program=program, name="Ann")
        answers(ParticipantFactory(program=program, name="Answered"))
        withdraw(ParticipantFactory(program=program, name="Gone"), "ill")
        assert told(program, "survey") == [("14 Jun 09:00", ["Ann"])]
        run_schedules(local(6, 14, 9))
        assert told(program, "survey", local(6, 14, 9, 1)) == [("14 Jun 09:01", [])]

    def test_reminders_follow_each_persons_own_invitation(self, program):
        schedule(program)
        invited(program, "Ann", local(6, 14, 10))
        invited(program, "Bob", local(6, 15, 20))
        answers(invited(program, "Answered", local(6, 14, 10)))
        once = invited(program, "Once", local(6, 1, 10))
        sent(once, local(6, 10, 10), "reminder")
        assert told(program, "reminder", local(6, 16)) == [
            ("16 Jun 09:00", ["Once"]),
            ("19 Jun 10:00", ["Ann"]),
            ("21 Jun 09:00", ["Bob"]),
            ("24 Jun 10:00", ["Ann"]),
            ("26 Jun 09:00", ["Bob"]),
        ]

    def test_reminders_follow_invitations_that_a_schedule_will_send(self, program):
        row = schedule(program, SURVEY)
        schedule(program)
        ParticipantFactory(program=program, name="Ann")
        assert told(program, "reminder") == [("19 Jun 09:00", ["Ann"]), ("24 Jun 09:00", ["Ann"])]
        Schedule.objects.filter(pk=row.pk).update(is_on=False)
        assert told(program, "reminder") == []

    def test_reminders_end_with_the_announcement(self, program):
        schedule(program)
        invited(program, "Ann", local(7, 1, 10))
        assert told(program, "reminder", local(7, 2)) == [("06 Jul 10:00", ["Ann"])]

    def test_what_is_on_its_way_is_not_told_again_and_what_a_person_stopped_not_at_all(
        self, program
    ):
        schedule(program)
        invited(program, "Ann", local(6, 14, 10))
        run_schedules(local(6, 19, 10))
        assert told(program, "reminder", local(6, 19, 10)) == [("24 Jun 10:00", ["Ann"])]
        EmailLog.objects.filter(kind="reminder").update(state="cancelled")
        assert told(program, "reminder", local(6, 19, 10)) == []

    def test_a_change_that_is_not_saved_can_be_told(self, program):
        row = schedule(program)
        invited(program, "Ann", local(6, 14, 10))
        row.after_days, row.at_most = 3, 1
        assert told(program, "reminder", local(6, 14, 11), changed=row) == [
            ("17 Jun 10:00", ["Ann"])
        ]

    def test_check_in_and_feedback_go_to_both_people_of_a_match_that_was_told(self, program):
        schedule(program, CHECK_IN)
        schedule(program, FEEDBACK)
        MatchFactory(program=program, mentor__name="Max", mentee__name="Eve")
        queue_mail(program, "match", now=local(7, 8, 12))
        leave(local(7, 8, 12))
        assert told(program, "check_in") == [("13 Jul 09:00", ["Eve", "Max"])]
        assert told(program, "feedback") == [("19 Jul 09:00", ["Eve", "Max"])]

    def test_a_program_without_the_date_has_no_day(self):
        program = ProgramFactory()
        row = schedule(program, SURVEY)
        assert told(program, "survey") == []
        assert describe(row) == (
            "Set this date in the program’s settings first: the day the survey goes out. "
            "Until then nothing is sent."
        )

    def test_what_is_told_is_what_goes(self, program):
        """Beat runs for two weeks; nobody answers, and each mail leaves at once."""
        schedule(program, SURVEY)
        schedule(program)
        ParticipantFactory(program=program, name="Ann")
        invited(program, "Bob", local(6, 12, 15))
        expected = [
            (when, kind, name)
            for kind, days in forecast(program, JUNE_1).items()
            for when, names in [
                (f"{one.at:%d %b %H:%M}", [str(p) for p in one.people]) for one in days
            ]
            for name in names
        ]
        moments = [local(6, day, hour) for day in range(12, 27) for hour in (9, 15)]
        assert sorted(run(*moments)) == sorted(expected)
        assert len(expected) == 5

    def test_queries_depend_neither_on_people_nor_on_days(self, program, django_assert_num_queries):
        for kind in (SURVEY, REMINDER, CHECK_IN, FEEDBACK):
            schedule(program, kind)

        def fill(number):
            for n in range(number):
                invited(program, f"Person {n}", local(6, 14, n))
                MatchFactory(program=program, status="announced", announced_at=JUNE_1)

        def look():
            days_of(program, forecast(program, JUNE_1), JUNE_1)

        fill(2)
        with CaptureQueriesContext(connection) as few:
            look()
        fill(12)
        with django_assert_num_queries(len(few)):
            look()


class TestNext:
    def test_names_the_first_mail_that_a_schedule_which_is_on_will_send(self, program):
        schedule(program)
        schedule(program, SURVEY, is_on=False)
        ParticipantFactory(program=program)
        invited(program, "Ann", local(6, 14, 10))
        invited(program, "Bob", local(6, 14, 11))
        coming = next_automatic(forecast(program, local(6, 15)))
        assert sentence_of(coming, coming.at) == "Survey reminder to up to 2 people within minutes"
        found = summary(program, local(6, 15))
        assert (found.coming, [str(one) for one in found.paused]) == (
            "Survey reminder to up to 2 people on Sat, Jun 19, 10:00 AM",
            ["Survey invitation", "Role clarification", "Check-in", "Feedback request"],
        )

    def test_says_nothing_while_all_is_paused(self, program):
        invited(program, "Ann", local(6, 14, 10))
        found = summary(program, local(6, 15))
        assert (found.coming, found.on, len(found.paused)) == ("", [], 5)

    def test_what_went_by_is_missed_once_no_day_is_left_for_it(self, program):
        row = schedule(program, CHECK_IN)
        assert summary(program, local(7, 18, 16, 59)).missed == []
        assert summary(program, local(7, 18, 17)).missed == [row]
        row.runs.create(day=datetime.date(2083, 7, 18), at=local(7, 18, 9))
        assert summary(program, local(7, 18, 17)).missed == []

    def test_says_that_the_limit_of_a_day_is_reached_and_when_mail_goes_on(self, program, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        type(program).objects.update(mails_per_day=2)
        program.refresh_from_db()
        for number in range(2):
            mail = sent(ParticipantFactory(program=program), local(6, 14, 9, number))
            EmailLog.objects.filter(pk=mail.pk).update(claimed_at=local(6, 14, 9, number))
        assert summary(program, local(6, 14, 10)).full == ""
        ParticipantFactory(program=program)
        queue_mail(program, "survey", now=local(6, 14, 10))
        assert summary(program, local(6, 14, 10)).full == (
            "Daily limit of 2 emails reached. 1 email is waiting; sending resumes "
            "Tue, Jun 15, 9:00 AM."
        )


class TestSkip:
    DAY = datetime.date(2083, 6, 19)

    def test_a_reminder_that_is_skipped_goes_the_day_after_and_undo_brings_it_back(self, program):
        schedule(program, at_most=1)
        invited(program, "Ann", local(6, 14, 10))
        before = told(program, "reminder", local(6, 15))
        skip_day(program, "reminder", self.DAY, now=local(6, 15))
        skip_day(program, "reminder", self.DAY, now=local(6, 15))
        assert told(program, "reminder", local(6, 15)) == [
            ("19 Jun 09:00", []),
            ("20 Jun 09:00", ["Ann"]),
        ]
        assert run(local(6, 19, 12)) == []
        unskip_day(program, "reminder", self.DAY)
        assert told(program, "reminder", local(6, 15)) == before == [("19 Jun 10:00", ["Ann"])]
        assert len(run(local(6, 19, 12))) == 1

    def test_what_has_gone_or_is_past_cannot_be_skipped(self, program):
        schedule(program)
        invited(program, "Ann", local(6, 14, 10))
        run(local(6, 19, 10))
        with pytest.raises(ValidationError, match="too late to skip that day"):
            skip_day(program, "reminder", self.DAY, now=local(6, 19, 11))
        with pytest.raises(ValidationError, match="That day is over"):
            skip_day(program, "reminder", self.DAY, now=local(6, 20))
        with pytest.raises(ValidationError, match="That day is not skipped"):
            unskip_day(program, "reminder", self.DAY)
        assert ScheduleRun.objects.get().outcome == "ran"


class TestChange:
    def test_saves_with_who_did_it_and_only_what_is_said(self, program):
        user = UserFactory()
        change_schedule(program, "reminder", {"is_on": True}, by=user)
        change_schedule(program, "reminder", {"after_days": 3}, by=user)
        row = schedule_of(program, "reminder")
        assert (row.is_on, row.after_days, row.at_most) == (True, 3, 2)
        assert list(row.history.values_list("is_on", "after_days", "history_user")) == [
            (True, 3, user.pk),
            (True, 5, user.pk),
        ]

    @pytest.mark.parametrize(
        ("kind", "values", "why"),
        [
            ("reminder", {"after_days": 0}, "A reminder is sent 1 to 90 days"),
            ("reminder", {"after_days": None}, "A reminder is sent 1 to 90 days"),
            ("reminder", {"anchor": "starts_on"}, "A reminder is sent 1 to 90 days"),
            ("survey", {"anchor": ""}, "Every other email is sent at most 365 days"),
            ("survey", {"days": 366}, "Every other email is sent at most 365 days"),
            ("survey", {"from_hour": 17}, "“Until” must be later than “From”"),
            ("survey", {"to_hour": 25}, "“Until” must be later than “From”"),
        ],
    )
    def test_refuses_what_no_schedule_may_say_and_so_does_the_database(
        self, program, kind, values, why
    ):
        with pytest.raises(ValidationError, match=why):
            change_schedule(program, kind, values)
        assert Schedule.objects.count() == 0
        row = schedule_of(program, kind)
        row.save()
        with pytest.raises(IntegrityError), transaction.atomic():
            Schedule.objects.filter(pk=row.pk).update(**values)

    def test_pauses_all(self, program):
        schedule(program)
        schedule(program, SURVEY)
        other = schedule(ProgramFactory())
        assert pause_all(program) == 2
        assert list(Schedule.objects.filter(is_on=True)) == [other]
