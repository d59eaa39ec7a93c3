"""The mentors with a free place for a mentee, and the reasons against each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from matching.domain.board.board import Board
from matching.domain.board.roster import BoardPerson
from matching.domain.matches.checks import Finding, check_pair
from mentorship.models import Participant


@dataclass(frozen=True)
class Choice:
    """One mentor in the menu."""

    mentor: Participant
    free: int
    findings: list[Finding]

    @property
    def words(self) -> str:
        """The mentor as the menu shows them."""
        places = f"{self.free} of {self.mentor.capacity} free"
        return ", ".join([f"{self.mentor} ({places})", *(f.title.lower() for f in self.findings)])


def choices_for(board: Board, mentee: BoardPerson) -> list[Choice]:
    """Return the mentors that this mentee can move to, those without warnings first."""
    present = board.match_of(mentee.pk)
    taken = board.taken
    found = [
        Choice(
            mentor,
            mentor.capacity - taken[mentor.pk],
            check_pair(board.people, mentor, cast(Any, mentee)),
        )
        for mentor in board.people.mentors
        if mentor.capacity > taken[mentor.pk] and not (present and present.mentor_id == mentor.pk)
    ]
    return sorted(
        found,
        key=lambda c: (
            any(not f.warning for f in c.findings),
            len(c.findings),
            c.mentor.name.casefold(),
            c.mentor.pk,
        ),
    )
