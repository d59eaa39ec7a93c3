"""The site in numbers, as Prometheus reads them."""

from __future__ import annotations

import datetime

from django.utils import timezone
from prometheus_client import CollectorRegistry, Gauge, Info, generate_latest

from committee.domain.operation import read_operation, readiness


def metrics(now: datetime.datetime | None = None) -> bytes:
    """Return today's numbers in Prometheus's text format; nobody's name is in them.

    They are read from the database and the disk, so each process gives the same.
    """
    now = now or timezone.now()
    registry = CollectorRegistry()
    operation = read_operation(now)
    Info("mentorship", "Versions", registry=registry).info(operation.versions)
    check = Gauge("mentorship_check", "1 if this is well", ["check"], registry=registry)
    for condition in readiness(now):
        check.labels(condition.name).set(condition.is_well)
    emails = Gauge("mentorship_emails", "Emails by their state", ["state"], registry=registry)
    for state, number in operation.emails.items():
        emails.labels(state).set(number)
    seen = Gauge(
        "mentorship_last_seen_timestamp_seconds",
        "When a part was last seen at work; 0 for never",
        ["part"],
        registry=registry,
    )
    for part, moment in operation.seen.items():
        seen.labels(part).set(moment.timestamp() if moment else 0)
    for name, what, value in (
        (
            "mentorship_oldest_due_email_seconds",
            "How long the oldest email that may leave has waited",
            (now - operation.due_since).total_seconds() if operation.due_since else 0,
        ),
        (
            "mentorship_last_backup_timestamp_seconds",
            "When the last backup was made; 0 for never",
            operation.last_backup.timestamp() if operation.last_backup else 0,
        ),
        ("mentorship_disk_free_bytes", "Room left on the disk", operation.free_bytes),
        ("mentorship_database_bytes", "Size of the database", operation.database_bytes),
    ):
        Gauge(name, what, registry=registry).set(value)
    return generate_latest(registry)
