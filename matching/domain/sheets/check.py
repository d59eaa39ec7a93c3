"""Checks of two hand-made sheets: mentors with their mentees, and mentees with their mentor.

Pure functions: two tables in, problems out. They use no database.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import ngettext

from matching.domain.sheets.columns import MENTEE_COLUMNS, MENTOR_COLUMNS
from matching.domain.sheets.names import NameKey, name_key, split_addressed
from mentorship.domain.columns.find import find_columns
from mentorship.domain.columns.found import cells_of, need_a_name, whole_name
from mentorship.domain.columns.known import Column
from mentorship.domain.files.tables import Table
from mentorship.domain.meaning.cells import read_capacity
from mentorship.domain.meaning.understanding import NotUnderstood


@dataclass
class _Person:
    name: str
    called: NameKey
    capacities: list[int] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    partners: list[NameKey] = field(default_factory=list)


@dataclass
class _Sheet:
    """The people of one sheet by name, and the names that more than one person has.

    People who share a name and have an address are in `people` by both. `known` are names alone.
    """

    people: dict[NameKey, _Person] = field(default_factory=dict)
    ambiguous: set[NameKey] = field(default_factory=set)
    known: set[NameKey] = field(default_factory=set)
    by_address: dict[str, NameKey] = field(default_factory=dict)


@dataclass
class SheetCheck:
    """The problems in two sheets and the pairs they make; `check_matches` prints `as_json`."""

    mentors: int
    mentees: int
    problems: list[dict[str, Any]] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def add(self, kind: str, mentor: str | None, mentee: str | None, detail: str) -> None:
        self.problems.append({"kind": kind, "mentor": mentor, "mentee": mentee, "detail": detail})

    def as_json(self) -> dict[str, Any]:
        return {"problems": self.problems, "pairs": sorted([list(pair) for pair in self.pairs])}


def check_sheets(mentors: Table, mentees: Table) -> SheetCheck:
    """Check that both sheets have the same pairs, each mentee once, within capacity.

    Names are the same if they differ only in accents, case, spacing, punctuation or the order of
    their parts; where people share a name, an address after it (“Ann Lee <ann@example.org>”) says
    who. Each mistake is reported once. `pairs` has one mentor for each mentee: the one both sheets
    agree on, else the one in the mentors' sheet, else the one in the mentees' own. Raise
    ValidationError if a sheet lacks the column of names or of matches.
    """
    mentor_sheet = _read(mentors, MENTOR_COLUMNS)
    mentee_sheet = _read(mentees, MENTEE_COLUMNS)
    check = SheetCheck(len(mentor_sheet.people), len(mentee_sheet.people))
    _take_apart(mentor_sheet, mentee_sheet)
    _take_apart(mentee_sheet, mentor_sheet)
    _check_names(check, mentor_sheet, mentee_sheet)
    _check_pairs(check, mentor_sheet, mentee_sheet)
    _check_capacities(check, mentor_sheet)
    return check


def _read(table: Table, columns: list[Column]) -> _Sheet:
    found = find_columns(table, columns)
    need_a_name(table, found)
    rows: dict[NameKey, list[tuple[str, str, dict[str, str]]]] = defaultdict(list)
    for row in table.rows:
        cells = cells_of(row, found)
        name = " ".join(whole_name(cells).split())
        if key := name_key(name):
            rows[key].append((name, cells.get("address", "").strip().casefold(), cells))
    sheet = _Sheet(known=set(rows))
    for key, same in rows.items():
        addresses = {address for _, address, _ in same}
        # One person may have a row for each match; without the same address they are two.
        several = len(same) > 1 and (len(addresses) > 1 or "" in addresses)
        if several:
            sheet.ambiguous.add(key)
        apart = several and "" not in addresses
        for name, address, cells in same:
            own_key = (*key, f"<{address}>") if apart else key
            shown = f"{name} <{address}>" if apart else name
            person = sheet.people.setdefault(own_key, _Person(shown, key))
            if address:
                sheet.by_address[address] = own_key
            if (capacity := _capacity(cells.get("capacity", ""))) is not None:
                person.capacities.append(capacity)
            if cells["match"]:
                person.listed.append(cells["match"])
    return sheet


def _capacity(text: str) -> int | None:
    try:
        return read_capacity(text)
    except NotUnderstood:
        return None


def _take_apart(sheet: _Sheet, other: _Sheet) -> None:
    """Replace the cells of matches by the single names in them."""
    for person in sheet.people.values():
        names: dict[NameKey, str] = {}
        for cell in person.listed:
            for name, address in split_addressed(cell, other.known):
                key = other.by_address.get(address.casefold(), name_key(name))
                written = (f"{name} <{address}>" if name else address) if address else name
                names.setdefault(key, written.strip())
        person.listed = list(names.values())
        person.partners = list(names)


def _check_names(check: SheetCheck, mentors: _Sheet, mentees: _Sheet) -> None:
    for mentor in mentors.people.values():
        for key, written in zip(mentor.partners, mentor.listed, strict=True):
            if key in mentees.ambiguous:
                detail = f"More than one person in the mentees’ sheet is called {written}."
                check.add("ambiguous_name", mentor.name, written, detail)
            elif key not in mentees.people:
                detail = f"{mentor.name} has {written}, who is not in the mentees’ sheet."
                check.add("name_not_in_mentee_sheet", mentor.name, written, detail)
    for mentee in mentees.people.values():
        for key, written in zip(mentee.partners, mentee.listed, strict=True):
            if key in mentors.ambiguous:
                detail = f"More than one person in the mentors’ sheet is called {written}."
                check.add("ambiguous_name", written, mentee.name, detail)
            elif key not in mentors.people:
                detail = f"{mentee.name} has {written}, who is not in the mentors’ sheet."
                check.add("name_not_in_mentor_sheet", written, mentee.name, detail)


def _check_pairs(check: SheetCheck, mentors: _Sheet, mentees: _Sheet) -> None:
    given: dict[NameKey, list[NameKey]] = defaultdict(list)
    for mentor_key, mentor in mentors.people.items():
        for mentee_key in mentor.partners:
            given[mentee_key].append(mentor_key)
    for mentee_key, mentee in mentees.people.items():
        by_mentors = given[mentee_key]
        own = [key for key in mentee.partners if key in mentors.people]
        by_name = mentee.called in mentees.ambiguous and given[mentee.called]
        if by_name or mentee_key in mentees.ambiguous or mentors.ambiguous & {*mentee.partners}:
            continue  # reported already, and anything that follows from it could be wrong
        both = [key for key in by_mentors if key in own]
        if chosen := next(iter([*both, *by_mentors, *own]), None):
            check.pairs.append((mentors.people[chosen].name, mentee.name))
        for key in dict.fromkeys([*by_mentors, *own]):
            if kind := _mistake(key, by_mentors, mentee, own, chosen):
                name = mentors.people[key].name
                check.add(kind, name, mentee.name, _detail(kind, name, mentee))


def _mistake(
    mentor: NameKey,
    by_mentors: list[NameKey],
    mentee: _Person,
    own: list[NameKey],
    chosen: NameKey | None,
) -> str | None:
    """Return the kind of problem with this mentor of this mentee, None if there is none."""
    if mentor in by_mentors and mentor != chosen:
        return "mentee_with_two_mentors"
    if mentor in by_mentors and mentor not in own:
        if not mentee.listed:
            return "mentor_not_in_mentee_sheet"
        # Where the mentee's mentor is unknown, that is reported, and is the same mistake.
        return "sheets_disagree" if own else None
    if mentor in own and not by_mentors:
        return "mentee_not_in_mentor_sheet" if mentor == chosen else "mentee_with_two_mentors"
    if mentor in own and mentor not in by_mentors and chosen in own:
        return "mentee_with_two_mentors"
    return None


def _detail(kind: str, mentor: str, mentee: _Person) -> str:
    written = " and ".join(mentee.listed)
    return {
        "mentee_with_two_mentors": f"{mentor} is not the only mentor of {mentee.name}.",
        "mentor_not_in_mentee_sheet": (
            f"The mentors’ sheet has {mentee.name} with {mentor}. The mentees’ sheet has nobody."
        ),
        "sheets_disagree": (
            f"The mentors’ sheet has {mentee.name} with {mentor}. The mentees’ sheet has {written}."
        ),
        "mentee_not_in_mentor_sheet": (
            f"The mentees’ sheet has {mentor} as {mentee.name}’s mentor. "
            f"The mentors’ sheet has {mentee.name} with nobody."
        ),
    }[kind]


def _check_capacities(check: SheetCheck, mentors: _Sheet) -> None:
    for key, mentor in mentors.people.items():
        if key in mentors.ambiguous or not mentor.capacities:
            continue
        capacity, count = max(mentor.capacities), len(mentor.partners)
        if count > capacity:
            mentees = ngettext("%d mentee", "%d mentees", count) % count
            detail = f"{mentor.name} has {mentees} and takes at most {capacity}."
            check.add("mentor_over_capacity", mentor.name, None, detail)
