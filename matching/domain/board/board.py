"""The matching board: every mentor with their places and mentees, and how good the matching is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from matching.domain.board.roster import BoardMatch, BoardPerson, read_matches, read_roster
from matching.domain.matches.checks import Finding, findings_by_match, with_people
from matching.domain.matches.people import People
from matching.domain.matches.steps import version_of
from matching.models import Proposal
from mentorship.models import Priority, Program, Role


@dataclass(frozen=True)
class Tile:
    """One priority: its value now, and the best that the last proposal proved (None if unknown).

    Values are as the matcher counts them: smaller is better, affinity is negative.
    """

    name: str
    value: int
    best: int | None

    @property
    def title(self) -> str:
        return Priority(self.name).label

    @property
    def shown(self) -> int:
        return abs(self.value)

    @property
    def over(self) -> int:
        """By how much this is worse than the best; below 0 it is better, an earlier one pays."""
        return self.value - self.best if self.best is not None else 0

    @property
    def verdict(self) -> str:
        """How this compares with the best possible, in words."""
        if self.best is None:
            return "no proposal yet"
        if not self.over:
            return "best possible"
        if self.name == "affinity":
            side = "below" if self.over > 0 else "above"
            return f"{abs(self.over)} {side} the best matching"
        if self.over > 0:
            return f"+{self.over} over the best possible"
        return f"{-self.over} fewer than in the best matching"


@dataclass
class Chip:
    """One mentee at a mentor, with what is wrong with the pair."""

    match: BoardMatch
    findings: list[Finding]


@dataclass
class MentorRow:
    """One mentor with their mentees and free places; `bin` is the key of the group, 0 for none."""

    mentor: BoardPerson
    bin: int = 0
    chips: list[Chip] = field(default_factory=list)

    @property
    def free(self) -> int:
        return max(self.mentor.capacity - len(self.chips), 0)


@dataclass
class BoardGroup:
    """The mentors of one bin, by name; `pk` is the bin's key, 0 for those without a field."""

    pk: int
    title: str
    rows: list[MentorRow] = field(default_factory=list)

    @property
    def pairs(self) -> int:
        return sum(len(row.chips) for row in self.rows)

    @property
    def free(self) -> int:
        return sum(row.free for row in self.rows)


@dataclass
class Board:
    """All that the board shows of one program; what is not asked for is not found out."""

    people: People
    matches: list[BoardMatch]
    version: int

    @property
    def program(self) -> Program:
        return self.people.program

    @cached_property
    def findings(self) -> dict[int, list[Finding]]:
        """What is wrong with each match, by its key; no entry if nothing is."""
        return findings_by_match(self.people, cast(Any, self.matches))

    @cached_property
    def groups(self) -> list[BoardGroup]:
        """The mentors by the bin of their first pair; without one, by their first field."""
        return _groups(self.people, self.matches, self.findings)

    @cached_property
    def waiting(self) -> list[BoardPerson]:
        """The unmatched mentees, by name."""
        mentees = cast(list[BoardPerson], self.people.mentees)
        waiting = [mentee for mentee in mentees if mentee.pk not in self.by_mentee]
        return sorted(waiting, key=lambda mentee: mentee.place)

    @cached_property
    def proposal(self) -> Proposal | None:
        """The last proposal. Its pairs are many, and the board shows what it proved."""
        proposals: Any = self.program.proposals.defer("pairs", "unmatched_mentees", "idle_mentors")
        return cast(Proposal | None, proposals.first())

    @cached_property
    def tiles(self) -> list[Tile]:
        """Each priority's value for the live matches, in the program's order."""
        return _tiles(self.people, self.matches, len(self.waiting), self.proposal)

    @property
    def places(self) -> int:
        return sum(mentor.capacity for mentor in self.people.mentors)

    @property
    def locked(self) -> int:
        return sum(match.locked for match in self.matches)

    @property
    def problems(self) -> int:
        """How many live pairs have a problem that is more than a warning."""
        return sum(any(not f.warning for f in found) for found in self.findings.values())

    @cached_property
    def taken(self) -> Counter[int]:
        """How many live mentees each mentor has, by the mentor's key."""
        return Counter(match.mentor_id for match in self.matches)

    @cached_property
    def by_mentee(self) -> dict[int, BoardMatch]:
        """The live match of each mentee, by the mentee's key."""
        return {match.mentee_id: match for match in self.matches}

    def match_of(self, mentee_pk: int) -> BoardMatch | None:
        """Return the live match of this mentee."""
        return self.by_mentee.get(mentee_pk)

    def mentee(self, key: int | None) -> BoardPerson | None:
        """Return the mentee of this board with this key, or None."""
        person = cast(Any, self.people.by_pk.get(key or 0))
        if person and (
            person.pk in self.by_mentee or (person.takes_part and person.role == Role.MENTEE)
        ):
            return cast(BoardPerson, person)
        return None


def read_board(program: Program) -> Board:
    """Read a program's board in a number of queries that does not grow with its people."""
    version = version_of(program)
    matches = read_matches(program)
    people = read_roster(program)
    with_people(people, cast(Any, matches))
    for match in matches:
        match.program = program
    matches.sort(key=lambda match: (match.mentor.place, match.mentee.place))
    return Board(people, matches, version)


def _groups(
    people: People, matches: list[BoardMatch], findings: dict[int, list[Finding]]
) -> list[BoardGroup]:
    rows = {mentor.pk: MentorRow(cast(Any, mentor)) for mentor in people.mentors}
    for match in matches:
        row = rows.setdefault(match.mentor_id, MentorRow(match.mentor))
        row.chips.append(Chip(match, findings.get(match.pk, [])))
    groups = {f.pk: BoardGroup(f.pk, f.name) for f in people.fields}
    groups[0] = BoardGroup(0, "No field")
    for row in sorted(rows.values(), key=lambda row: row.mentor.place):
        bins = [chip.match.bin_id for chip in row.chips if chip.match.bin_id]
        bins += row.mentor.field_pks
        row.bin = next((pk for pk in bins if pk in groups), 0)
        groups[row.bin].rows.append(row)
    return [group for group in groups.values() if group.rows]


def _tiles(
    people: People, matches: list[BoardMatch], waiting: int, proposal: Proposal | None
) -> list[Tile]:
    taken = Counter(match.mentor_id for match in matches)
    minimum = people.program.affinity_floor
    values = {
        "unmatched": waiting,
        "spread": sum(k * (k - 1) // 2 for k in taken.values()),
        "mixed": sum(match.mentor.is_virtual != match.mentee.is_virtual for match in matches),
        "cross_field": sum(
            people.cross_field(cast(Any, m.mentor), cast(Any, m.mentee)) for m in matches
        ),
        "weak": sum((match.affinity or 0) < minimum for match in matches),
        "affinity": -sum(match.affinity or 0 for match in matches),
    }
    best = {tier["name"]: tier["bound"] for tier in proposal.tiers} if proposal else {}
    return [
        Tile(name, values[name], best.get(name))
        for name in people.program.matching_priorities
        if name in values
    ]
