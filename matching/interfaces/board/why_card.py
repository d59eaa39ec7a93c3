"""Why mentees are unmatched and what each priority costs, on the board and with a proposal."""

from __future__ import annotations

from dataclasses import dataclass

from matching.domain.proposals.explanations import (
    MissingMentors,
    UnmatchedGroup,
    missing_mentors,
    trade_offs,
    why_unmatched,
)
from matching.domain.proposals.problem import solve_now
from matching.domain.proposals.what_if import announced_in_the_way
from matching.engine.sentences import without
from mentorship.models import Participant, Priority, Program


@dataclass(frozen=True)
class WhyLeft:
    """Why mentees of the board have no mentor; `elsewhere`: who a proposal would match."""

    left: list[UnmatchedGroup]
    missing: MissingMentors | None
    in_the_way: list[str]
    elsewhere: list[tuple[Participant, Participant]]


@dataclass(frozen=True)
class TradeOff:
    """What a priority costs the ones below it, in words."""

    title: str
    words: str


def why_left_card(program: Program, waiting: set[int]) -> WhyLeft:
    """Return why mentees are unmatched; `waiting` are the keys of those on the board now."""
    result = solve_now(program)
    mentor_of = result.mentor_of
    left = sorted(
        (person for person in result.inputs.mentees if person.pk in waiting),
        key=lambda person: (person.name.casefold(), person.pk),
    )
    return WhyLeft(
        why_unmatched(result),
        missing_mentors(result),
        announced_in_the_way(result),
        [(mentee, mentor_of[mentee.pk]) for mentee in left if mentee.pk in mentor_of],
    )


def trade_offs_card(program: Program) -> list[TradeOff]:
    """Return what each priority costs the ones below it."""
    result = []
    for cost in trade_offs(solve_now(program)):
        clause = without(cost.saved)
        words = f"without it, {clause}" if clause else "costs nothing"
        result.append(TradeOff(Priority(cost.name).label, words))
    return result
