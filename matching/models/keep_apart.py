"""Pairs that the committee excludes from matching, or allows."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from mentorship.models import Participant, Program


class KeepApart(models.Model):
    """Two people who must not be matched, or who may be in spite of what speaks against it.

    The pair is unordered: `save` makes the smaller key `first`.
    """

    class Reason(models.TextChoices):
        COLLEAGUES = "colleagues", "colleagues"
        LAST_YEAR = "last_year", "paired last year"
        WISH = "wish", "by request"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="keep_aparts")
    first = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=12, choices=Reason, default=Reason.WISH)
    overruled = models.BooleanField(
        "allowed", default=False, help_text="The committee allows this pair to be matched."
    )
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "do-not-match pair"
        verbose_name_plural = "do not match"
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"],
                name="keep_apart_once",
                violation_error_message="This pair is already on the list.",
            ),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="keep_apart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.in_order()
        super().save(*args, **kwargs)

    def in_order(self) -> None:
        """Put the two people in the order in which the database stores them."""
        if self.first_id and self.second_id and self.first_id > self.second_id:
            self.first_id, self.second_id = self.second_id, self.first_id

    def clean(self) -> None:
        super().clean()
        self.in_order()
