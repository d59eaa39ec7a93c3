"""What the committee decided about a wish not to meet somebody."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from mentorship.models import Participant


class WishDecision(models.Model):
    """Who one person means by a wish that names nobody with certainty.

    It holds for the wish as it was worded then. `considered` are the keys of the people who might
    have been meant: when somebody else might be meant, too, the wish waits for a decision again.
    """

    participant = models.OneToOneField(
        Participant, on_delete=models.CASCADE, related_name="wish_decision"
    )
    text = models.CharField(max_length=200)
    apart_from = models.ManyToManyField(Participant, blank=True, related_name="+")
    considered = models.JSONField(default=list)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.participant}: {self.text}"
