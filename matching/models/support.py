"""What the two people of a match say to each other and to the committee: contact, and an hour."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from matching.models.match import Match
from mentorship.models import Participant


class CheckIn(models.Model):
    """Whether a person of a match says that the two have been in touch."""

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="check_ins")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="check_ins")
    in_touch = models.BooleanField()
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["answered_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["match", "participant"], name="one_check_in_a_person"),
        ]

    def __str__(self) -> str:
        words = "in touch" if self.in_touch else "not in touch yet"
        return f"{self.participant}: {words}"


class Meeting(models.Model):
    """The hour that one person of a match proposes to the other; a match has one at a time.

    `sequence` counts its changes, as the calendar entries of both people do (RFC 5545).
    """

    match = models.OneToOneField(Match, on_delete=models.CASCADE, related_name="meeting")
    starts_at = models.DateTimeField()
    proposed_by = models.ForeignKey(
        Participant, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    proposed_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)
    sequence = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(sequence__gte=1), name="meeting_has_a_sequence"),
        ]

    def __str__(self) -> str:
        return f"{self.match}, {self.match.program.formats.short_moment(self.starts_at)}"

    @property
    def stands(self) -> bool:
        """Whether it is proposed or agreed, and not canceled."""
        return self.canceled_at is None

    @property
    def is_agreed(self) -> bool:
        return self.stands and self.accepted_at is not None
