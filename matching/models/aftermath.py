"""Help requests during the conference, and feedback after it."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from matching.models.match import Match
from mentorship.models import Participant, Program


class ConcernQuerySet(models.QuerySet["Concern"]):
    def open(self) -> ConcernQuerySet:
        """Return those that are not settled."""
        return self.filter(status=Concern.Status.OPEN)

    def seen_by(self, *, chair: bool) -> ConcernQuerySet:
        """Return those that a member of the committee may see: chairs all of them."""
        return self if chair else self.exclude(kind__in=Concern.CONFIDENTIAL)


class Concern(models.Model):
    """A help request: what a participant reported, and how the committee settled it.

    Somebody who leaves a match by withdrawing, or changes in it, is one too (`origin` is CHANGE
    where they did not ask for anything themselves).
    """

    class Kind(models.TextChoices):
        CANNOT_REACH = "cannot_reach", "I can’t reach my match"
        NOT_RIGHT = "not_right", "Something isn’t right"
        CANNOT_TAKE_PART = "cannot_take_part", "Can’t take part any more"
        ROLE_CHANGED = "role_changed", "Changed role"
        ATTENDANCE_CHANGED = "attendance_changed", "Attends another way"

    class Origin(models.TextChoices):
        PARTICIPANT = "participant", "the person’s page"
        COMMITTEE = "committee", "the committee"
        CHANGE = "change", "a change while matched"

    class Status(models.TextChoices):
        OPEN = "open"
        SETTLED = "settled"

    # Only chairs see these.
    CONFIDENTIAL = (Kind.NOT_RIGHT,)
    # What the end of the match settles.
    ABOUT_A_CHANGE = (Kind.CANNOT_TAKE_PART, Kind.ROLE_CHANGED, Kind.ATTENDANCE_CHANGED)

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="concerns")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="concerns")
    match = models.ForeignKey(
        Match, null=True, blank=True, on_delete=models.SET_NULL, related_name="concerns"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    origin = models.CharField(
        "entered through", max_length=12, choices=Origin, default=Origin.PARTICIPANT
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        editable=False,
        related_name="+",
    )
    text = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    outcome = models.TextField(blank=True, help_text="How it was settled")
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        editable=False,
        related_name="+",
        help_text="The member who takes care of it",
    )
    due_on = models.DateField(
        "due",
        null=True,
        blank=True,
        editable=False,
        help_text="When somebody looks at it again; empty: now",
    )

    objects = ConcernQuerySet.as_manager()

    class Meta:
        verbose_name = "help request"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", settled_at=None)
                | Q(status="settled", settled_at__isnull=False),
                name="concern_settled_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant}: {self.get_kind_display()}"

    @property
    def partner(self) -> Participant | None:
        """The other person of the match that it is about."""
        return self.match.partner_of(self.participant) if self.match else None

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    def is_due(self, today: datetime.date) -> bool:
        """Return whether somebody should look at it on this day."""
        return self.is_open and (self.due_on is None or self.due_on <= today)


class ConcernEntry(models.Model):
    """One line of what happened with a help request: what a member did or wrote.

    `did` follows the member's name; without one (`by`) it is the whole sentence.
    """

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="entries")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    did = models.CharField(max_length=400)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "concern entries"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.did


class AgainAs(models.TextChoices):
    """As what somebody would take part again."""

    MENTOR = "mentor", "as a mentor"
    MENTEE = "mentee", "as a mentee"
    EITHER = "either", "as either"


class Feedback(models.Model):
    """What a participant says after the conference; once a match, or once without one."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="feedback")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="feedback")
    match = models.ForeignKey(
        Match, null=True, blank=True, on_delete=models.SET_NULL, related_name="feedback"
    )
    met = models.BooleanField(null=True)
    rating = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    went_well = models.TextField(blank=True)
    do_better = models.TextField(blank=True)
    would_come_again = models.BooleanField(null=True)
    again_as = models.CharField(max_length=10, choices=AgainAs, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "feedback"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["participant", "match"], name="one_feedback_a_match"),
            models.UniqueConstraint(
                fields=["participant"],
                condition=Q(match=None),
                name="one_feedback_without_a_match",
            ),
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__range=(1, 5)), name="rating_from_1_to_5"
            ),
        ]

    def __str__(self) -> str:
        return f"Feedback from {self.participant}"
