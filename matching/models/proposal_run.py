"""A proposal that a worker makes, because a page should not wait so long."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from matching.models.proposal import Proposal
from mentorship.models import Program
from mentorship.models.packed import PackedJSONField


class ProposalRun(models.Model):
    """One run of the matcher in a worker, at most one at a time for a program.

    `together` are the keys of a mentor and a mentee who are to be a pair, if any. With `saves` its
    pairs become drafts, if the outcome is the one that was `seen`; else `result` is what it found,
    to be looked at, of the inputs with this `stamp` and `fingerprint` (see
    `matching.domain.proposals.runs`).
    """

    class Outcome(models.TextChoices):
        FOUND = "found"
        SAVED = "saved"
        CANCELLED = "cancelled"
        FAILED = "failed"
        STOPPED = "stopped"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="proposal_runs")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    together = models.JSONField(null=True, blank=True)
    saves = models.BooleanField(default=False)
    seen = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    why = models.TextField(blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    stamp = models.CharField(max_length=64, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    result = PackedJSONField(default=dict, blank=True)
    proposal = models.ForeignKey(
        Proposal, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program"],
                condition=Q(ended_at=None),
                name="one_proposal_run_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="")
                | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="proposal_run_ends_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"Proposal from {self.program.formats.short_moment(self.asked_at)}"
