"""Searching the board, filtering it, and reading its rows a few at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from django.db.models import Q

from matching.domain.board.board import Board, BoardGroup, MentorRow
from matching.domain.board.roster import BoardMatch, BoardPerson
from mentorship.domain.text import plain_letters
from mentorship.models import Participant

# What can be asked of the board's rows, with the words for it.
FILTERS = {
    "virtual": "Virtual",
    "researched": "Researched only",
    "warnings": "Warnings",
    "announced": "Announced",
    "locked": "Locked",
    "free": "Free places",
}


@dataclass(frozen=True)
class Wanted:
    """What is looked for: a text in names, email addresses and notes, and filters that all hold."""

    text: str = ""
    filters: tuple[str, ...] = ()

    @property
    def is_all(self) -> bool:
        return not self.text and not self.filters


@dataclass
class FoundRows:
    """The groups with the rows that were looked for, and the unmatched mentees among them."""

    groups: list[BoardGroup]
    waiting: list[BoardPerson]

    @property
    def mentors(self) -> int:
        return sum(len(group.rows) for group in self.groups)


def find(board: Board, wanted: Wanted) -> FoundRows:
    """Return what of a board is looked for. A mentor's row is found with any of its pairs."""
    if wanted.is_all:
        return FoundRows(board.groups, board.waiting)
    look = _Look(board, wanted)
    groups = [
        replace(group, rows=[row for row in group.rows if look.finds_row(row)])
        for group in board.groups
    ]
    return FoundRows(
        [group for group in groups if group.rows],
        [person for person in board.waiting if look.finds_waiting(person)],
    )


class _Look:
    """One search: what needs the database is asked once."""

    def __init__(self, board: Board, wanted: Wanted) -> None:
        self.board, self.filters = board, set(wanted.filters)
        self.text = plain_letters(wanted.text.strip())
        people = Participant.objects.filter(program=board.program)
        self.researched: set[int] = set()
        if "researched" in self.filters:
            researched = people.not_answered().researched()
            self.researched = set(researched.values_list("pk", flat=True))
        self.by_notes: set[int] = set()
        if self.text:
            words = Q()
            for column in ("notes", "topics_wanted", "topics_offered", "committee_notes"):
                words |= Q(**{f"{column}__icontains": wanted.text.strip()})
            self.by_notes = set(people.filter(words).values_list("pk", flat=True))

    def finds_row(self, row: MentorRow) -> bool:
        """Return whether the text is in the row, and all filters hold for it or one pair of it."""
        chips = row.chips
        if "free" in self.filters and not row.free:
            return False
        if self.text and not (
            self._has_text(row.mentor)
            or any(self._has_text(chip.match.mentee, chip.match) for chip in chips)
        ):
            return False
        of_pairs = self.filters - {"free", "virtual", "researched"}
        of_people = self.filters & {"virtual", "researched"}
        if of_pairs and not any(
            self._pair_is(chip.match, of_pairs) and self._people_are(row.mentor, chip.match.mentee)
            for chip in chips
        ):
            return False
        if of_people and not of_pairs:
            return self._people_are(row.mentor, *(chip.match.mentee for chip in chips))
        return True

    def finds_waiting(self, person: BoardPerson) -> bool:
        """Return whether this unmatched mentee is looked for; filters of pairs leave them out."""
        if self.filters - {"virtual", "researched"}:
            return False
        return (not self.text or self._has_text(person)) and self._people_are(person)

    def _has_text(self, person: BoardPerson, match: BoardMatch | None = None) -> bool:
        note = match.note or "" if match else ""
        texts = (person.name, person.email, note)
        return person.pk in self.by_notes or any(self.text in plain_letters(t) for t in texts)

    def _people_are(self, *people: BoardPerson) -> bool:
        """Return whether each filter of people holds for at least one of them."""
        return ("virtual" not in self.filters or any(person.is_virtual for person in people)) and (
            "researched" not in self.filters or any(p.pk in self.researched for p in people)
        )

    def _pair_is(self, match: BoardMatch, filters: set[str]) -> bool:
        holds = {
            "warnings": bool(self.board.findings.get(match.pk)),
            "announced": match.is_announced,
            "locked": match.locked,
        }
        return all(holds[name] for name in filters)


def rows_from(
    board: Board, group: BoardGroup, after: int | None, count: int
) -> tuple[list[MentorRow], bool]:
    """Return the next `count` rows of a group after this mentor's, and whether there are more.

    The mentor may have left the group since: then it goes on where they would stand.
    """
    rows = group.rows
    last = cast(Any, board.people.by_pk.get(after or 0))
    if last is not None:
        rows = [row for row in rows if row.mentor.place > last.place]
    return rows[:count], len(rows) > count
