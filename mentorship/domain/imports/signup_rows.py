"""Reading a ticket shop's export, row by row: who signed up, as what, and which rows cannot be."""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from mentorship.domain.files.spreadsheets import Row, Table
from mentorship.domain.imports.cells import NotUnderstood, read_attendance, read_role, time_reader
from mentorship.domain.imports.columns import (
    cells_of,
    fault_of,
    need_a_name,
    whole_name,
)
from mentorship.domain.imports.report import Doubt, Refused, RowRefused, check_lengths, read_address
from mentorship.models import Role, normalise_name

_LIMITS = {"name": 200, "affiliation": 200, "ticket": 120, "order": 60}
_NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Signup:
    """One row, read. `role` None: does not take part; `answered`: the question was answered."""

    row: int
    address: str
    name: str
    affiliation: str
    ticket: str
    attendance: str
    order: str
    registered_at: datetime.datetime | None
    role: Role | None
    answered: bool

    @property
    def rank(self) -> tuple[bool, datetime.datetime, int]:
        """Of two orders of one person the later stands; a blank answer takes none back."""
        return self.answered, self.registered_at or _NEVER, self.row


@dataclass
class Signups:
    """What a whole table says: `standing` is address → the sign-up that counts.

    `present` are the addresses still signed up, those of refused rows among them: nobody has gone
    from the export because a cell cannot be read.
    """

    standing: dict[str, Signup] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    not_taking_part: int = 0
    refused: list[Refused] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def read_signups(table: Table, found: dict[str, int], zone: zoneinfo.ZoneInfo) -> Signups:
    """Read all rows of an export, whose columns stand where `found` says, in the times of `zone`.

    Raises ValidationError if there is no column for names, or if there are no rows.
    """
    need_a_name(table, found)
    if not table.rows:
        # Taken at its word it would flag everyone as no longer registered.
        raise ValidationError(f"{table.name} has headings, but no rows under them.")
    read_time = None
    if (position := found.get("registered_at")) is not None:
        times = (row.cells[position] for row in table.rows if len(row.cells) > position)
        read_time = time_reader(times, zone)
    read = Signups()
    for row in table.rows:
        cells = cells_of(row, found)
        try:
            signup = _read_row(row, cells, len(table.headings), read_time, read.doubts)
        except RowRefused as refused:
            read.refused.append(Refused(row.number, refused.value, refused.why))
            read.present |= _address_of(cells)
            continue
        if signup is None:
            read.not_taking_part += 1
            continue
        standing = read.standing.get(signup.address)
        if standing is None or signup.rank > standing.rank:
            read.standing[signup.address] = signup
    for address, signup in read.standing.items():
        if signup.role:
            read.present.add(address)
        else:
            read.not_taking_part += 1
    return read


def _address_of(cells: dict[str, str]) -> set[str]:
    """Give the address of a refused row, if it has one."""
    try:
        return {read_address(cells["address"])}
    except RowRefused:
        return set()


def _read_row(
    row: Row, cells: dict[str, str], headings: int, read_time: Any, doubts: list[Doubt]
) -> Signup | None:
    """Read one row; None for somebody without a valid address who does not take part."""
    if fault := fault_of(row, headings):
        raise RowRefused(*fault)
    try:
        role = read_role(cells["answer"])
    except NotUnderstood:
        raise RowRefused(cells["answer"][:200], "answer not understood") from None
    try:
        address = read_address(cells["address"])
    except RowRefused:
        if role:
            raise
        return None
    name = normalise_name(whole_name(cells))
    texts = {key: " ".join(cells.get(key, "").split()) for key in _LIMITS} | {"name": name}
    if role:
        if not name:
            raise RowRefused(cells["address"], "no name")
        check_lengths(texts, _LIMITS)

    def understood(key: str, read: Any) -> Any:
        text = cells.get(key, "")
        if not text or not read:
            return None
        try:
            return read(text)
        except NotUnderstood:
            if role:
                doubts.append(Doubt(row.number, address, key.replace("_", " "), text[:200]))
            return None

    return Signup(
        row=row.number,
        address=address,
        name=name,
        affiliation=texts["affiliation"],
        ticket=texts["ticket"],
        attendance=understood("ticket", read_attendance) or "",
        order=texts["order"],
        registered_at=understood("registered_at", read_time),
        role=role,
        answered=bool(cells["answer"]),
    )
