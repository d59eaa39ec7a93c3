"""Which mentor each mentee has by the two sheets of an edited workbook."""

from __future__ import annotations

from dataclasses import dataclass, field

from matching.domain.matches.people import People
from matching.domain.sheets.columns import MENTEE_COLUMNS, MENTOR_COLUMNS
from matching.domain.sheets.names import Directory, Meant
from mentorship.domain.columns.find import find_columns
from mentorship.domain.columns.found import cells_of, fault_of, need_a_name
from mentorship.domain.columns.known import Column
from mentorship.domain.files.tables import Table
from mentorship.models import Participant, Role

Fault = tuple[str, str | None, str | None, str]  # kind, mentor, mentee, detail
_SHOWN = 200


@dataclass(frozen=True)
class SheetMentor:
    """A mentee's mentor by both sheets together, or why that is not clear."""

    mentor: int | None = None
    fault: str = ""
    detail: str = ""


@dataclass
class SheetPairs:
    """The pairs on the sheets. `own` is from the mentees' sheet, `given` from the mentors'.

    A mentee whose row names nobody who can be found is in neither, nor is one without a row.
    """

    people: People
    own: dict[int, list[int]] = field(default_factory=dict)
    given: dict[int, list[int]] = field(default_factory=dict)
    mentors: set[int] = field(default_factory=set)  # whose rows name only people who are found
    unclear: set[int] = field(default_factory=set)  # whose own row names somebody not found
    faults: list[Fault] = field(default_factory=list)

    @property
    def mentees(self) -> set[int]:
        """All mentees that one of the sheets tells something about."""
        return (self.own.keys() | self.given.keys()) - self.unclear

    def of(self, mentee: int, then: int | None) -> SheetMentor:
        """Return this mentee's mentor by the sheets; `then` is the one before the edits.

        If the sheets differ, the one that was edited counts; if both were, the one that names
        somebody.
        """
        own, given = self.own.get(mentee), self.given.get(mentee, [])
        name = str(self.people.by_pk[mentee])
        for mentors in (given, own or []):
            if len(mentors) > 1:
                names = " and ".join(str(self.people.by_pk[pk]) for pk in mentors)
                return SheetMentor(
                    mentors[-1], "mentee_with_two_mentors", f"{name} is with {names}."
                )
        by_mentee = own[0] if own else None
        by_mentors = given[0] if given else None
        # A mentor without a row, or with one that cannot be read, does not end a pair.
        silent = not given and then is not None and then not in self.mentors
        if own is None:
            return SheetMentor(then if silent else by_mentors)
        if silent or by_mentors in (by_mentee, then):
            return SheetMentor(by_mentee)
        if by_mentee in (None, then):
            return SheetMentor(by_mentors)
        if by_mentors is None:
            return SheetMentor(by_mentee)
        words = [str(self.people.by_pk[pk]) if pk else "nobody" for pk in (by_mentors, by_mentee)]
        detail = (
            f"The mentors’ sheet has {name} with {words[0]}, the mentees’ sheet with {words[1]}."
        )
        return SheetMentor(by_mentors or by_mentee, "sheets_disagree", detail)


def read_sheet_pairs(
    people: People, now: dict[int, int], then: dict[int, int], mentors: Table, mentees: Table
) -> SheetPairs:
    """Read both sheets. `now` and `then` are mentee → mentor at present, and at the download.

    Raise ValidationError if a sheet lacks the column of matches, or the person's column.
    """
    pairs = SheetPairs(people)
    everybody = list(people.by_pk.values())
    anybody = Directory(everybody)
    of_role = {
        role: Directory(
            [
                p
                for p in everybody
                if p.pk in paired or p.pk in before or (p.takes_part and p.role == role)
            ]
        )
        for role, paired, before in (
            (Role.MENTOR, set(now.values()), set(then.values())),
            (Role.MENTEE, now.keys(), then.keys()),
        )
    }
    for role, other, table, columns in (
        (Role.MENTOR, Role.MENTEE, mentors, MENTOR_COLUMNS),
        (Role.MENTEE, Role.MENTOR, mentees, MENTEE_COLUMNS),
    ):
        for person, cell in _rows(pairs, of_role[role], anybody, table, columns, role):
            found = [_clear(meant, anybody) for meant in of_role[other].all_in(cell)]
            for meant in found:
                if meant.person is None:
                    pairs.faults.append(_not_found(meant, person, other))
            known = [meant.person.pk for meant in found if meant.person]
            if len(known) < len(found):
                pairs.unclear.add(person.pk)
            if role == Role.MENTEE:
                _add(pairs.own, person.pk, known)
                continue
            pairs.mentors.add(person.pk)
            for mentee in known:
                _add(pairs.given, mentee, [person.pk])
    pairs.mentors -= pairs.unclear
    for mentee, mentor in then.items():
        if mentor in pairs.mentors:
            pairs.given.setdefault(mentee, [])
    return pairs


def _add(found: dict[int, list[int]], about: int, keys: list[int]) -> None:
    found[about] = list(dict.fromkeys([*found.get(about, []), *keys]))


def _rows(
    pairs: SheetPairs,
    here: Directory,
    anybody: Directory,
    table: Table,
    columns: list[Column],
    role: Role,
) -> list[tuple[Participant, str]]:
    """Return each row's person and match cell; add a fault for each row that is about nobody."""
    found = find_columns(table, [c for c in columns if c.key in ("name", "address", "match")])
    if "address" not in found:
        need_a_name(table, found)
    rows = []
    for row in table.rows:
        cells = cells_of(row, found)
        name, address = cells.get("name", ""), cells.get("address", "")
        if not (name or address):
            continue
        meant = here.one(address, name)
        if meant.person is None:
            meant = anybody.one(address, name)
        fault = fault_of(row, len(row.cells))
        if meant.person and not fault:
            rows.append((meant.person, cells["match"]))
            continue
        written = (address or name)[:_SHOWN]
        mentor, mentee = (written, None) if role == Role.MENTOR else (None, written)
        why = f"holds {fault[1]}" if fault else "is about nobody in this program"
        detail = f"Row {row.number} of the {role.value}s’ sheet: {written} {why}."
        pairs.faults.append(("not_in_program", mentor, mentee, detail))
    return rows


def _clear(meant: Meant, anybody: Directory) -> Meant:
    """Find also people who have another role by now, or are out: the checks report it."""
    if meant.fault != "unknown":
        return meant
    found = anybody.all_in(meant.written)
    return found[0] if len(found) == 1 and found[0].person else meant


def _not_found(meant: Meant, person: Participant, other: Role) -> Fault:
    written = meant.written[:_SHOWN]
    pair = (person.email, written) if other == Role.MENTEE else (written, person.email)
    if meant.fault == "ambiguous":
        detail = (
            f"More than one {other.value} is called {written}. Write “{written} <email address>”."
        )
        return ("ambiguous_name", *pair, detail)
    detail = f"{person} has {written}, but no {other.value} has this name."
    return (f"name_not_in_{other.value}_sheet", *pair, detail)
