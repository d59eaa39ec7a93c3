"""The ways in which the outbox is looked at: one for each state, with how many mails it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from mentorship.models import Program
from notifications.models import EmailLog

State = EmailLog.State
# Name in the address, words, and whether anybody should look at it.
_VIEWS = [
    ("", "All", ""),
    ("queued", "Queued", "info"),
    ("scheduled", "Scheduled", "info"),
    ("sending", "Sending", "info"),
    ("held", "Held", "warning"),
    ("failed", "Failed", "danger"),
    ("uncertain", "Uncertain", "warning"),
    ("back", "Came back", "danger"),
    ("sent", "Sent", "success"),
    ("cancelled", "Cancelled", "primary"),
]


def _scheduled() -> Q:
    return Q(state=State.QUEUED, not_before__gt=timezone.now())


class ViewFilter(admin.SimpleListFilter):
    """A state of a mail; scheduled is what is queued for a later time."""

    title = "state"
    parameter_name = "view"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, words) for name, words, _ in _VIEWS if name]

    def queryset(self, request: HttpRequest, mails: QuerySet[EmailLog]) -> QuerySet[EmailLog]:
        match self.value():
            case None:
                return mails
            case "scheduled":
                return mails.filter(_scheduled())
            case "back":
                return mails.filter(came_back_at__isnull=False)
            case "queued":
                return mails.filter(Q(state=State.QUEUED) & ~_scheduled())
            case state:
                return mails.filter(state=state)


def views_of(program: Program, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give each view with its link, its number of mails and whether it is the one asked for."""
    counts = dict(program.emails.values_list("state").annotate(n=Count("pk")).order_by())
    scheduled = program.emails.filter(_scheduled()).count()
    counts["scheduled"] = scheduled
    counts["queued"] = counts.get("queued", 0) - scheduled
    counts[""] = sum(counts.values())
    counts["back"] = program.emails.filter(came_back_at__isnull=False).count()
    now = asked.get("view", "")
    return [
        {
            "name": name,
            "words": words,
            "tone": tone,
            "count": counts.get(name, 0),
            "on": name == now,
        }
        for name, words, tone in _VIEWS
        if counts.get(name) or name in ("", now)
    ]
