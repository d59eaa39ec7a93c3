"""The site in numbers, as Prometheus reads them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping

from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from committee.domain.operation import read_operation, readiness
from mentorship.interfaces.request_times import add_request_times


def metrics(now: datetime.datetime | None = None) -> bytes:
    """Return today's numbers in Prometheus's text format; nobody's name is in them.

    Each process gives the same: they are read from the database, from the disk, and from what the
    web server's processes count together.
    """
    registry = CollectorRegistry()
    registry.register(_Site(now or timezone.now()))
    add_request_times(registry)
    return generate_latest(registry)


class _Site(Collector):
    """How the site is at a moment."""

    def __init__(self, now: datetime.datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        operation = read_operation(self._now)
        yield InfoMetricFamily("mentorship", "Versions", operation.versions)
        yield _by(
            "mentorship_check",
            "1 if this is well",
            "check",
            {condition.name: condition.is_well for condition in readiness(self._now)},
        )
        yield _by("mentorship_emails", "Emails by their state", "state", operation.emails)
        yield _by(
            "mentorship_last_seen_timestamp_seconds",
            "When a part was last seen at work; 0 for never",
            "part",
            {part: at.timestamp() if at else 0 for part, at in operation.seen.items()},
        )
        due, backup = operation.due_since, operation.last_backup
        for name, what, value in (
            (
                "mentorship_oldest_due_email_seconds",
                "How long the oldest email that may leave has waited",
                (self._now - due).total_seconds() if due else 0,
            ),
            (
                "mentorship_last_backup_timestamp_seconds",
                "When the last backup was made; 0 for never",
                backup.timestamp() if backup else 0,
            ),
            ("mentorship_disk_free_bytes", "Room left on the disk", operation.free_bytes),
            ("mentorship_database_bytes", "Size of the database", operation.database_bytes),
        ):
            yield GaugeMetricFamily(name, what, value)


def _by(name: str, what: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=[label])
    for each, value in values.items():
        family.add_metric([each], float(value))
    return family
