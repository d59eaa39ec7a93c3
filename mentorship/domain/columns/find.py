"""Finding the columns of a spreadsheet by what their headings mean."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.utils.text import get_text_list

from mentorship.domain.columns.found import Found, found_of, quoted
from mentorship.domain.columns.headings import Headings, without_code, without_tags
from mentorship.domain.columns.known import Column, plain
from mentorship.domain.files.tables import Table

# A longer text is no heading, but what somebody wrote.
_HEADING_AT_MOST = 300


def find_columns(
    table: Table,
    columns: Sequence[Column],
    remembered: Mapping[str, str] | None = None,
) -> Found:
    """Find which of `columns` stands where in the table.

    A heading means one thing at most. `remembered` is what a committee has chosen before: plain
    heading → key, or "" for a column that is of no use. Raise ValidationError if a needed column is
    missing, or if two columns could both be one thing; it names what was looked for and what was
    found.
    """
    headings = Headings(table, columns, remembered or {})
    for key, positions in headings.positions().items():
        column = headings.by_key[key]
        if len(positions) > 1 and not headings.joined.issuperset(positions):
            raise ValidationError(
                f"{table.name} has more than one column that could be the {column.called}: "
                f"{quoted(table, positions)}. "
                "Rename or remove all but one.",
                code="columns",
            )
    missing = [
        wanted.called
        for wanted in columns
        if wanted.needed and not ({wanted.key} | wanted.instead) & set(headings.keys)
    ]
    if missing:
        raise ValidationError(
            f"{table.name} has no column for the {get_text_list(missing, 'or the')}. "
            f"Columns found: {quoted(table)}.",
            code="columns",
        )
    return found_of(table, headings.keys)


def knowing(
    columns: Sequence[Column], remembered: Mapping[str, str]
) -> Callable[[Sequence[str]], int]:
    """Return the function that counts how many of these things a row's cells are headings of."""

    def count(cells: Sequence[str]) -> int:
        found = set()
        for cell in cells:
            if cell and len(cell) < _HEADING_AT_MOST:
                forms = {plain(without_tags(cell)), plain(without_code(cell))}
                key = next((remembered[form] for form in forms if remembered.get(form)), "")
                found.add(key or _first_meant(columns, forms))
        return len(found - {""})

    return count


def _first_meant(columns: Sequence[Column], forms: Collection[str]) -> str:
    for by_pattern in (False, True):
        for column in columns:
            if any(column.means(form, by_pattern=by_pattern) for form in forms):
                return column.key
    return ""
