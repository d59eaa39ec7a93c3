"""Last year's pairs in files: two columns of email addresses, or the two sheets."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError

from matching.domain.exclusions.past_pairs import Addresses
from matching.domain.sheets.check import check_sheets
from matching.domain.sheets.columns import MENTEE_COLUMNS, MENTOR_COLUMNS, tell_apart
from matching.domain.sheets.names import NameKey, name_key
from mentorship.domain.columns.find import find_columns
from mentorship.domain.columns.found import cells_of, whole_name
from mentorship.domain.columns.known import Column
from mentorship.domain.files.tables import Table
from mentorship.models import is_address, normalise_address


def read_pairs(tables: Sequence[Table]) -> tuple[list[Addresses], list[str]]:
    """Return the pairs in these sheets, and sentences about those that cannot be used.

    One sheet has two columns of addresses, a pair a row; or a sheet of mentors and one of mentees
    name each other and have addresses. Raise ValidationError for anything else.
    """
    for table in tables:
        if columns := _address_columns(table):
            return _of_columns(table, *columns)
    return _of_sheets(*tell_apart(tables))


def _address_columns(table: Table) -> tuple[int, int] | None:
    """Return the positions of the two columns of addresses, None if there are not two."""
    found = []
    for position in range(len(table.headings)):
        cells = [row.cells[position] for row in table.rows if len(row.cells) > position]
        filled = [cell for cell in cells if cell]
        if filled and sum(is_address(normalise_address(cell)) for cell in filled) * 2 >= len(
            filled
        ):
            found.append(position)
    if len(found) > 2:
        raise ValidationError(
            f"{table.name} has {len(found)} columns of email addresses. Keep only the two that "
            "make a pair."
        )
    return (found[0], found[1]) if len(found) == 2 else None


def _of_columns(table: Table, one: int, other: int) -> tuple[list[Addresses], list[str]]:
    pairs, faults = [], []
    for row in table.rows:
        cells = [row.cells[at] if len(row.cells) > at else "" for at in (one, other)]
        if not any(cells):
            continue
        if wrong := [cell for cell in cells if not is_address(normalise_address(cell))]:
            what = (
                f"“{wrong[0][:60]}” is not an email address"
                if wrong[0]
                else "an email address is missing"
            )
            faults.append(f"Row {row.number}: {what}.")
        else:
            pairs.append((cells[0], cells[1]))
    return pairs, faults


def _of_sheets(mentors: Table, mentees: Table) -> tuple[list[Addresses], list[str]]:
    mentor_at, mentee_at = _addresses(mentors, MENTOR_COLUMNS), _addresses(mentees, MENTEE_COLUMNS)
    pairs, faults = [], []
    for mentor, mentee in check_sheets(mentors, mentees).pairs:
        found = mentor_at.get(name_key(mentor)), mentee_at.get(name_key(mentee))
        if found[0] and found[1]:
            pairs.append((found[0], found[1]))
        else:
            unknown = mentee if found[0] else mentor
            faults.append(
                f"{mentor} and {mentee}: {unknown} has no email address, or more than one."
            )
    return pairs, faults


def _addresses(table: Table, columns: list[Column]) -> dict[NameKey, str]:
    """Return the address of each name; "" for a name that two people have."""
    found = find_columns(table, columns)
    addresses: dict[NameKey, str] = {}
    for row in table.rows:
        cells = cells_of(row, found)
        key, address = name_key(whole_name(cells)), normalise_address(cells.get("address", ""))
        if key and is_address(address):
            addresses[key] = address if addresses.get(key, address) == address else ""
    return addresses
