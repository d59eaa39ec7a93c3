"""One step of the committee on the board: what it changed, so that it can be undone."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from mentorship.models import Program


class BoardStep(models.Model):
    """What one action changed among a program's matches: whole rows, before and after.

    `changes` is a list of {"match": key, "before": row, "after": row}; a row is None where there
    is no match. `version` counts what happened on the board: each step, undo and redo takes the
    program's next number, so that "what happened since" is one comparison.
    """

    class Kind(models.TextChoices):
        MATCH = "match"
        MOVE = "move"
        SWAP = "swap"
        LOCK = "lock"
        UNLOCK = "unlock"
        BIN = "bin"
        DISSOLVE = "dissolve"
        NOTE = "note"
        PROPOSAL = "proposal"
        SHEETS = "sheets"
        ANNOUNCE = "announce"
        TAKE_BACK = "take_back"
        REMATCH = "rematch"

    # Emails went out, or were stopped, with these. Undoing them is not a matter of the board.
    FINAL = (Kind.ANNOUNCE, Kind.TAKE_BACK, Kind.REMATCH)

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="board_steps")
    kind = models.CharField(max_length=10, choices=Kind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changes = models.JSONField(default=list)
    version = models.PositiveIntegerField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["program", "version"], name="one_step_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.version})"
