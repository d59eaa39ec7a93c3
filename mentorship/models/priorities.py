"""What a program's matching puts first: its priorities, with the words that every page uses."""

from __future__ import annotations

from django.db import models


class Priority(models.TextChoices):
    """A priority of matching; the order is that of a new program, the label its title."""

    UNMATCHED = "unmatched", "Unmatched mentees"
    CHANGED = "changed", "Announced pairs changed"
    SPREAD = "spread", "Pairs of mentees sharing a mentor"
    MIXED = "mixed", "Mixed attendance"
    CROSS_FIELD = "cross_field", "No shared field"
    WEAK = "weak", "Low-affinity pairs"
    AFFINITY = "affinity", "Total affinity"
