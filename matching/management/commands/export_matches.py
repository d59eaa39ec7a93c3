"""Write a program's matches as a workbook with the two sheets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from matching.interfaces.sheets.match_workbook import export_matches
from mentorship.interfaces.commands import JsonCommand, Refused


class Command(JsonCommand):
    help = "Write the sheets of mentors and mentees with their matches as an XLSX workbook."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="OUT.xlsx", help="the workbook to write")

    def act(self, **options: Any) -> dict[str, Any]:
        content, numbers = export_matches(options["program"])
        try:
            Path(options["file"]).write_bytes(content)
        except OSError as error:
            raise Refused(f"Cannot write {options['file']}: {error.strerror}.") from error
        return numbers
