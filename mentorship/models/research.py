"""Who of the committee looks up which person, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from mentorship.models.participant import Participant
from mentorship.models.program import Program


class ResearchTurn(models.Model):
    """One person's place in the research queue: held by at most one member at a time.

    Who is looked up is held until `held_until` and may then be given to somebody else. `seconds`
    is how long it took, `source` where something was found.
    """

    class Outcome(models.TextChoices):
        FOUND = "found", "filled in"
        NOTHING = "nothing", "nothing found"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="research_turns")
    participant = models.OneToOneField(
        Participant, on_delete=models.CASCADE, related_name="research_turn"
    )
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    held_until = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    skipped_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    seconds = models.PositiveIntegerField(null=True, blank=True)
    source = models.CharField("where it was found", max_length=300, blank=True)

    class Meta:
        verbose_name = "research entry"
        verbose_name_plural = "research entries"
        constraints = [
            models.UniqueConstraint(
                fields=["program", "held_by"], name="one_person_looked_up_by_a_member"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at=None) | ~Q(outcome="") & Q(ended_at__isnull=False),
                name="research_ended_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"Research on {self.participant}"
