"""The sign of life of what works in the background."""

from django.db import models


class Heartbeat(models.Model):
    """When a part that works in the background was last seen at work; one row a part."""

    part = models.CharField(max_length=20, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.part}, {self.seen_at:%Y-%m-%d %H:%M}"
