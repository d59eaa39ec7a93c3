"""Pairs of an earlier conference, known by email address alone."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from mentorship.models import Program


class PastPair(models.Model):
    """Two email addresses whose owners must not be matched once both have signed up.

    The pair is unordered: the address that sorts first is `first_email`.
    """

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="past_pairs")
    first_email = models.CharField(max_length=254)
    second_email = models.CharField(max_length=254)
    came_from = models.CharField(max_length=200, help_text="Where they were a pair")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "first_email", "second_email"], name="past_pair_once"
            ),
            models.CheckConstraint(
                condition=~Q(first_email=F("second_email")), name="past_pair_of_two"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_email} and {self.second_email}"
