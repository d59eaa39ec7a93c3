"""Both people of a match are of its program: the rule where SQLite has to hold it.

PostgreSQL holds it as foreign keys over two columns (migration 0002). SQLite cannot add one to a
table that is there, so triggers hold it. SQLite also rebuilds a whole table where a migration
changes one column, which takes the table's triggers away and fails where another table's trigger
names it. So they stand aside while migrations run, and are set anew after.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

_TRIGGERS = {
    f"match_{person}_of_program_{event.lower()}": f"""
        BEFORE {event} ON matching_match
        WHEN NOT EXISTS (
            SELECT 1 FROM mentorship_participant AS p
            WHERE p.id = NEW.{person}_id AND p.program_id = NEW.program_id
        )
        BEGIN SELECT RAISE(ABORT, 'match_{person}_of_program'); END
    """  # noqa: S608 - made of this file alone
    for person in ("mentor", "mentee")
    for event in ("INSERT", "UPDATE")
}


def stand_aside(using: str, **kwargs: Any) -> None:
    """Take the triggers away before migrations run."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            for name in _TRIGGERS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def hold(using: str, **kwargs: Any) -> None:
    """Set the triggers after migrations ran, if they made or left the table."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            if "matching_match" in connection.introspection.table_names(cursor):
                for name, rule in _TRIGGERS.items():
                    cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {rule}")


def watch_migrations(sender: Any) -> None:
    """Have the triggers set anew by every run of the migrations of the app `sender`."""
    pre_migrate.connect(stand_aside, sender=sender)
    post_migrate.connect(hold, sender=sender)
