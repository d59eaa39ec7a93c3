"""Whether what works in the background is alive."""

from __future__ import annotations

import datetime

from django.utils import timezone

from mentorship.models import Heartbeat

WORKER = "worker"
# The outbox is looked into every 20 seconds, and one look takes no longer than that.
SILENT_AFTER = datetime.timedelta(minutes=5)


def beat(now: datetime.datetime | None = None) -> None:
    """Leave a sign that the worker is at work."""
    Heartbeat.objects.update_or_create(part=WORKER, defaults={"seen_at": now or timezone.now()})


def last_beat() -> datetime.datetime | None:
    """Return when the worker was last seen at work; None if it never was."""
    return Heartbeat.objects.filter(part=WORKER).values_list("seen_at", flat=True).first()


def is_silent(seen: datetime.datetime | None, now: datetime.datetime | None = None) -> bool:
    """Return whether a worker that was last seen then has been silent for five minutes, or ever."""
    return seen is None or (now or timezone.now()) - seen > SILENT_AFTER
