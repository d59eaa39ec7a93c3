"""The columns by which a sheet of mentors and a sheet of mentees are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError

from mentorship.domain.columns.find import find_columns
from mentorship.domain.columns.found import need_a_name
from mentorship.domain.columns.known import Column, column
from mentorship.domain.files.tables import Table


def _name_columns(role: str) -> list[Column]:
    return [
        column("first_name", "first name", "first name|given name|forename",
               r"\b(first|given) ?name"),
        column("last_name", "last name", "last name|surname|family name", r"\b(last|family) ?name"),
        column("name", "name", f"name|full name|your name|{role}|{role} name", r"\bname\b"),
        column("address", "email address", "email|e mail|mail|email address|address", r"\be ?mail"),
    ]  # fmt: skip


MENTOR_COLUMNS = [
    *_name_columns("mentor"),
    column("capacity", "capacity", "capacity|places|max mentees", r"\bcapacity\b|how many"),
    column("match", "mentee match", "mentee match|mentee matches|mentees|mentee",
           r"\bmentees?\b|^match(es)?$", needed=True),
]  # fmt: skip
MENTEE_COLUMNS = [
    *_name_columns("mentee"),
    column("match", "mentor match", "mentor match|mentors|mentor",
           r"\bmentors?\b|^match(es)?$", needed=True),
]  # fmt: skip


def tell_apart(tables: Sequence[Table]) -> tuple[Table, Table]:
    """Return the sheet of the mentors and the sheet of the mentees among these.

    They are told by the columns, then by the words mentor and mentee in the sheets' names, then by
    their order. Raise ValidationError, naming the columns found, if there are no such two.
    """
    mentors, mentees = (
        {i for i, table in enumerate(tables) if _fits(table, columns)}
        for columns in (MENTOR_COLUMNS, MENTEE_COLUMNS)
    )
    pairs = [(i, j) for i in sorted(mentors) for j in sorted(mentees) if i != j]
    if not pairs:
        found = "; ".join(
            f"{table.name}: {', '.join(f'“{h}”' for h in table.headings[:20] if h)}"
            for table in tables[:4]
        )
        raise ValidationError(
            "We need two sheets with names: mentors, with a column “Mentee match”, and mentees, "
            f"with a column “Mentor match”. Columns found: {found}."
        )

    def hints(pair: tuple[int, int]) -> int:
        named = [tables[place].name.casefold() for place in pair]
        return ("mentor" in named[0]) + ("mentee" in named[1])

    chosen = max(pairs, key=hints)  # the first of those that are equal
    return tables[chosen[0]], tables[chosen[1]]


def _fits(table: Table, columns: list[Column]) -> bool:
    try:
        need_a_name(table, find_columns(table, columns))
    except ValidationError:
        return False
    return True


def sheet_of(tables: Iterable[Table], columns: list[Column]) -> Table:
    """Return the first of a file's sheets that has these columns, else the first."""
    tables = list(tables)
    return next((table for table in tables if _fits(table, columns)), tables[0])
