"""The sign of life of what works in the background, and what keeps it from working."""

from django.db import models


class Heartbeat(models.Model):
    """When a part that works in the background was last seen at work; one row a part.

    `trouble` says what has kept it from working since then, in words; "" if nothing has. `holder`
    is the process whose turn it is, of a part that only one at a time may be; else "".
    """

    part = models.CharField(max_length=20, primary_key=True)
    seen_at = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True)
    tries = models.PositiveIntegerField(default=0, help_text="Without success, in a row")
    retry_at = models.DateTimeField(null=True, help_text="Not tried again before")
    holder = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        seen = f"{self.seen_at:%Y-%m-%d %H:%M}" if self.seen_at else "never"
        return f"{self.part}, {seen}"
