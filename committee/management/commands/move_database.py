"""Move everything into another database, such as from SQLite to PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from committee.domain.backups.move import move_database
from mentorship.interfaces.commands import JsonCommand


class Command(JsonCommand):
    help = "Copy everything in DATABASE_URL into the empty database at URL, and compare the two."
    needs_program = False

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", metavar="URL", help="such as postgres://user:password@host/name")

    def act(self, **options: Any) -> dict[str, Any]:
        moved = move_database(options["url"])
        return {"tables": len(moved), "rows": sum(moved.values())}

    def words(self, result: dict[str, Any]) -> str:
        return (
            f"{result['rows']} rows of {result['tables']} tables are there and the same as here. "
            "Set DATABASE_URL to the new database, then start the site. The old one is unchanged."
        )
