"""The commands that import one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from mentorship.domain.files.spreadsheets import content_of
from mentorship.domain.imports.kinds import KINDS, dry_run, run_import
from mentorship.domain.people.bulk import BATCH
from mentorship.interfaces.commands import JsonCommand
from mentorship.models import Import


class ImportCommand(JsonCommand):
    """A command that imports one file: `FILE [--dry-run] [--sheet NAME] [--column HEADING=KEY]…`"""

    kind: ClassVar[Import.Kind]

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV, TSV, XLSX or ODS")
        parser.add_argument(
            "--dry-run", action="store_true", help="print what would change, save nothing"
        )
        parser.add_argument(
            "--sheet", metavar="NAME", default="", help="the sheet of a workbook to read"
        )
        keys = ", ".join(column.key for column in KINDS[self.kind].columns)
        parser.add_argument(
            "--column",
            metavar="HEADING=KEY",
            action="append",
            default=[],
            help="say what a column is, which the program remembers; several times if needed. "
            f"HEADING is a heading or the column’s number, KEY one of: {keys}, or nothing at all "
            "for a column to ignore",
        )

    def act(self, **options: Any) -> dict[str, Any]:
        program, the = options["program"], KINDS[self.kind]
        path = Path(options["file"])
        table = the.read(program, content_of(path), path.name, options["sheet"])
        if table.note:
            self.stderr.write(table.note)
        try:
            choice = the.choose(program, table, options["column"])
            if options["dry_run"]:
                report = dry_run(
                    program, self.kind, table, choice=choice, progress=self.show_progress
                )
            else:
                report, _ = run_import(
                    program, self.kind, table, choice=choice, progress=self.show_progress
                )
        except ValidationError as error:
            if getattr(error, "code", "") == "columns":
                raise ValidationError(
                    [*error.messages, "Say what a column is with --column HEADING=KEY."]
                ) from error
            raise
        for doubt in report.doubts:
            self.stderr.write(
                f"Row {doubt.row}, {doubt.email}: {doubt.field} not understood: {doubt.value}"
            )
        result: dict[str, Any] = report.as_json()
        result["columns"] = the.taken(program, table, choice)
        return result

    def show_progress(self, done: int, total: int) -> None:
        """Print on standard error how far a long import is."""
        if total > BATCH:
            self.stderr.write(f"{done} of {total} ({100 * done // total} %)")
