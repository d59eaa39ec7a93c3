"""Imports as django-import-export resources: the one way in, for commands and for pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.management.base import CommandParser
from django.db import transaction
from import_export.resources import Resource
from import_export.results import Result

from mentorship.domain.columns import RESPONSE_COLUMNS, SIGNUP_COLUMNS, Column
from mentorship.domain.intake import BATCH, Progress
from mentorship.domain.research import RESEARCH_COLUMNS, ResearchReport, import_research
from mentorship.domain.response_imports import ResponseReport, import_responses
from mentorship.domain.signups import SignupReport, import_signups
from mentorship.domain.spreadsheets import Table, read_file
from mentorship.interfaces.commands import JsonCommand
from mentorship.interfaces.import_files import fingerprint
from mentorship.interfaces.import_preview import Preview, preview_responses, preview_signups
from mentorship.interfaces.research_preview import preview_research
from mentorship.models import Program


class ImportResult(Result):
    """import-export's result, with the domain's own report of what happened."""

    report: Any = None


class ProgramResource(Resource):
    """Imports one table into one program.

    The work is done by a domain function, in bulk and in one transaction, so that page and command
    cannot differ; import-export's row by row way would take a query for each row.
    """

    title: ClassVar[str]
    columns: ClassVar[list[Column]]
    needs_name = False

    def __init__(self, program: Program, progress: Progress | None = None) -> None:
        super().__init__()
        self.program = program
        self.progress = progress

    def act(self, table: Table, *, dry_run: bool) -> Any:
        """Import the table and give the report; raise ValidationError if that cannot be."""
        raise NotImplementedError("every resource implements act()")

    def layout(self, report: Any) -> Preview:
        """Lay the report of an import out for people to read."""
        raise NotImplementedError("every resource implements layout()")

    def import_data(self, dataset: Table, dry_run: bool = False, **kwargs: Any) -> ImportResult:
        result = ImportResult()
        result.report = self.act(dataset, dry_run=dry_run)
        result.total_rows = result.report.rows
        return result

    @classmethod
    def columns_read(cls) -> tuple[list[str], list[str]]:
        """Give what the columns are called that a file must have, and that it may have."""
        names = {"name", "first_name", "last_name"}
        needed = [column.called for column in cls.columns if column.needed]
        if cls.needs_name:
            needed.insert(1, "name (or first and last name)")
        used = [c.called for c in cls.columns if not c.needed and c.key not in names]
        return needed, used

    def import_as_seen(self, table: Table, seen: str) -> ImportResult | None:
        """Import the table if the outcome is the one that was shown, whose fingerprint is `seen`.

        Give None, with nothing saved, if anything has changed since. Raises ValidationError.
        """
        with transaction.atomic():
            result = self.import_data(table)
            if fingerprint(result.report) != seen:
                transaction.set_rollback(True)
                return None
        return result

    @classmethod
    def get_display_name(cls) -> str:
        return cls.title


class SignupResource(ProgramResource):
    title = "sign-ups"
    columns = SIGNUP_COLUMNS
    needs_name = True

    def act(self, table: Table, *, dry_run: bool) -> SignupReport:
        return import_signups(self.program, table, dry_run=dry_run, progress=self.progress)

    def layout(self, report: SignupReport) -> Preview:
        return preview_signups(report)


class ResponseResource(ProgramResource):
    title = "survey answers"
    columns = RESPONSE_COLUMNS

    def act(self, table: Table, *, dry_run: bool) -> ResponseReport:
        return import_responses(self.program, table, dry_run=dry_run, progress=self.progress)

    def layout(self, report: ResponseReport) -> Preview:
        return preview_responses(report)


class ResearchResource(ProgramResource):
    title = "a research sheet"
    columns = RESEARCH_COLUMNS

    def act(self, table: Table, *, dry_run: bool) -> ResearchReport:
        return import_research(self.program, table, dry_run=dry_run)

    def layout(self, report: ResearchReport) -> Preview:
        return preview_research(report)


class ImportCommand(JsonCommand):
    """A command that imports one file: `FILE [--dry-run]`."""

    resource_class: type[ProgramResource]

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV, TSV, XLSX or ODS")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, only")

    def act(self, **options: Any) -> dict[str, Any]:
        table = read_file(options["file"])
        resource = self.resource_class(options["program"], progress=self.show_progress)
        report = resource.import_data(table, dry_run=options["dry_run"]).report
        for doubt in report.doubts:
            self.stderr.write(
                f"Row {doubt.row}, {doubt.email}: {doubt.field} not understood: {doubt.value}"
            )
        result: dict[str, Any] = report.as_json()
        return result

    def show_progress(self, done: int, total: int) -> None:
        """Say on standard error how far a long import is."""
        if total > BATCH:
            self.stderr.write(f"{done} of {total} ({100 * done // total} %)")
