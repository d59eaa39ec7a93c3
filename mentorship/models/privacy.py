"""What the program can say of how it treats people's data, and what it has yet to remove."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from mentorship.models.program import Program


class DataAccess(models.Model):
    """What one member of the committee did with people's data; rows are added and never changed.

    It names accounts and keys, no people, so that it can stay when a program is anonymized.
    `which` is the list or the file, `number` how many rows were in it, as far as that is known.
    """

    class What(models.TextChoices):
        READ = "read", "Opened a list"
        EXPORTED = "exported", "Downloaded"
        IMPORTED = "imported", "Imported"
        UNDID = "undid", "Undid an import"
        CHANGED = "changed", "Changed"
        ERASED = "erased", "Deleted a person’s data"
        ANONYMISED = "anonymised", "Anonymized"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="data_accesses")
    # None: the program did it on the day that its settings say.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=10, choices=What)
    which = models.CharField(max_length=60)
    number = models.PositiveIntegerField(null=True, blank=True)
    about = models.BigIntegerField(
        null=True, blank=True, help_text="Primary key of the person, where it was one"
    )

    class Meta:
        verbose_name, verbose_name_plural = "data log entry", "data log entries"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["program", "at"])]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.which}"


class CleanUp(models.Model):
    """What has to go from files and from freed space, since its rows were anonymized.

    The row comes in the transaction that anonymizes and goes once everything is done, so that a
    process that dies in between leaves the rest to the next one. `emails` are keys of the emails
    of which the copies written as files have to go.
    """

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="clean_ups")
    emails = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"What is left of {self.program}"
