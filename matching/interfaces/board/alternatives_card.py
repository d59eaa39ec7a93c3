"""The part of the board's panel that says which mentors a mentee could have instead."""

from __future__ import annotations

from dataclasses import dataclass

from matching.domain.board.board import Board
from matching.domain.proposals.alternatives import Choices, next_mentors
from matching.domain.proposals.inputs import read_inputs
from matching.interfaces.proposals.losses import loss_words
from mentorship.models import Participant


@dataclass(frozen=True)
class NextChoice:
    """One mentor with the loss in words, and how many places are free on the board."""

    mentor: Participant
    words: str
    free: int


@dataclass(frozen=True)
class NextCard:
    """What the panel shows; `verdict` says how the present pair compares with the best."""

    verdict: str
    choices: list[NextChoice]


def next_card(board: Board, mentee: Participant) -> NextCard | None:
    """Give the next best mentors for a mentee of the board; None if they cannot be found."""
    match = board.match_of(mentee.pk)
    present = board.people.by_pk[match.mentor_id] if match else None
    found = next_mentors(read_inputs(board.people.program), mentee, present)
    if found is None:
        return None
    taken = board.taken
    return NextCard(
        _verdict(found, mentee, present),
        [
            NextChoice(
                one.mentor,
                "part of the best matching" if one.mentor == found.best else loss_words(one.loss),
                max(one.mentor.capacity - taken[one.mentor.pk], 0),
            )
            for one in found.others
        ],
    )


def _verdict(found: Choices, mentee: Participant, present: Participant | None) -> str:
    """Say why the best matching has this mentor, or has another one."""
    best = found.best
    if present is None:
        if best is None:
            return f"The best matching leaves {mentee} without a mentor."
        return f"The best matching has {mentee} with {best}."
    if present == best:
        return f"{present} is {mentee}’s mentor in the best matching."
    if found.present is None:
        return f"No new matching could pair {mentee} with {present}."
    other = f"has {mentee} with {best}" if best else f"leaves {mentee} without a mentor"
    return (
        f"The best matching {other}. With {present}, the whole matching is at best: "
        f"{loss_words(found.present.loss)}."
    )
