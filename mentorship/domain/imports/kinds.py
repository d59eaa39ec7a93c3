"""The kinds of files that can be imported, and the one way in for commands and pages.

A kind is a row of a table: its columns, the function that imports it, and the function that lays
out what changes. `dry_run` and `run_import` are the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction

from mentorship.domain.columns.choices import with_choices
from mentorship.domain.columns.find import knowing
from mentorship.domain.columns.found import Found, found_of, quoted
from mentorship.domain.columns.guesses import (
    Guess,
    as_remembered,
    ask_about_guessed,
    faults_of,
    guess_columns,
)
from mentorship.domain.columns.headings import Headings, joined_columns
from mentorship.domain.columns.known import RESPONSE_COLUMNS, SIGNUP_COLUMNS, Column, plain
from mentorship.domain.columns.profiles import profile_of
from mentorship.domain.files.spreadsheets import read_table
from mentorship.domain.files.tables import Table
from mentorship.domain.imports.difference import (
    NOTHING_READ,
    ImportDifference,
    research_difference,
    response_difference,
    signup_difference,
)
from mentorship.domain.imports.records import keep_import, remember_columns
from mentorship.domain.imports.report import Progress
from mentorship.domain.imports.research import RESEARCH_COLUMNS, import_research
from mentorship.domain.imports.responses import import_responses, unattached_responses
from mentorship.domain.imports.signups import import_signups
from mentorship.domain.meaning.questions import unanswered
from mentorship.domain.meaning.remembered import remember_values
from mentorship.domain.people.bulk import uncollected
from mentorship.models import Import, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User


# What is read where a file has it, but nobody need put into one.
_NOT_NAMED = {
    "name", "first_name", "particle", "last_name", "buyer_address", "buyer_name",
    "account_address", "addon", "position", "quantity", "can_mentor", "wants_mentor",
    "takes_part", "finished",
}  # fmt: skip


class NothingRead(ValidationError):
    """Every row of a file is refused; `report` has the reasons."""

    def __init__(self, report: Any) -> None:
        first = report.refused[0]
        shown = first.value[:60] or "(blank)"
        super().__init__(
            f"{NOTHING_READ} Row {first.row}, “{shown}”: {first.why}. Nothing was imported."
        )
        self.report = report


@dataclass(frozen=True)
class ImportKind:
    """One kind of file.

    `run` imports a table or, with `dry_run`, finds out what that would do; it takes what somebody
    has said of the file's words if the kind `has_words`. `options` returns the program's own words
    by which a column is recognized, `unattached` what of the file belongs to nobody yet and
    `undecided` the sign-ups without a role; both wait with the import. A file that `is_whole_list`
    also says who has gone. Without `not_guessed` a file may do, unless one of its columns seems to
    hold it.
    """

    kind: Import.Kind
    columns: list[Column]
    run: Callable[..., Any]
    difference: Callable[[Any], ImportDifference]
    options: Callable[[Program], dict[str, list[str]]] = lambda program: {}
    unattached: Callable[[Any], list[dict[str, Any]]] = lambda report: []
    undecided: Callable[[Any], list[dict[str, Any]]] = lambda report: []
    has_words: bool = True
    is_whole_list: bool = False
    not_guessed: str = ""

    @uncollected()
    def read(self, program: Program, data: bytes, name: str, sheet: str = "") -> Table:
        """Read a file from its bytes: the sheet with this title, or else the one that fits best.

        Raise ValidationError if it cannot be read, or if it is a file that some tool has besides
        the one to import.
        """
        known = knowing(self.columns, program.import_columns.get(self.kind, {}))
        table = with_choices(read_table(data, name, known=known, sheet=sheet))
        profile = profile_of(table.headings)
        if profile and profile.refuse:
            raise ValidationError(profile.refuse)
        return table

    def guess(self, program: Program, table: Table) -> list[Guess]:
        """Return what each column of the table is taken for, as long as nobody has chosen."""
        remembered = program.import_columns.get(self.kind, {})
        return guess_columns(table, self.columns, remembered, self.options(program))

    def choose(self, program: Program, table: Table, said: Sequence[str]) -> list[str] | None:
        """Return what each column is, with what is said of some: "HEADING=KEY" or "3=KEY".

        None if nothing is said and the headings leave something open. Raise ValidationError,
        naming what there is, if there is no such heading or key, or if a column seems to be what
        is missing.
        """
        guesses = self.guess(program, table)
        keys = [guess.key if guess.by != "content" else "" for guess in guesses]
        named = {place: key for each in said for place, key in self._named(table, each)}
        single = {column.key for column in self.columns if not column.many}
        taken = {key for key in named.values() if key in single}
        keys = ["" if key in taken else key for key in keys]
        keys = [named.get(place, key) for place, key in enumerate(keys)]
        if not said and self.faults(self.chosen(table, keys)):
            for column in self.columns:
                if column.needed:
                    ask_about_guessed(table, self.columns, guesses, column.key)
            return None
        if self.not_guessed and self.not_guessed not in keys:
            left = [guess for place, guess in enumerate(guesses) if place not in named]
            ask_about_guessed(table, self.columns, left, self.not_guessed)
        return keys

    def _named(self, table: Table, said: str) -> list[tuple[int, str]]:
        heading, _, key = (part.strip() for part in said.rpartition("="))
        known = [column.key for column in self.columns]
        if "=" not in said or (key and key not in known):
            raise ValidationError(
                f"“{said[:80]}” does not say what a column is. Write HEADING=KEY with one of these "
                f"keys: {', '.join(known)}.",
                code="usage",
            )
        places = [
            place
            for place, each in enumerate(table.headings)
            if plain(heading) in (plain(each), plain(table.called(place)))
        ]
        if not places and heading.isdecimal() and 1 <= int(heading) <= len(table.headings):
            places = [int(heading) - 1]
        if not places:
            raise ValidationError(
                f"{table.name} has no column “{heading[:80]}”. Columns found: {quoted(table)}."
            )
        return [(place, key) for place in places]

    def taken(
        self, program: Program, table: Table, choice: Sequence[str] | None
    ) -> list[dict[str, str]]:
        """Return what each column was taken for: its heading, and a key or ""."""
        if choice is None:
            remembered = program.import_columns.get(self.kind, {})
            choice = Headings(table, self.columns, remembered).keys
        return [{"heading": table.called(place), "key": key} for place, key in enumerate(choice)]

    def faults(self, guesses: Sequence[Guess]) -> list[str]:
        """Return what is wrong with a choice of what each column is, in sentences."""
        return faults_of(guesses, self.columns)

    def chosen(self, table: Table, keys: Sequence[str]) -> list[Guess]:
        """Return the columns of a table as a person has chosen what each of them is."""
        joined = joined_columns(table, self.columns, keys)
        return [
            Guess(heading, [], keys[place], "choice", table.choice_of(place), place in joined)
            for place, heading in enumerate(table.headings)
        ]

    def report(
        self,
        program: Program,
        table: Table,
        places: Any,
        given: Mapping[str, str] | None,
        progress: Progress | None,
        absent_before: Collection[str] | None,
        *,
        dry_run: bool,
    ) -> Any:
        """Run the import and return its report."""
        more: dict[str, Any] = {"given": given or {}} if self.has_words else {}
        if self.is_whole_list:
            more["absent_before"] = absent_before
        return self.run(program, table, dry_run=dry_run, progress=progress, columns=places, **more)

    def columns_read(self) -> tuple[list[str], list[str]]:
        """Return what the columns are called that a file must have, and that it may have."""
        needed = [column.called for column in self.columns if column.needed]
        used = [c.called for c in self.columns if not c.needed and c.key not in _NOT_NAMED]
        return needed, used


@uncollected()
def dry_run(
    program: Program,
    kind: str,
    table: Table,
    *,
    choice: Sequence[str] | None = None,
    given: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    absent_before: Collection[str] | None = None,
) -> Any:
    """Return the report of what importing the table would do. Nothing is saved.

    `choice` is what a person says each column is; without one, the headings and what the program
    remembers say it. `given` is what they say its words mean, as `Meanings` takes it.
    `absent_before` is as for `import_signups`. Raise ValidationError if the table cannot be
    imported.
    """
    places = _places(KINDS[kind], table, choice)
    the = KINDS[kind]
    return the.report(program, table, places, given, progress, absent_before, dry_run=True)


@uncollected()
def run_import(
    program: Program,
    kind: str,
    table: Table,
    *,
    choice: Sequence[str] | None = None,
    given: Mapping[str, str] | None = None,
    by: User | None = None,
    draft: Import | None = None,
    progress: Progress | None = None,
    absent_before: Collection[str] | None = None,
) -> tuple[Any, Import]:
    """Import the table in one transaction, and return its report and the Import that is kept.

    The program remembers a `choice` of columns and what was `given` (see `dry_run`). `draft`
    becomes the Import. Raise ValidationError, with nothing saved, if the table cannot be imported
    or leaves something open that must be answered, and NothingRead if all its rows are refused.
    """
    the = KINDS[kind]
    places = _places(the, table, choice)
    with transaction.atomic():
        report = the.report(program, table, places, given, progress, absent_before, dry_run=False)
        if the.has_words:
            if question := unanswered(report.questions):
                raise ValidationError(question)
            if report.nothing_read:
                raise NothingRead(report)
            remember_values(program, (v for v in report.values if v.by == "you"), by)
        kept = keep_import(
            program,
            kind,
            table,
            report.done,
            difference=the.difference(report).as_json(),
            unattached=the.unattached(report),
            undecided=the.undecided(report),
            by=by,
            draft=draft,
        )
        if choice is not None:
            said = guess_columns(table, the.columns, {}, the.options(program))
            remember_columns(program, kind, as_remembered(table.headings, choice, said))
    return report, kept


def _places(kind: ImportKind, table: Table, choice: Sequence[str] | None) -> Found | None:
    if choice is None:
        return None
    if faults := kind.faults(kind.chosen(table, choice)):
        raise ValidationError([*faults, f"Columns found: {quoted(table)}."], code="columns")
    return found_of(table, choice)


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
            undecided=lambda report: report.undecided,
            not_guessed="ticket",
            is_whole_list=True,
        ),
        ImportKind(
            Import.Kind.RESPONSES,
            RESPONSE_COLUMNS,
            import_responses,
            response_difference,
            options=_fields_and_sectors,
            not_guessed="submitted_at",
            unattached=unattached_responses,
        ),
        ImportKind(
            Import.Kind.RESEARCH,
            RESEARCH_COLUMNS,
            import_research,
            research_difference,
            has_words=False,
        ),
    )
}
