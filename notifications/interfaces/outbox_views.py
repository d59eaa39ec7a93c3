"""The ways in which the outbox is looked at: one for each state, with how many emails it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from mentorship.models import Program
from notifications.models import Bounce, EmailLog
from notifications.models.states import BOUNCED, STATES

State = EmailLog.State
# What is queued for a later time, and the address of the view of what bounced.
SCHEDULED, BACK = "scheduled", "back"
# Those of which a report does not say whose it is.
UNCLEAR = "unclear"
_ORDER = (
    State.QUEUED,
    SCHEDULED,
    State.SENDING,
    State.HELD,
    State.FAILED,
    State.UNCERTAIN,
    BACK,
    UNCLEAR,
    State.SENT,
    State.CANCELLED,
)


def _words() -> Iterator[tuple[str, str, str]]:
    """Yield each view: its name in the address, its words and its tone."""
    yield "", "All", ""
    for view in _ORDER:
        if view == SCHEDULED:
            yield SCHEDULED, "Scheduled", STATES[State.QUEUED].tone
        elif view == UNCLEAR:
            yield UNCLEAR, "Unclear reports", STATES[BOUNCED].tone
        else:
            words = STATES[BOUNCED if view == BACK else view]
            yield str(view), words.label, words.tone


def _scheduled() -> Q:
    return Q(state=State.QUEUED, not_before__gt=timezone.now())


def _shown(view: str) -> Q:
    """Return what holds of the emails in a view."""
    match view:
        case "":
            return Q()
        case "scheduled":
            return _scheduled()
        case "back":
            return Q(came_back_at__isnull=False)
        case "unclear":
            return Q(pk__in=Bounce.objects.unclear().values("mail"))
        case State.QUEUED:
            return Q(state=State.QUEUED) & ~_scheduled()
        case _:
            return Q(state=view)


class ViewFilter(admin.SimpleListFilter):
    """A state of an email; scheduled is what is queued for a later time."""

    title = "state"
    parameter_name = "view"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, words) for name, words, _ in _words() if name]

    def queryset(self, request: HttpRequest, emails: QuerySet[EmailLog]) -> QuerySet[EmailLog]:
        return emails.filter(_shown(self.value() or ""))


def views_of(
    program: Program, asked: Mapping[str, str], *, chair: bool = False
) -> list[dict[str, Any]]:
    """Return each view with its link, its number of emails and whether it is asked for.

    `chair`: also those that only chairs may see are counted.
    """
    views = list(_words())
    emails = EmailLog.objects.filter(program=program).seen_by(chair=chair)
    counts = emails.aggregate(
        **{f"in_{name}": Count("pk", filter=_shown(name)) for name, _, _ in views}
    )
    now = asked.get("view", "")
    return [
        {
            "name": name,
            "words": words,
            "tone": tone,
            "count": counts[f"in_{name}"],
            "on": name == now,
        }
        for name, words, tone in views
        if counts[f"in_{name}"] or name in ("", now)
    ]
