"""What the host's page shows."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone
from django.utils.timesince import timesince

from committee.domain.operation import read_operation, readiness
from mentorship.domain.heartbeat import BEAT, BOUNCES, WORKER
from notifications.models.states import STATES

_LABELS = {
    "database": "Database",
    "queue": "Queue",
    "disk": "Room on the disk",
    "migrations": "Migrations",
    BEAT: "Beat",
    "oldest_due_email": "Oldest email that is due",
    WORKER: "Worker",
    "email": "Mail server",
    BOUNCES: "Mailbox for bounces",
}
_PRODUCTS = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


def host_context() -> dict[str, Any]:
    """Return the conditions, numbers and versions that the page shows."""
    now = timezone.now()
    operation = read_operation(now)
    due = operation.due_since
    return {
        "now": now.astimezone(datetime.UTC),
        "conditions": [(_LABELS[condition.name], condition) for condition in readiness(now)],
        "operation": operation,
        "versions": [
            (_PRODUCTS.get(name, name.capitalize()), version)
            for name, version in operation.versions.items()
        ],
        "emails": [(STATES[state].label, number) for state, number in operation.emails.items()],
        "due_for": timesince(due, now) if due else "",
    }
