"""Back up the whole site into one file, while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from committee.domain.backups.backup import make_backup
from mentorship.interfaces.commands import JsonCommand


class Command(JsonCommand):
    help = "Write the database and the site's own key into FILE. It has everyone's personal data."
    needs_program = False

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a name such as backup-2027-07-01.tar.gz")

    def act(self, **options: Any) -> dict[str, Any]:
        done = make_backup(Path(options["file"]))
        return {
            "file": options["file"],
            "tables": len(done.contents.rows),
            "rows": sum(done.contents.rows.values()),
            "emails": done.contents.emails,
            "secret_key": done.has_key,
        }

    def words(self, result: dict[str, Any]) -> str:
        key = (
            "and the site's key"
            if result["secret_key"]
            else "; SECRET_KEY is in your settings and not in the file"
        )
        return (
            f"{result['file']} has {result['rows']} rows of {result['tables']} tables {key}. "
            "It is personal data of everyone in it: keep it where only you can read it."
        ).replace(" ;", ";")
