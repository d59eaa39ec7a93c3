"""Help requests during the conference, and feedback after it."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from matching.models.match import Match
from mentorship.models import Participant, Program


class Concern(models.Model):
    """A help request: what a participant reported, and how the committee settled it."""

    class Kind(models.TextChoices):
        CANNOT_REACH = "cannot_reach", "I can’t reach my match"
        NOT_RIGHT = "not_right", "Something isn’t right"
        CANNOT_TAKE_PART = "cannot_take_part", "I can no longer take part"

    class Status(models.TextChoices):
        OPEN = "open"
        SETTLED = "settled"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="concerns")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="concerns")
    match = models.ForeignKey(
        Match, null=True, blank=True, on_delete=models.SET_NULL, related_name="concerns"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    outcome = models.TextField(blank=True, help_text="How it was settled")
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, editable=False
    )

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
