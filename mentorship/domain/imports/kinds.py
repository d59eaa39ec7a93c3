"""The kinds of files that can be imported, and the one way in for commands and pages.

A kind is a row of a table: its columns, the function that imports it, and the function that lays
out what changes. `dry_run` and `run_import` are the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction

from mentorship.domain.columns.find import RESPONSE_COLUMNS, SIGNUP_COLUMNS, Column
from mentorship.domain.columns.guesses import Guess, as_remembered, faults_of, guess_columns
from mentorship.domain.files.spreadsheets import Table
from mentorship.domain.imports.difference import (
    ImportDifference,
    research_difference,
    response_difference,
    signup_difference,
)
from mentorship.domain.imports.records import keep_import, remember_columns
from mentorship.domain.imports.report import Changed, Doubt, Progress
from mentorship.domain.imports.research import RESEARCH_COLUMNS, import_research
from mentorship.domain.imports.responses import import_responses, unattached_responses
from mentorship.domain.imports.signups import import_signups
from mentorship.models import Import, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class ImportReport(Protocol):
    """What every import reports: the cells that need review, and what undoing it needs."""

    doubts: list[Doubt]
    done: Changed


@dataclass(frozen=True)
class ImportKind:
    """One kind of file.

    `run` imports a table or, with `dry_run`, finds out what that would do. `options` returns the
    program's own words by which a column is recognized, `unattached` what of the file belongs to
    nobody yet and waits with the import.
    """

    kind: Import.Kind
    columns: list[Column]
    run: Callable[..., Any]
    difference: Callable[[Any], ImportDifference]
    needs_name: bool = False
    options: Callable[[Program], dict[str, list[str]]] = lambda program: {}
    unattached: Callable[[Any], list[dict[str, Any]]] = lambda report: []

    def guess(self, program: Program, table: Table) -> list[Guess]:
        """Return what each column of the table is taken for, as long as nobody has chosen."""
        remembered = program.import_columns.get(self.kind, {})
        return guess_columns(table, self.columns, remembered, self.options(program))

    def faults(self, keys: Sequence[str]) -> list[str]:
        """Return what is wrong with a choice of what each column is, in sentences."""
        return faults_of(keys, self.columns, needs_name=self.needs_name)

    def columns_read(self) -> tuple[list[str], list[str]]:
        """Return what the columns are called that a file must have, and that it may have."""
        names = {"name", "first_name", "last_name"}
        needed = [column.called for column in self.columns if column.needed]
        if self.needs_name:
            needed.insert(1, "name (or first and last name)")
        used = [c.called for c in self.columns if not c.needed and c.key not in names]
        return needed, used


def dry_run(
    program: Program,
    kind: str,
    table: Table,
    *,
    choice: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Any:
    """Return the report of what importing the table would do. Nothing is saved.

    `choice` is what a person says each column is; without one, the headings and what the program
    remembers say it. Raise ValidationError if the table cannot be imported.
    """
    places = _places(KINDS[kind], choice)
    return KINDS[kind].run(program, table, dry_run=True, progress=progress, columns=places)


def run_import(
    program: Program,
    kind: str,
    table: Table,
    *,
    choice: Sequence[str] | None = None,
    by: User | None = None,
    draft: Import | None = None,
    progress: Progress | None = None,
) -> tuple[Any, Import]:
    """Import the table in one transaction, and return its report and the Import that is kept.

    The program remembers a `choice` of columns (see `dry_run`). `draft` becomes the Import. Raise
    ValidationError, with nothing saved, if the table cannot be imported.
    """
    the = KINDS[kind]
    places = _places(the, choice)
    with transaction.atomic():
        report = the.run(program, table, dry_run=False, progress=progress, columns=places)
        kept = keep_import(
            program,
            kind,
            table,
            report.done,
            difference=the.difference(report).as_json(),
            unattached=the.unattached(report),
            by=by,
            draft=draft,
        )
        if choice is not None:
            remember_columns(program, kind, as_remembered(table.headings, choice, the.columns))
    return report, kept


def _places(kind: ImportKind, choice: Sequence[str] | None) -> dict[str, int] | None:
    if choice is None:
        return None
    if faults := kind.faults(choice):
        raise ValidationError(faults)
    return {key: place for place, key in enumerate(choice) if key}


def _fields_and_sectors(program: Program) -> dict[str, list[str]]:
    return {
        "fields": [field.name for field in program.fields.all()],
        "sector": [sector.name for sector in program.sectors.all()],
    }


KINDS: dict[str, ImportKind] = {
    each.kind: each
    for each in (
        ImportKind(
            Import.Kind.SIGNUPS,
            SIGNUP_COLUMNS,
            import_signups,
            signup_difference,
            needs_name=True,
        ),
        ImportKind(
            Import.Kind.RESPONSES,
            RESPONSE_COLUMNS,
            import_responses,
            response_difference,
            options=_fields_and_sectors,
            unattached=unattached_responses,
        ),
        ImportKind(
            Import.Kind.RESEARCH,
            RESEARCH_COLUMNS,
            import_research,
            research_difference,
        ),
    )
}
