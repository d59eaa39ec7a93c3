"""Imports as django-import-export resources: the one way in, for commands and for pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.db import transaction
from import_export.resources import Resource
from import_export.results import Result

from mentorship.domain.files.spreadsheets import Table, read_file
from mentorship.domain.imports.column_guesses import Guess, as_remembered, faults_of, guess_columns
from mentorship.domain.imports.columns import RESPONSE_COLUMNS, SIGNUP_COLUMNS, Column
from mentorship.domain.imports.records import keep_import, remember_columns
from mentorship.domain.imports.report import BATCH, Progress
from mentorship.domain.imports.research import RESEARCH_COLUMNS, ResearchReport, import_research
from mentorship.domain.imports.responses import ResponseReport, import_responses
from mentorship.domain.imports.signups import SignupReport, import_signups
from mentorship.interfaces.commands import JsonCommand
from mentorship.interfaces.imports.preview import Preview, preview_responses, preview_signups
from mentorship.interfaces.imports.research_preview import preview_research
from mentorship.models import Import, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class ImportResult(Result):
    """import-export's result, with the domain's own report of what happened."""

    report: Any = None
    kept: Import | None = None


class ProgramResource(Resource):
    """Imports one table into one program.

    The work is done by a domain function, in bulk and in one transaction, so that page and command
    cannot differ; import-export's row by row way would take a query for each row.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    columns: ClassVar[list[Column]]
    needs_name = False

    def __init__(
        self,
        program: Program,
        progress: Progress | None = None,
        by: AbstractBaseUser | None = None,
    ) -> None:
        super().__init__()
        self.program = program
        self.progress = progress
        self.by = by

    def act(self, table: Table, columns: dict[str, int] | None, *, dry_run: bool) -> Any:
        """Import the table, whose columns stand at these positions, and give the report.

        Without them, the headings and what the program remembers say where they stand. Raises
        ValidationError if that cannot be.
        """
        raise NotImplementedError("every resource implements act()")

    def layout(self, report: Any) -> Preview:
        """Lay the report of an import out for people to read."""
        raise NotImplementedError("every resource implements layout()")

    def options(self) -> dict[str, list[str]]:
        """Give the program's own words for a column by which it can be recognised."""
        return {}

    def guess(self, table: Table) -> list[Guess]:
        """Give what each column of the table is taken for, as long as nobody has chosen."""
        return guess_columns(table, self.columns, self._remembered(), self.options())

    def faults(self, keys: Sequence[str]) -> list[str]:
        """Give what is wrong with a choice of what each column is, in sentences."""
        return faults_of(keys, self.columns, needs_name=self.needs_name)

    def import_data(
        self,
        dataset: Table,
        dry_run: bool = False,
        choice: Sequence[str] | None = None,
        draft: Import | None = None,
        **kwargs: Any,
    ) -> ImportResult:
        """Import the table and keep the import (unless `dry_run`), in one transaction.

        `choice` is what a person has said each column is; the program remembers it. Without one,
        the headings say it, and what is remembered. `draft` becomes the import that is kept.
        """
        columns = None
        if choice is not None:
            if faults := self.faults(choice):
                raise ValidationError(faults)
            columns = {key: place for place, key in enumerate(choice) if key}
        result = ImportResult()
        result.total_rows = len(dataset)
        if dry_run:
            result.report = self.act(dataset, columns, dry_run=True)
            return result
        with transaction.atomic():
            result.report = self.act(dataset, columns, dry_run=False)
            result.kept = keep_import(
                self.program,
                self.kind,
                dataset,
                result.report.done,
                difference=self.layout(result.report).as_json(),
                unattached=[unknown.as_json() for unknown in self.unattached(result.report)],
                by=self.by,
                draft=draft,
            )
            if choice is not None:
                words = as_remembered(dataset.headings, choice, self.columns)
                remember_columns(self.program, self.kind, words)
        return result

    def unattached(self, report: Any) -> list[Any]:
        """Give what of the file belongs to nobody, and waits with the import."""
        return []

    @classmethod
    def columns_read(cls) -> tuple[list[str], list[str]]:
        """Give what the columns are called that a file must have, and that it may have."""
        names = {"name", "first_name", "last_name"}
        needed = [column.called for column in cls.columns if column.needed]
        if cls.needs_name:
            needed.insert(1, "name (or first and last name)")
        used = [c.called for c in cls.columns if not c.needed and c.key not in names]
        return needed, used

    @classmethod
    def get_display_name(cls) -> str:
        return cls.title

    def _remembered(self) -> dict[str, str]:
        known: dict[str, str] = self.program.import_columns.get(self.kind, {})
        return known


class SignupResource(ProgramResource):
    kind = Import.Kind.SIGNUPS
    title = "sign-ups"
    columns = SIGNUP_COLUMNS
    needs_name = True

    def act(self, table: Table, columns: dict[str, int] | None, *, dry_run: bool) -> SignupReport:
        return import_signups(
            self.program, table, dry_run=dry_run, progress=self.progress, columns=columns
        )

    def layout(self, report: SignupReport) -> Preview:
        return preview_signups(report)


class ResponseResource(ProgramResource):
    kind = Import.Kind.RESPONSES
    title = "survey answers"
    columns = RESPONSE_COLUMNS

    def act(self, table: Table, columns: dict[str, int] | None, *, dry_run: bool) -> ResponseReport:
        return import_responses(
            self.program, table, dry_run=dry_run, progress=self.progress, columns=columns
        )

    def layout(self, report: ResponseReport) -> Preview:
        return preview_responses(report)

    def options(self) -> dict[str, list[str]]:
        return {
            "fields": [field.name for field in self.program.fields.all()],
            "sector": [sector.name for sector in self.program.sectors.all()],
        }

    def unattached(self, report: ResponseReport) -> list[Any]:
        return list(report.unknown)


class ResearchResource(ProgramResource):
    kind = Import.Kind.RESEARCH
    title = "a research sheet"
    columns = RESEARCH_COLUMNS

    def act(self, table: Table, columns: dict[str, int] | None, *, dry_run: bool) -> ResearchReport:
        return import_research(self.program, table, dry_run=dry_run, columns=columns)

    def layout(self, report: ResearchReport) -> Preview:
        return preview_research(report)


RESOURCES: dict[str, type[ProgramResource]] = {
    resource.kind: resource for resource in (SignupResource, ResponseResource, ResearchResource)
}


class ImportCommand(JsonCommand):
    """A command that imports one file: `FILE [--dry-run]`."""

    resource_class: type[ProgramResource]

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV, TSV, XLSX or ODS")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, only")

    def act(self, **options: Any) -> dict[str, Any]:
        table = read_file(options["file"])
        if table.note:
            self.stderr.write(table.note)
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
