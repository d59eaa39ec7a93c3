"""Turn what was edited in a workbook of `export_matches` into edits of matches."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from matching.domain.sheets.upload import import_matches
from mentorship.domain.files.spreadsheets import read_file_sheets
from mentorship.interfaces.commands import JsonCommand


class Command(JsonCommand):
    help = (
        "Upload an edited workbook of export_matches: save all edits in it, or none."
        " Exits with 1, with nothing saved, when there are conflicts."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="IN.xlsx", help="the edited workbook")
        parser.add_argument(
            "--dry-run", action="store_true", help="print what would change, save nothing"
        )

    def act(self, **options: Any) -> dict[str, Any]:
        sheets = read_file_sheets(options["file"])
        report = import_matches(options["program"], sheets, dry_run=options["dry_run"])
        if report.conflicts:
            self.stderr.write("Nothing was saved. Fix the problems and try again.")
        return report.as_json()

    def exit_code(self, result: dict[str, Any]) -> int:
        return int(any(not problem.get("warning") for problem in result["problems"]))
