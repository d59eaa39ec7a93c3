"""The commands that import one file."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.management.base import CommandParser

from mentorship.domain.files.spreadsheets import read_file
from mentorship.domain.imports.kinds import dry_run, run_import
from mentorship.domain.people.bulk import BATCH
from mentorship.interfaces.commands import JsonCommand
from mentorship.models import Import


class ImportCommand(JsonCommand):
    """A command that imports one file: `FILE [--dry-run]`."""

    kind: ClassVar[Import.Kind]

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV, TSV, XLSX or ODS")
        parser.add_argument(
            "--dry-run", action="store_true", help="print what would change, save nothing"
        )

    def act(self, **options: Any) -> dict[str, Any]:
        table = read_file(options["file"])
        if table.note:
            self.stderr.write(table.note)
        program = options["program"]
        if options["dry_run"]:
            report = dry_run(program, self.kind, table, progress=self.show_progress)
        else:
            report, _ = run_import(program, self.kind, table, progress=self.show_progress)
        for doubt in report.doubts:
            self.stderr.write(
                f"Row {doubt.row}, {doubt.email}: {doubt.field} not understood: {doubt.value}"
            )
        result: dict[str, Any] = report.as_json()
        return result

    def show_progress(self, done: int, total: int) -> None:
        """Print on standard error how far a long import is."""
        if total > BATCH:
            self.stderr.write(f"{done} of {total} ({100 * done // total} %)")
