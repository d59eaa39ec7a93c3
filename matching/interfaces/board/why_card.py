"""Why mentees are unmatched and what each priority costs, on the board and with a proposal."""

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
    """Why mentees of the board have no mentor; `elsewhere`: who a proposal would match."""

    left: list[Left]
    missing: Missing | None
    in_the_way: list[str]
    elsewhere: list[tuple[Participant, Participant]]


@dataclass(frozen=True)
class TradeOff:
    """What a priority costs the ones below it, in words."""

    title: str
    words: str


def why_left_card(program: Program, waiting: list[Participant]) -> WhyLeft:
    """Return why mentees are unmatched; `waiting` are those on the board now."""
    result = solved(read_inputs(program))
    mentor_of = result.mentor_of
    return WhyLeft(
        why_left(result),
        missing_mentors(result),
        announced_in_the_way(result),
        [(mentee, mentor_of[mentee.pk]) for mentee in waiting if mentee.pk in mentor_of],
    )


def trade_offs_card(program: Program) -> list[TradeOff]:
    """Return what each priority costs the ones below it."""
    result = []
    for cost in priority_costs(solved(read_inputs(program))):
        paid = [difference(name, amount) for name, amount in cost.saved.items() if amount]
        words = f"costs {listed(paid)}" if paid else "costs nothing"
        result.append(TradeOff(PRIORITY_NAMES[cost.name], words))
    return result
