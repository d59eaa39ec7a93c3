"""Requests of visitors that are counted for a while."""

from django.db import models


class RecentRequest(models.Model):
    """One request of a kind by somebody: a keyed digest of an address, of the network or of email.

    In the database, so that all processes count together.
    """

    what = models.CharField(max_length=20)
    who = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["what", "who", "at"])]

    def __str__(self) -> str:
        return f"{self.what}, {self.at:%Y-%m-%d %H:%M}"
