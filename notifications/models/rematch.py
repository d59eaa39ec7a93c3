"""A rematch from a help request: what it changed, and the emails that tell of it."""

from __future__ import annotations

from django.db import models

from matching.models import BoardStep, Concern
from notifications.models.email import EmailBatch


class Rematch(models.Model):
    """One step on the board with its batch of emails, so that both can be undone together.

    `put_aside` is what ended with the match, by the names of their tables: the rows as they were
    before and after.
    """

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="rematches")
    step = models.OneToOneField(BoardStep, on_delete=models.CASCADE, related_name="rematch")
    batch = models.OneToOneField(EmailBatch, on_delete=models.CASCADE, related_name="rematch")
    put_aside = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "rematches"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Rematch for {self.concern}"
