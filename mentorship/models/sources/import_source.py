"""What a program's sign-ups and responses are read from by themselves: a ticket shop, a sheet."""

from __future__ import annotations

import datetime
import secrets
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mentorship.models.importing import Import
from mentorship.models.packed import PackedJSONField
from mentorship.models.program import Program


def new_hook_key() -> str:
    """Return a secret for the address that a shop calls."""
    return secrets.token_urlsafe(24)


class ImportSourceQuerySet(models.QuerySet["ImportSource"]):
    def light(self) -> ImportSourceQuerySet:
        """Leave what was read out until it is asked for."""
        return self.defer("state")

    def due(self, now: datetime.datetime) -> ImportSourceQuerySet:
        """Return the sources that are to be read by now and that nobody is reading."""
        return self.filter(next_at__lte=now).filter(
            Q(claimed_at=None) | Q(claimed_at__lt=now - ImportSource.GIVEN_UP_AFTER)
        )


class ImportSource(models.Model):
    """Where a program's sign-ups or responses come from by themselves.

    `address` is the sheet's, or that of the shop. `sealed_token` is the shop's token, encrypted;
    `question` and `affiliation_question` are keys of the shop's questions. With `automatic`, what
    is certain is imported by itself, once `reviewed_at` says that somebody has confirmed what the
    source brings. `claimed_at`: a worker has been reading it since then. `trouble` says why the
    last reads failed, `tries` how many in a row. `state` is what the next read needs to know of the
    last, as `mentorship.domain.imports.from_sources` and `…sources.pretix.memory` say.
    """

    class Kind(models.TextChoices):
        PRETIX = "pretix", "pretix"
        SHEET = "sheet", "a sheet at an address"

    # A worker that has died is not waited for any longer.
    GIVEN_UP_AFTER = datetime.timedelta(minutes=20)

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=8, choices=Kind)
    brings = models.CharField(
        max_length=12,
        choices=[
            (Import.Kind.SIGNUPS.value, "sign-ups"),
            (Import.Kind.RESPONSES.value, "survey responses"),
        ],
        default=Import.Kind.SIGNUPS,
    )
    address = models.URLField(max_length=2000)
    organizer = models.CharField(max_length=50, blank=True)
    event = models.CharField(max_length=50, blank=True)
    sealed_token = models.TextField(blank=True, editable=False)
    question = models.PositiveBigIntegerField("mentorship question", null=True, blank=True)
    affiliation_question = models.PositiveBigIntegerField(null=True, blank=True)
    automatic = models.BooleanField("import what is certain by itself", default=True)
    hook_key = models.CharField(max_length=40, unique=True, default=new_hook_key, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True, default=timezone.now, db_index=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    paused_why = models.CharField(max_length=300, blank=True)
    tries = models.PositiveIntegerField(default=0)
    trouble = models.TextField(blank=True)
    state = PackedJSONField(default=dict, blank=True)

    objects = ImportSourceQuerySet.as_manager()

    class Meta:
        verbose_name = "source"
        ordering = ["brings", "pk"]
        constraints = [
            # A list of sign-ups is the whole of them: who is not in it has gone.
            models.UniqueConstraint(
                fields=["program"],
                condition=Q(brings="signups"),
                name="one_source_of_signups",
                violation_error_message="This program has a source of sign-ups already. Remove it "
                "first: a list of sign-ups is the whole of them.",
            ),
            models.CheckConstraint(
                condition=(Q(kind="pretix", brings="signups") & ~Q(organizer="") & ~Q(event=""))
                | Q(kind="sheet", organizer="", event="", sealed_token=""),
                name="source_has_what_its_kind_needs",
            ),
            models.CheckConstraint(
                condition=Q(paused_why="", next_at__isnull=False)
                | (~Q(paused_why="") & Q(next_at=None)),
                name="source_is_due_or_paused",
            ),
            models.CheckConstraint(
                condition=Q(trouble="", tries=0) | (~Q(trouble="") & Q(tries__gt=0)),
                name="source_in_trouble_has_tried",
            ),
        ]

    def __str__(self) -> str:
        # Not the whole address: whoever knows that of a sheet can read it.
        host = urlsplit(self.address).hostname or self.address
        if self.kind == self.Kind.PRETIX:
            return f"pretix, {self.organizer}/{self.event} at {host}"
        return f"sheet at {host}"

    @property
    def is_paused(self) -> bool:
        return self.next_at is None

    @staticmethod
    def about_nothing_read() -> dict[str, Any]:
        """Return the columns that say what was read, as they are before the first read."""
        return {"state": {}, "reviewed_at": None, "tries": 0, "trouble": ""}
