"""The intake form: what it asks beyond the fixed questions, and what people answered."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from mentorship.models.participant import (
    Attendance,
    CareerStage,
    OtherRole,
    Participant,
    Role,
)
from mentorship.models.program import Field, Program, Sector

SCALE_STEPS = 5


class QuestionQuerySet(models.QuerySet["Question"]):
    def asked(self) -> QuestionQuerySet:
        """Return those that are asked now: not the retired ones."""
        return self.filter(retired_at=None)


class Question(models.Model):
    """A question that this committee adds to the form."""

    class Kind(models.TextChoices):
        TEXT = "text", "a few words"
        LONG = "long", "a longer text"
        NUMBER = "number", "a number"
        YES_NO = "yes_no", "yes or no"
        DATE = "date", "a date"
        SCALE = "scale", "a scale from 1 to 5"
        CHOICE = "choice", "one of several"
        MULTIPLE = "multiple", "any of several"

    class Counting(models.TextChoices):
        NOT = "not", "not at all"
        SAME = "same", "same answer"
        OVERLAP = "overlap", "shared answers"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(max_length=200)
    help_text = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    choices = models.JSONField(default=list, blank=True)
    role = models.CharField("asked of", max_length=10, choices=Role, blank=True)
    required = models.BooleanField(default=False)
    counts = models.CharField("affects affinity", max_length=10, choices=Counting, default="not")
    order = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Not asked any more since then"
    )

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["program", "text"], name="question_once_a_program"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def offered(self) -> list[str]:
        """The answers that can be chosen; none where people write their own."""
        if self.kind == self.Kind.YES_NO:
            return ["yes", "no"]
        if self.kind == self.Kind.SCALE:
            return [str(step) for step in range(1, SCALE_STEPS + 1)]
        if self.kind in (self.Kind.CHOICE, self.Kind.MULTIPLE):
            return [str(choice) for choice in self.choices]
        return []


class SurveyResponseQuerySet(models.QuerySet["SurveyResponse"]):
    def newest(self) -> SurveyResponseQuerySet:
        """Return those that count: of each person the one sent last.

        Of two sent at the same moment it is the one recorded last.
        """
        later = Q(submitted_at__gt=OuterRef("submitted_at")) | Q(
            submitted_at=OuterRef("submitted_at"), pk__gt=OuterRef("pk")
        )
        same_person = SurveyResponse.objects.filter(participant=OuterRef("participant"))
        return self.filter(~Exists(same_person.filter(later)))

    def update(self, **kwargs: Any) -> int:
        raise TypeError("A survey response is never changed; add a newer one.")


class SurveyResponse(models.Model):
    """One submission of the intake form. Rows are added and never changed: the newest counts."""

    class Origin(models.TextChoices):
        FORM = "form", "the form here"
        IMPORT = "import", "an imported file"

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="responses")
    submitted_at = models.DateTimeField()
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.FORM)
    taking_part = models.BooleanField(default=True)
    role = models.CharField(max_length=10, choices=Role, blank=True)
    other_role = models.CharField(max_length=10, choices=OtherRole, blank=True)
    name = models.CharField(max_length=200, blank=True)
    short_name = models.CharField(max_length=100, blank=True)
    attendance = models.CharField(max_length=10, choices=Attendance, blank=True)
    fields = models.ManyToManyField(Field, blank=True, related_name="responses")
    sector = models.ForeignKey(Sector, null=True, blank=True, on_delete=models.SET_NULL)
    career_stage = models.CharField(max_length=10, choices=CareerStage, blank=True)
    affiliation = models.CharField(max_length=200, blank=True)
    capacity = models.PositiveSmallIntegerField(null=True, blank=True)
    capacity_as_typed = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    topics_wanted = models.TextField(blank=True)
    topics_offered = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    wants_to_meet = models.CharField(max_length=200, blank=True)
    rather_not_meet = models.CharField(max_length=200, blank=True)
    free_hours = models.JSONField(default=list, blank=True)
    days_there = models.JSONField(
        default=list, blank=True, help_text="ISO dates of the days when they can meet"
    )
    other_answers = models.JSONField(default=dict, blank=True)
    doubts = models.JSONField(default=list, blank=True)
    asked = models.JSONField(
        null=True, blank=True, help_text="the details that there was a question for, if known"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SurveyResponseQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "responses"
        ordering = ["-submitted_at", "-pk"]
        get_latest_by = ["submitted_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "submitted_at"],
                condition=Q(origin="import"),
                name="imported_response_once",
            ),
        ]

    def __str__(self) -> str:
        day = self.participant.program.formats.short_date(self.submitted_at)
        return f"{self.participant}, {day}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and not self._state.adding:
            raise TypeError("A survey response is never changed; add a newer one.")
        super().save(*args, **kwargs)


class Draft(models.Model):
    """What a person has typed into the form and not sent yet; one a person.

    `answers` is what the browser would send, field → list of values. `version` counts the savings,
    so that a second tab that began from an older one is told. `seen` is the key of the response
    that counted when the page was opened, 0 for none.
    """

    participant = models.OneToOneField(Participant, on_delete=models.CASCADE, related_name="draft")
    answers = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    seen = models.BigIntegerField(default=0)
    saved_at = models.DateTimeField()
    # How often it was saved in the minute that began then.
    minute_began_at = models.DateTimeField()
    saved_in_minute = models.PositiveSmallIntegerField(default=1)

    def __str__(self) -> str:
        return f"Draft of {self.participant}"
