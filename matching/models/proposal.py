"""One run of the matcher, with what it found and proved."""

from django.conf import settings
from django.db import models

from mentorship.models import Program


class Proposal(models.Model):
    """One run of the matcher; people are the keys of participants.

    `parts` are those of each pair's affinity. Once it is saved, its matches have them.
    """

    class Status(models.TextChoices):
        OPTIMAL = "optimal", "proven best"
        NOT_PROVEN = "not_proven", "not proven"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="proposals")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what went in")
    status = models.CharField(max_length=12, choices=Status)
    why_not_proven = models.TextField(blank=True)
    priorities = models.JSONField(default=list)
    tiers = models.JSONField(default=list, help_text="Name, value and proven bound of each tier")
    pairs = models.JSONField(default=list)
    unmatched_mentees = models.JSONField(default=list)
    idle_mentors = models.JSONField(default=list)
    mentors = models.PositiveIntegerField()
    mentees = models.PositiveIntegerField()
    seconds = models.FloatField()

    parts: list[dict[str, int]] | None = None

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"Proposal from {self.program.formats.short_moment(self.created_at)}"
