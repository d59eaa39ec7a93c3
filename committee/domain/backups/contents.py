"""What is in a database, counted: what a backup has to have, and a restored database, too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.exceptions import ValidationError

EMAILS = "notifications_emaillog"
MIGRATIONS = "django_migrations"


class Cursor(Protocol):
    """What the cursors of SQLite, psycopg and Django have in common."""

    def execute(self, sql: str) -> Any: ...
    def fetchall(self) -> Any: ...


@dataclass(frozen=True)
class Contents:
    """How many rows each table has, how many emails are in each state, and what is migrated."""

    rows: dict[str, int]
    emails: dict[str, int]
    migrations: list[str]

    def difference(self, other: Contents) -> list[str]:
        """Return, in words, where another database's contents differ from these."""
        pairs = (
            *((f"the table {name}", self.rows, other.rows, name) for name in self.rows),
            *((f"emails that are {name}", self.emails, other.emails, name) for name in self.emails),
        )
        return [
            f"{what}: {mine[name]} in the backup, {others.get(name, 0)} now"
            for what, mine, others, name in pairs
            if mine[name] != others.get(name, 0)
        ]


def read_contents(cursor: Cursor, tables: Iterable[str]) -> Contents:
    """Return what is in these tables; the caller sees to it that nobody changes it meanwhile.

    Raise ValidationError unless they are tables of this application.
    """
    tables = sorted(tables)
    if not {EMAILS, MIGRATIONS} <= set(tables):
        raise ValidationError("This database is not one of this application.")

    def select(sql: str) -> list[Any]:
        cursor.execute(sql)
        return list(cursor.fetchall())

    return Contents(
        rows={table: select(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables},  # noqa: S608
        emails=dict(select(f"SELECT state, count(*) FROM {EMAILS} GROUP BY state ORDER BY state")),  # noqa: S608
        migrations=[
            f"{app}.{name}"
            for app, name in select(f"SELECT app, name FROM {MIGRATIONS} ORDER BY app, name")  # noqa: S608
        ],
    )
