"""Reading the rows of a survey's export: which are answers, whose they are, and what they say."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mentorship.domain.columns.found import Found, cells_of, fault_of, values_of
from mentorship.domain.files.tables import Row, Table
from mentorship.domain.imports.reading.rows import (
    LeftOut,
    RefusedRow,
    UnusableRow,
    check_lengths,
    read_address,
)
from mentorship.domain.meaning.cells import (
    read_capacity,
    read_career_stage,
    read_choice,
    read_choices,
)
from mentorship.domain.meaning.remembered import Meanings
from mentorship.domain.meaning.times import TimeReader, time_reader
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.meaning.willingness import read_yes_no
from mentorship.domain.meaning.zones import read_time_zone
from mentorship.domain.survey.answers import ASKED, Answers
from mentorship.domain.text import cached_by_text
from mentorship.models import Field, Program, Role, Sector

_LIMITS = {"affiliation": 200, "notes": 10_000, "topics_wanted": 10_000, "topics_offered": 10_000}
SHOWN_AT_MOST = 200
# What a form tool says of an answer, and not its person.
_NOT_ANSWERED = frozenset(
    {
        "address",
        "account_address",
        "submitted_at",
        "name",
        "first_name",
        "particle",
        "last_name",
        "finished",
    }
)
# The key under which a question's own words go with its answer.
HEADING = "role_heading"


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One row, read: `source`, whose columns stand where `found` says, under a role's `heading`."""

    row: int
    address: str
    submitted_at: datetime.datetime
    answers: Answers
    source: Row = field(repr=False)
    found: Found = field(repr=False)
    heading: str = ""

    @property
    def cells(self) -> dict[str, str]:
        """What the row says, as an import keeps it."""
        said = {HEADING: self.heading} if self.heading else {}
        return cells_of(self.source, self.found) | said

    @property
    def rank(self) -> tuple[datetime.datetime, int]:
        """Of two answers of one person the later counts."""
        return self.submitted_at, self.row


@dataclass
class AnswerRows:
    """What a whole table says: address → this person's answers, oldest first."""

    by_address: dict[str, list[AnswerRow]] = field(default_factory=dict)
    refused: list[RefusedRow] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    # Some of the times, if they do not tell the day from the month.
    undecided_times: list[str] = field(default_factory=list)


def read_answers(
    program: Program,
    table: Table,
    found: Found,
    meanings: Meanings,
    now: datetime.datetime,
    whose: Callable[[str, str], str],
) -> AnswerRows:
    """Read all rows of an export, whose columns stand where `found` says.

    Where no column says when an answer was sent, all were `now`, and each person's last
    row counts.
    `whose(asked, account)` returns the address of the person who answered, from the one they typed
    and the one they were signed in with.
    """
    read_time = None
    if "submitted_at" in found:
        read_time = time_reader(
            (cells_of(row, found)["submitted_at"] for row in table.rows),
            program.zone,
            heading=found.parts["submitted_at"][0].heading,
            latest=program.ends_on,
            order=meanings.day_order(),
        )
    place = found.get("role")
    reader = AnswerReader(program, found, meanings)
    heading = table.headings[place] if place is not None else ""
    read = AnswerRows(left_out=[LeftOut(e.number, e.text, e.why) for e in table.left_out])
    for row in table.rows:
        try:
            if fault := fault_of(row, len(table.headings)):
                raise UnusableRow(*fault)
            cells = cells_of(row, found)
            if left_out := _why_left_out(row, cells, found, meanings):
                read.left_out.append(LeftOut(row.number, *left_out))
                continue
            address = read_address(
                whose(cells.get("address", ""), cells.get("account_address", ""))
            )
            moment = _moment(cells["submitted_at"], address, read_time) if read_time else now
            check_lengths(cells, _LIMITS)
        except UnusableRow as refused:
            read.refused.append(RefusedRow(row.number, refused.value, refused.why))
            continue
        if heading:
            cells[HEADING] = heading
        answer = AnswerRow(row.number, address, moment, reader.read(cells), row, found, heading)
        read.by_address.setdefault(address, []).append(answer)
    read.undecided_times = read_time.undecided if read_time else []
    for answers in read.by_address.values():
        answers.sort(key=lambda answer: answer.rank)
    read.left_out.sort(key=lambda left_out: left_out.row)
    return read


def _why_left_out(
    row: Row, cells: Mapping[str, str], found: Found, meanings: Meanings
) -> tuple[str, str] | None:
    """Return (value, why) if this row is no answer that somebody sent, else None."""
    shown = cells.get("address", "") or cells.get("account_address", "")
    for heading, text in values_of(row, found, "finished"):
        if why := meanings.why_no_answer(heading, text):
            return shown[:SHOWN_AT_MOST], f"{why} ({heading}: {text[:60]})"
    if not any(text for key, text in cells.items() if key not in _NOT_ANSWERED):
        return shown[:SHOWN_AT_MOST], "blank"
    return None


def _moment(text: str, address: str, read_time: TimeReader) -> datetime.datetime:
    if not text:
        raise UnusableRow(address, "no time of the answer")
    try:
        return read_time(text)
    except NotUnderstood:
        raise UnusableRow(text[:SHOWN_AT_MOST], "time of the answer not understood") from None


class AnswerReader:
    """Reads the answers of one program's survey, from tables with these columns."""

    def __init__(
        self, program: Program, columns: Iterable[str], meanings: Meanings | None = None
    ) -> None:
        self.meanings = meanings or Meanings(program)
        self.asked = ASKED & set(columns)
        self.fields: dict[str, Field] = {row.name: row for row in program.fields.all()}
        self.sectors: dict[str, Sector] = {row.name: row for row in program.sectors.all()}
        # Of fifty thousand answers most choose what others have chosen too.
        self._read_fields = cached_by_text(5000)(lambda text: read_choices(text, self.fields))
        self._read_sector = cached_by_text(5000)(lambda text: read_choice(text, self.sectors))

    def read(self, cells: Mapping[str, str]) -> Answers:
        """Return what these cells (key of column → text) answer, and which of them need review."""
        doubts: list[dict[str, str]] = []

        def doubt(key: str, value: str) -> None:
            doubts.append({"field": key.replace("_", " "), "value": value[:SHOWN_AT_MOST]})

        def understood(key: str, read: Callable[[str], Any], nothing: Any) -> Any:
            if not (text := cells.get(key, "")):
                return nothing
            try:
                return read(text)
            except NotUnderstood:
                doubt(key, text)
                return nothing

        def text(key: str) -> str:
            return cells.get(key, "")

        role = self._role(cells, doubt)
        fields, rest = self._read_fields(text("fields"))
        for piece in rest:
            doubt("fields", piece)
        typed = text("capacity")
        return Answers(
            # A role that reads as a no, where nothing at all would be a blank cell.
            taking_part=role is not None and understood("taking_part", read_yes_no, True),
            role=role or "",
            attendance=understood("attendance", self.meanings.attendance, None) or "",
            fields=fields,
            sector=understood("sector", self._read_sector, None),
            career_stage=understood("career_stage", read_career_stage, ""),
            affiliation=" ".join(text("affiliation").split()),
            capacity=understood("capacity", read_capacity, None),
            capacity_as_typed="" if typed.isdecimal() else typed[:SHOWN_AT_MOST],
            time_zone=understood("time_zone", read_time_zone, ""),
            topics_wanted=text("topics_wanted"),
            topics_offered=text("topics_offered"),
            notes=text("notes"),
            doubts=doubts,
            asked=self.asked,
        )

    def _role(
        self, cells: Mapping[str, str], doubt: Callable[[str, str], None]
    ) -> Role | str | None:
        """Return the role, None for a no, or "" if nothing clear is said of it."""
        said = cells.get("role", "")
        can, wants = cells.get("can_mentor", ""), cells.get("wants_mentor", "")
        try:
            if said:
                return self.meanings.role(said, cells.get(HEADING, ""))
            if can or wants:
                return self.meanings.role_of_two(("can mentor", can), ("wants a mentor", wants))
        except NotUnderstood:
            doubt("role", said or f"{can} / {wants}")
        return ""
