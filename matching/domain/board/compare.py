"""Two proposals side by side, or the board and one: what differs, and applying one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from matching.domain.board.board import Board, Tile
from matching.domain.matches.changes import create_match
from matching.domain.matches.people import read_people
from matching.domain.matches.steps import step
from matching.models import BoardStep, Match, Proposal
from mentorship.models import Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


@dataclass(frozen=True)
class Side:
    """One side of a comparison: the board (`proposal` is None) or a proposal."""

    proposal: Proposal | None
    tiles: list[Tile]
    mentor_of: dict[int, int]

    @property
    def key(self) -> int:
        """The key of the proposal; 0 for the board."""
        return self.proposal.pk if self.proposal else 0


@dataclass(frozen=True)
class PairDifference:
    """A mentee with another mentor on each side; None for no mentor."""

    mentee: Any
    one: Any
    other: Any


def side_of(board: Board, proposal: Proposal | None) -> Side:
    """Return a proposal, or the board as it is, as one side of a comparison."""
    if proposal is None:
        mentors = {match.mentee_id: match.mentor_id for match in board.matches}
        return Side(None, board.tiles, mentors)
    # What the board does not count is not compared.
    counted = {tile.name for tile in board.tiles}
    tiers = [tier for tier in proposal.tiers if tier["name"] in counted]
    tiles = [Tile(tier["name"], tier["value"], tier["bound"]) for tier in tiers]
    return Side(proposal, tiles, {pair["mentee"]: pair["mentor"] for pair in proposal.pairs})


def differences(board: Board, one: Side, other: Side) -> list[PairDifference]:
    """Return the mentees whose mentor differs, by name; people who have left are not listed."""
    people = board.people.by_pk
    mentees = [
        people[pk]
        for pk in one.mentor_of.keys() | other.mentor_of.keys()
        if board.mentee(pk) and one.mentor_of.get(pk) != other.mentor_of.get(pk)
    ]
    mentees.sort(key=lambda person: (person.name.casefold(), person.pk))
    return [
        PairDifference(
            mentee,
            people.get(one.mentor_of.get(mentee.pk, 0)),
            people.get(other.mentor_of.get(mentee.pk, 0)),
        )
        for mentee in mentees
    ]


def apply_all(program: Program, proposal: Proposal, *, by: AbstractBaseUser) -> int:
    """Replace the drafts by the pairs of an earlier proposal; return how many pairs are new.

    Locked and announced pairs stay, and so do those that the proposal has too. Raise
    ValidationError, with nothing changed, if one of its pairs is no longer possible.
    """
    with step(program.pk, BoardStep.Kind.PROPOSAL, by, Q(status__in=Match.LIVE)) as locked:
        wanted = {pair["mentee"]: pair["mentor"] for pair in proposal.pairs}
        live = list(locked.matches.live())
        fixed = {m.mentee_id for m in live if m.is_fixed}
        there = {m.mentee_id for m in live if wanted.get(m.mentee_id) == m.mentor_id}
        going = {m.mentee_id: m for m in live if m.mentee_id not in fixed | there}
        notes = {pk: match.note for pk, match in going.items()}
        Match.objects.filter(pk__in=[match.pk for match in going.values()]).delete()
        people = read_people(locked)
        coming = [
            (people.by_pk[mentor], people.by_pk[mentee])
            for mentee, mentor in wanted.items()
            if mentee not in fixed | there and {mentee, mentor} <= people.by_pk.keys()
        ]
        for mentor, mentee in coming:
            match = create_match(mentor, mentee, by=by, people=people)
            if notes.get(mentee.pk):
                Match.objects.filter(pk=match.pk).update(note=notes[mentee.pk])
    return len(coming)
