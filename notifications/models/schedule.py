"""Scheduled emails: on which days and at which hours, and what became of each day."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from mentorship.models import Program
from notifications.models.template import Kind

# Announcing and telling people that they have no match are decisions of people, never of a clock.
AUTOMATIC = (
    Kind.SURVEY,
    Kind.REMINDER,
    Kind.ROLE,
    Kind.ASK_MENTOR_AGAIN,
    Kind.CHECK_IN,
    Kind.FEEDBACK,
)


class Anchor(models.TextChoices):
    """The program's dates from which days are counted; the value is the name of its column."""

    SURVEY_OPENS = "survey_opens_on", "the survey goes out"
    SURVEY_CLOSES = "survey_closes_on", "answers are wanted by"
    ANNOUNCED = "announce_on", "matches are announced"
    STARTS = "starts_on", "the first day"
    ENDS = "ends_on", "the last day"


class Schedule(models.Model):
    """When one kind of email is sent by itself; a program without a row of a kind has the default.

    A reminder counts from each person's own invitation (`after_days`, `at_most`), every other
    kind from a date of the program (`anchor` and `days`, below zero before it).
    """

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="schedules")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.label) for kind in AUTOMATIC])
    is_on = models.BooleanField(default=False)
    anchor = models.CharField(max_length=20, choices=Anchor, blank=True)
    days = models.SmallIntegerField(default=0)
    keeps_on = models.BooleanField(
        default=False,
        help_text="Continues every day after the first, for people who are due by then.",
    )
    after_days = models.PositiveSmallIntegerField(null=True, blank=True)
    at_most = models.PositiveSmallIntegerField(null=True, blank=True)
    from_hour = models.PositiveSmallIntegerField(default=9)
    to_hour = models.PositiveSmallIntegerField(default=17)
    trouble = models.TextField(blank=True, help_text="Why nothing could be queued the last time")

    history = HistoricalRecords(excluded_fields=["trouble"])

    class Meta:
        ordering = ["program", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["program", "kind"], name="one_schedule_a_kind"),
            models.CheckConstraint(condition=Q(kind__in=AUTOMATIC), name="schedule_of_a_kind"),
            models.CheckConstraint(
                condition=Q(from_hour__lt=F("to_hour"), to_hour__lte=24),
                name="schedule_hours_in_order",
                violation_error_message="“Until” must be later than “From”.",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=Kind.REMINDER,
                    anchor="",
                    keeps_on=True,
                    after_days__isnull=False,
                    after_days__range=(1, 90),
                    at_most__isnull=False,
                    at_most__range=(0, 10),
                )
                | (
                    ~Q(kind=Kind.REMINDER)
                    & ~Q(anchor="")
                    & Q(after_days=None, at_most=None, days__range=(-365, 365))
                ),
                name="schedule_counts_from_one_thing",
                violation_error_message=(
                    "A reminder is sent 1 to 90 days after the invitation, at most 10 times. Every "
                    "other email is sent at most 365 days before or after a date of the program."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def is_per_person(self) -> bool:
        """Whether days count from each person's own invitation."""
        return self.kind == Kind.REMINDER


class ScheduleRun(models.Model):
    """What became of one day of a schedule. Emails that it queued are in its batches."""

    class Outcome(models.TextChoices):
        RAN = "ran"
        SKIPPED = "skipped"

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="runs")
    day = models.DateField(help_text="On the program's own clock")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.RAN)
    at = models.DateTimeField(help_text="When it ran first, or was skipped")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )

    class Meta:
        ordering = ["-day", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "day"], name="one_run_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule}, {self.schedule.program.formats.short_date(self.day)}"
