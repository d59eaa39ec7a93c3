"""Restore the whole site from a file that `backup` wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from committee.domain.backups.backup import restore_backup
from mentorship.interfaces.commands import JsonCommand


class Command(JsonCommand):
    help = "Restore FILE. No email leaves afterwards until somebody has looked at the outbox."
    needs_program = False

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="give up what is here now")

    def act(self, **options: Any) -> dict[str, Any]:
        done = restore_backup(Path(options["file"]), replace=options["replace"])
        return {
            "made_at": done.made_at,
            "tables": len(done.contents.rows),
            "rows": sum(done.contents.rows.values()),
            "emails": done.contents.emails,
            "secret_key": done.has_key,
        }

    def words(self, result: dict[str, Any]) -> str:
        return (
            f"Restored: {result['rows']} rows of {result['tables']} tables, as they were at "
            f"{result['made_at']:%Y-%m-%d %H:%M} UTC. Counts, constraints and the states of emails "
            "agree. No email leaves before somebody has looked: each program's dashboard says how."
        )
