"""The part of the board's panel with the mentors that a mentee could have instead."""

from __future__ import annotations

from dataclasses import dataclass

from matching.domain.board.board import Board
from matching.domain.board.roster import BoardPerson
from matching.domain.proposals.alternatives import Alternatives, find_alternatives
from matching.interfaces.proposals.differences import difference_words
from mentorship.models import Participant


@dataclass(frozen=True)
class OtherMentor:
    """One mentor, the cost to the whole matching in words, and the free places on the board."""

    mentor: Participant
    words: str
    free: int


@dataclass(frozen=True)
class AlternativesCard:
    """What the panel shows; `verdict` compares the present pair with the best matching."""

    verdict: str
    choices: list[OtherMentor]


def alternatives_card(board: Board, mentee: BoardPerson) -> AlternativesCard | None:
    """Return the alternative mentors of a mentee of the board; None if they cannot be found."""
    match = board.match_of(mentee.pk)
    present = match.mentor if match else None
    found = find_alternatives(board.program, mentee.pk, present.pk if present else None)
    if found is None:
        return None
    taken = board.taken
    return AlternativesCard(
        _verdict(found, mentee, present),
        [
            OtherMentor(
                one.mentor,
                "in the best matching" if one.mentor == found.best else difference_words(one.loss),
                max(one.mentor.capacity - taken[one.mentor.pk], 0),
            )
            for one in found.others
        ],
    )


def _verdict(found: Alternatives, mentee: BoardPerson, present: BoardPerson | None) -> str:
    """Return whether the best matching has this mentor, and what another one costs."""
    best = found.best
    if present is None:
        if best is None:
            return f"The best matching leaves {mentee} unmatched."
        return f"The best matching pairs {mentee} with {best}."
    if best is not None and present.pk == best.pk:
        return f"{present} is {mentee}’s mentor in the best matching."
    if found.present is None:
        return f"No new proposal can pair {mentee} with {present}."
    other = f"pairs {mentee} with {best}" if best else f"leaves {mentee} unmatched"
    loss = difference_words(found.present.loss)
    return f"The best matching {other}. With {present} instead: {loss}."
