"""The calendar and the page of a schedule, as a committee member uses them."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.schedule_defaults import schedule_of
from notifications.domain.schedules.runs import run_schedules
from notifications.models import AUTOMATIC, EmailLog, Kind, Schedule
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory
from tests.notifications.schedules.conftest import (
    CHECK_IN,
    SURVEY,
    invited,
    schedule,
)

pytestmark = pytest.mark.django_db
CALENDAR = reverse("mail_calendar")
NO_CHOICE = "Select a valid choice. {} is not one of the available choices."
ALL_DAY = {"from_hour": 0, "to_hour": 24}


def here(program, **span):
    """The day that it is where the program is held, or as many days from it."""
    return program.local(timezone.now()).date() + datetime.timedelta(**span)


@pytest.fixture
def program():
    """A program whose survey goes out today."""
    program = ProgramFactory(slug="conf")
    today = here(program)
    program.survey_opens_on = today
    program.survey_closes_on = today + datetime.timedelta(days=20)
    program.announce_on = today + datetime.timedelta(days=24)
    program.starts_on = today + datetime.timedelta(days=28)
    program.ends_on = today + datetime.timedelta(days=34)
    program.save()
    return program


@pytest.fixture
def member(client, program):
    user = MembershipFactory(program=program, level="member").user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def page_of(kind, name="mail_schedule"):
    return reverse(name, args=[kind])


def typed(**changes):
    """What the form of the survey's schedule sends."""
    return {
        "distance": 0,
        "side": "after",
        "anchor": "survey_opens_on",
        "keeps_on": "on",
        "from_hour": 0,
        "to_hour": 24,
        "do": "turn_on",
        **changes,
    }


def told(page):
    return [str(message) for message in page.context["messages"]]


class TestCalendar:
    def test_shows_the_days_with_what_went_and_what_will_go(self, client, member, program):
        row = schedule(program, SURVEY, **ALL_DAY)
        schedule(program, **ALL_DAY)
        ParticipantFactory.create_batch(3, program=program)
        run_schedules()
        ParticipantFactory(program=program, name="Late")
        queue_mail(program, "survey", by=member, rest_seconds=120)
        days = client.get(CALENDAR).context["coming"]
        assert [
            (
                (shown["day"].date - here(program)).days,
                shown["day"].marks,
                [(went["title"], went["how"], went["states"]) for went in shown["went"]],
                [(str(one.schedule), whom) for one, whom, _ in shown["planned"]],
            )
            for shown in days
            if shown["went"] or shown["planned"]
        ] == [
            (
                0,
                ["The survey goes out"],
                [
                    ("Survey invitation", "by schedule", [(3, "queued", "info")]),
                    ("Survey invitation", f"by {member}", [(1, "queued", "info")]),
                ],
                [],
            ),
            (1, [], [], [("Role clarification", "to nobody as things stand")]),
            (5, [], [], [("Survey reminder", "to up to 4 people")]),
            (10, [], [], [("Survey reminder", "to up to 4 people")]),
            (29, [], [], [("Check-in", "to nobody as things stand")]),
            (35, [], [], [("Feedback request", "to nobody as things stand")]),
        ]
        assert row.runs.count() == 1

    def test_states_have_the_words_of_the_outbox(self, client, member, program):
        ParticipantFactory.create_batch(2, program=program)
        queue_mail(program, "survey", by=member, rest_seconds=120)
        for email, state in zip(EmailLog.objects.all(), ("cancelled", "held"), strict=True):
            EmailLog.objects.filter(pk=email.pk).update(state=state)

        page = client.get(CALENDAR).content.decode()

        assert re.findall(r">(1 [^<]*)</span>", page) == ["1 on hold", "1 canceled"]

    def test_a_run_for_which_nobody_was_due_is_shown(self, client, member, program):
        schedule(program, SURVEY, keeps_on=False, **ALL_DAY)
        run_schedules()
        page = client.get(CALENDAR).content.decode()
        assert "by schedule; nobody was due" in page

    def test_a_schedule_whose_day_went_by_is_shown_as_missed_with_a_button(
        self, client, member, program
    ):
        schedule(program, CHECK_IN)
        program.starts_on, program.ends_on = here(program, days=-9), here(program, days=-4)
        program.save()
        shown = {one["schedule"].kind: one for one in client.get(CALENDAR).context["schedules"]}
        assert [kind for kind, one in shown.items() if one["is_missed"]] == ["check_in"]
        assert b"It did not run on its day" in client.get(CALENDAR).content
        assert (
            b"It did not run" not in client.get(reverse("mail_schedule", args=["survey"])).content
        )
        assert "it did not run on its day" in client.get(reverse("admin:index")).content.decode()

    def test_queries_do_not_grow_with_people_or_batches(
        self, client, member, program, django_assert_num_queries
    ):
        schedule(program, SURVEY, **ALL_DAY)
        schedule(program, **ALL_DAY)

        def fill(number):
            for n in range(number):
                invited(program, f"Invited {n}", timezone.now() - datetime.timedelta(days=n))
                ParticipantFactory(program=program)
                run_schedules()

        fill(2)
        client.get(CALENDAR)
        with CaptureQueriesContext(connection) as few:
            client.get(CALENDAR)
        fill(4)
        with django_assert_num_queries(len(few)):
            client.get(CALENDAR)

    def test_knows_nothing_of_another_program(self, client, member):
        other = ProgramFactory(survey_opens_on=timezone.now().date())
        schedule(other, SURVEY, **ALL_DAY)
        ParticipantFactory(program=other)
        run_schedules()
        page = client.get(CALENDAR)
        assert [shown["went"] for shown in page.context["coming"] if shown["went"]] == []
        assert page.context["any_on"] is False


class TestSchedule:
    def test_turning_on_shows_what_follows_and_asks_for_the_number_if_many_go_at_once(
        self, client, member, program
    ):
        ParticipantFactory.create_batch(21, program=program, name="<b>Ann</b>")
        Schedule.objects.create(**{**SURVEY, **ALL_DAY, "is_on": False, "program": program})
        shown = client.get(page_of("survey"))
        assert [(whom, at_once) for _, whom, at_once, _ in shown.context["days"]] == [
            ("to up to 21 people", True)
        ]
        assert shown.context["confirm"] == 21
        assert b"<b>Ann</b>" not in shown.content
        refused = client.post(page_of("survey"), typed())
        assert refused.context["problem"] == (
            "Type 21 to confirm that this many emails are sent at once."
        )
        assert schedule_of(program, "survey").is_on is False
        done = client.post(page_of("survey"), typed(number="21"), follow=True)
        assert told(done) == ["Survey invitation is scheduled from now on."]
        row = schedule_of(program, "survey")
        assert (row.is_on, row.history.first().history_user) == (True, member)

    def test_saves_without_turning_on(self, client, member, program):
        form = typed(distance=2, side="before", anchor="announce_on", do="save", from_hour=7)
        form.pop("keeps_on")
        done = client.post(page_of("survey"), form, follow=True)
        assert told(done) == ["Saved: Survey invitation. It is paused."]
        row = schedule_of(program, "survey")
        assert (row.is_on, row.days, row.anchor, row.keeps_on, row.from_hour, row.to_hour) == (
            False, -2, "announce_on", False, 7, 24,
        )  # fmt: skip

    def test_replaces_what_somebody_else_saved_meanwhile_only_once_that_was_shown(
        self, client, member, program
    ):
        opened = client.get(page_of("survey")).context["newest"]
        client.post(page_of("survey"), typed(distance=3, version=opened))
        mine = typed(distance=1, do="save")
        refused = client.post(page_of("survey"), {**mine, "version": opened})
        assert refused.context["problem"] == (
            "Nothing was saved: somebody else changed this schedule while you were editing, see "
            "the history below. Yours is still in the form. Save again to replace theirs."
        )
        assert refused.context["form"]["distance"].value() == "1"
        row = schedule_of(program, "survey")
        assert (row.is_on, row.days) == (True, 3)
        again = {**mine, "version": refused.context["newest"]}
        done = client.post(page_of("survey"), again, follow=True)
        assert told(done) == ["Saved: Survey invitation. It stays on."]
        assert schedule_of(program, "survey").days == 1

    def test_is_not_turned_on_for_people_who_are_anonymised(self, client, member, program):
        program.anonymised_at = timezone.now()
        program.save()
        page = client.post(page_of("survey"), typed())
        assert page.context["problem"] == (
            f"{program} is anonymized: nobody can be emailed any more."
        )
        assert Schedule.objects.count() == 0

    def test_changes_reminders(self, client, member, program):
        form = {"after_days": 3, "at_most": 1, "from_hour": 8, "to_hour": 12, "do": "turn_on"}
        client.post(page_of("reminder"), form)
        row = schedule_of(program, "reminder")
        assert (row.is_on, row.after_days, row.at_most, row.from_hour, row.to_hour) == (
            True, 3, 1, 8, 12,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("change", "name", "why"),
        [
            ({"distance": -1}, "distance", "Ensure this value is greater than or equal to 0."),
            ({"distance": "soon"}, "distance", "Enter a whole number."),
            ({"to_hour": 0}, "to_hour", NO_CHOICE.format(0)),
            ({"from_hour": 9, "to_hour": 9}, "to_hour", "“Until” must be later than “From”."),
            ({"anchor": "created_at"}, "anchor", NO_CHOICE.format("created_at")),
        ],
    )
    def test_says_what_is_wrong_where_it_is_and_saves_nothing(
        self, client, member, change, name, why
    ):
        page = client.post(page_of("survey"), typed(**change))
        assert page.context["form"].errors == {name: [why]}
        assert page.context["problem"] == "Nothing is saved yet: see what is marked below."
        assert Schedule.objects.count() == 0
        preview = client.post(page_of("survey", "mail_schedule_preview"), typed(**change))
        assert b"Some fields still need fixing." in preview.content

    def test_previews_what_is_typed_and_saves_nothing(self, client, member, program):
        ParticipantFactory(program=program)
        form = typed(distance=3, from_hour=8, to_hour=9)
        preview = client.post(page_of("survey", "mail_schedule_preview"), form)
        day = here(program, days=3)
        assert preview.context["days"] == [
            (f"{program.formats.short_weekday(day)}, 8:00 AM", "to 1 person", False, None)
        ]
        assert Schedule.objects.count() == 0

    def test_pauses_one_or_all(self, client, member, program):
        schedule(program)
        schedule(program, SURVEY)
        client.post(page_of("survey", "pause_schedule"))
        assert list(Schedule.objects.filter(is_on=True).values_list("kind", flat=True)) == [
            "reminder"
        ]
        client.post(reverse("pause_all_schedules"))
        assert not Schedule.objects.filter(is_on=True).exists()

    def test_skips_a_day_and_takes_that_back(self, client, member, program):
        schedule(program, SURVEY)
        day = here(program, days=1)
        skip = {"day": day.isoformat(), "do": "skip"}
        page = client.post(page_of("survey", "skip_day"), skip, follow=True)
        assert told(page) == [f"Skipped: Survey invitation on {program.formats.day(day)}."]
        assert f"by {member}" in page.content.decode()
        page = client.post(page_of("survey", "skip_day"), {**skip, "do": "undo"}, follow=True)
        assert told(page) == [
            f"Undone: Survey invitation on {program.formats.day(day)} is no longer skipped."
        ]
        page = client.post(page_of("survey", "skip_day"), {**skip, "do": "undo"}, follow=True)
        assert told(page) == ["That day is not skipped."]
        assert client.post(page_of("survey", "skip_day"), {"day": "soon"}).status_code == 404


class TestWhoMay:
    PAGES = ["mail_schedule", "mail_schedule_preview", "pause_schedule", "skip_day"]

    @pytest.mark.parametrize("name", ["mail_calendar", "pause_all_schedules", *PAGES])
    def test_nobody_who_is_signed_out(self, client, program, name):
        schedule(program, SURVEY)
        address = reverse(name, args=["survey"] if name in self.PAGES else [])
        for answer in (client.get(address), client.post(address, typed())):
            assert answer.status_code == 302
            assert answer.url.startswith(reverse("admin:login"))
        assert schedule_of(program, "survey").is_on

    @pytest.mark.parametrize("name", PAGES)
    def test_no_kind_that_never_goes_by_itself(self, client, member, name):
        for kind in set(Kind.values) - {kind.value for kind in AUTOMATIC}:
            assert client.post(page_of(kind, name), typed()).status_code == 404
        assert Schedule.objects.count() == EmailLog.objects.count() == 0

    def test_a_member_changes_only_the_program_that_is_looked_at(self, client, member, program):
        other = schedule(ProgramFactory(), SURVEY)
        client.post(page_of("survey", "pause_schedule"))
        client.post(reverse("pause_all_schedules"))
        other.refresh_from_db()
        assert other.is_on
