"""What came of each read of a source."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mentorship.models.importing import Import
from mentorship.models.sources.import_source import ImportSource


class SourceRun(models.Model):
    """One read of a source, and what came of it; `words` say why nothing was imported."""

    class Outcome(models.TextChoices):
        IMPORTED = "imported", "imported"
        NOTHING_NEW = "nothing_new", "nothing new"
        WAITS = "waits", "waits for you"
        DOUBTED = "doubted", "looks wrong"
        FAILED = "failed", "failed"

    source = models.ForeignKey(ImportSource, on_delete=models.CASCADE, related_name="runs")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome)
    words = models.TextField(blank=True)
    imported = models.ForeignKey(
        Import, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["imported", "nothing_new", "waits"]) | ~Q(words=""),
                name="run_without_import_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}, {self.began_at:%Y-%m-%d %H:%M}: {self.get_outcome_display()}"
