"""Migrate the database; of several machines that start at once, one does it and the others wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections

# Any number, as long as nothing else in the database locks by it.
LOCK = 7_261_802_021


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with _alone(options["database"]):
            super().handle(*args, **options)


@contextmanager
def _alone(alias: str) -> Iterator[None]:
    """Wait until nobody else migrates this database, and let nobody else begin.

    The lock is of a connection of its own, and ends with it, however the process ends. An SQLite
    file is on one machine.
    """
    if connections[alias].vendor != "postgresql":
        yield
        return
    lock = connections.create_connection(alias)
    try:
        with lock.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield
    finally:
        lock.close()
