"""What is wrong with the settings of an installation, in a sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register
from django.db import connection


@register("machines", deploy=True)
def check_machines(**kwargs: Any) -> list[CheckMessage]:
    """Find what other machines would not see, with a database that they can share."""
    return list(_warnings()) if connection.vendor != "sqlite" else []


def _warnings() -> Iterator[CheckMessage]:
    if not settings.HAS_OWN_SECRET_KEY:
        yield Warning(
            "The secret key is kept under VAR_DIR, where no other machine sees it.",
            hint="Set SECRET_KEY, to the same on each machine.",
            id="machines.W001",
        )
    if settings.QUEUE_FOLDERS:
        yield Warning(
            "The queue is files under VAR_DIR, where no other machine sees them.",
            hint="Set BROKER_URL to a Redis that each machine reaches.",
            id="machines.W002",
        )
