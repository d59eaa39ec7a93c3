"""What changes on a page that shows the board, when something has happened on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matching.domain.board.actions import happened_since
from matching.domain.board.board import Board, MentorRow, read_board
from matching.domain.board.history import Happening, happenings, people_in, steps_of
from matching.domain.board.roster import BoardPerson
from matching.domain.board.undo import next_to_redo_after, next_to_undo
from mentorship.models import Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Beyond so many mentors with changes, loading the page again is quicker than changing it.
MOST_ROWS = 40
RECENT = 5


@dataclass(frozen=True)
class StepsBar:
    """What the member can undo and redo, and what happened last on the board."""

    undo: Happening | None
    redo: Happening | None
    recent: list[Happening]


@dataclass(frozen=True)
class Placed:
    """A row of the board, or an unmatched mentee, and the key of what stands before it."""

    what: MentorRow | BoardPerson
    after: int | None


@dataclass
class Update:
    """What a browser has to change to show the board as it is now."""

    board: Board
    happened: list[Happening] = field(default_factory=list)
    mentees: set[int] = field(default_factory=set)
    rows: list[Placed] = field(default_factory=list)
    waiting: list[Placed] = field(default_factory=list)
    reload: bool = False

    @property
    def others(self) -> list[Happening]:
        """What somebody else than the reader did or undid last."""
        return [one for one in self.happened if not one.said.startswith("You ")]


def steps_bar(program: Program, user: User) -> StepsBar:
    """Return what this member can undo and redo, with the last things that happened."""
    recent = list(steps_of(program)[:RECENT])
    newest = next_to_undo(program, user)
    ends = [newest, next_to_redo_after(program, user, newest)]
    steps = [step for step in ends if step] + recent
    told = {one.step.pk: one for one in happenings(program, steps, user)}
    undo, redo = (told[step.pk] if step else None for step in ends)
    return StepsBar(undo, redo, [told[step.pk] for step in recent])


def update_since(program: Program, user: User, seen: int) -> Update:
    """Return what has changed on the board after this version."""
    board = read_board(program)
    happened = happened_since(program, seen, user)
    mentors: set[int] = set()
    mentees: set[int] = set()
    for one in happened:
        concerned = people_in(one.step)
        mentors |= concerned[0]
        mentees |= concerned[1]
    if len(mentors) > MOST_ROWS:
        return Update(board, happened, reload=True)
    return Update(
        board,
        happened,
        mentees,
        [placed for group in board.groups for placed in _placed(group.rows, mentors)],
        list(_placed(board.waiting, mentees)),
    )


def _placed(things: Iterable[MentorRow | BoardPerson], wanted: set[int]) -> list[Placed]:
    found, last = [], None
    for thing in things:
        pk = thing.mentor.pk if isinstance(thing, MentorRow) else thing.pk
        if pk in wanted:
            found.append(Placed(thing, last))
        last = pk
    return found
