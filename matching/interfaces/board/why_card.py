"""The part of the proposal's page and of the board that explains the best matching."""

from __future__ import annotations

from dataclasses import dataclass

from matching.domain.board.board import PRIORITY_NAMES
from matching.domain.proposals.explanations import (
    Left,
    Missing,
    missing_mentors,
    priority_costs,
    why_left,
)
from matching.domain.proposals.inputs import read_inputs
from matching.domain.proposals.solved import solved
from matching.domain.proposals.what_if import announced_in_the_way
from matching.engine.sentences import difference, listed
from mentorship.models import Participant, Program


@dataclass(frozen=True)
class WhyLeft:
    """Why mentees of the board have no mentor; `elsewhere`: whom a proposal would place."""

    left: list[Left]
    missing: Missing | None
    in_the_way: list[str]
    elsewhere: list[tuple[Participant, Participant]]


@dataclass(frozen=True)
class Cost:
    """What a priority costs the later ones, in words."""

    title: str
    words: str


def why_left_card(program: Program, waiting: list[Participant]) -> WhyLeft:
    """Explain the mentees without a mentor; `waiting` are those of the board now."""
    result = solved(read_inputs(program))
    mentor_of = result.mentor_of
    return WhyLeft(
        why_left(result),
        missing_mentors(result),
        announced_in_the_way(result),
        [(mentee, mentor_of[mentee.pk]) for mentee in waiting if mentee.pk in mentor_of],
    )


def costs_card(program: Program) -> list[Cost]:
    """Say what each priority costs the later ones."""
    result = []
    for cost in priority_costs(solved(read_inputs(program))):
        paid = [difference(name, amount) for name, amount in cost.saved.items() if amount]
        words = f"costs {listed(paid)}" if paid else "costs the later ones nothing"
        result.append(Cost(PRIORITY_NAMES[cost.name], words))
    return result
