"""Why a mentee is left without a mentor, why this mentor and not that one, what priorities cost.

Each answer is data with a `sentence`; people stand in it by their ids.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matching.engine.alternatives import Alternative, alternatives
from matching.engine.crowd import Crowds
from matching.engine.problem import Problem
from matching.engine.sentences import counted, difference, first_loss, listed
from matching.engine.solve import Solution, solve


@dataclass(frozen=True)
class Unmatched:
    """Why one mentee has no mentor (indices).

    `reason` is `no_mentor` (kept apart from all who have room), `places` (the mentees compete for
    the places of the mentors, which are fewer) or `priority` (an earlier priority is worth more).
    The group for `places` is the smallest one: any one mentee fewer, and there are enough places
    for the rest.
    """

    mentee: int
    reason: str
    mentees: tuple[int, ...]
    mentors: tuple[int, ...]
    places: int
    sentence: str


@dataclass(frozen=True)
class PriorityCost:
    """What one priority costs those after it: how much less each would be without it."""

    name: str
    saved: dict[str, int]
    sentence: str


@dataclass(frozen=True)
class WhyNot:
    """What pairing a mentee with another mentor would lose; None where that cannot be at all."""

    mentor: int
    mentee: int
    loss: dict[str, int] | None
    sentence: str


def explain_unmatched(problem: Problem, solution: Solution) -> list[Unmatched]:
    """Say of every unmatched mentee why, in the order of their ids.

    Whoever of a group moved would only push out another of it.
    """
    crowds = Crowds(problem, solution.pairs)
    matched = np.isin(np.arange(len(problem.mentees)), solution.pairs[:, 1])
    alone = sorted(np.flatnonzero(~matched).tolist(), key=problem.mentees.__getitem__)
    return [_unmatched(problem, solution, crowds, mentee) for mentee in alone]


def _unmatched(problem: Problem, solution: Solution, crowds: Crowds, mentee: int) -> Unmatched:
    crowd = crowds.around(mentee)
    name = problem.mentees[mentee]
    if crowd.free:
        placing = [
            other
            for other in alternatives(problem, solution, mentee)
            if other.loss.get("unmatched", 0) < 0
        ]
        loss = first_loss(placing[0].loss) if placing else "an earlier priority"
        sentence = f"{name} could have a mentor too, but at the cost of {loss}."
        return Unmatched(mentee, "priority", (mentee,), (), 0, sentence)
    if not crowd.mentors:
        sentence = (
            f"Every mentor with a place is kept apart from {name}."
            if crowds.room.any()
            else f"No mentor has a place for {name}."
        )
        return Unmatched(mentee, "no_mentor", (mentee,), (), 0, sentence)
    group = [problem.mentees[one] for one in crowd.mentees]
    sentence = (
        f"{counted(len(group), 'mentee')} ({listed(group)}) can only go to "
        f"{listed([problem.mentors[one] for one in crowd.mentors])}, who together have "
        f"{counted(crowd.places, 'place')} for them, so {name} has none."
    )
    return Unmatched(mentee, "places", crowd.mentees, crowd.mentors, crowd.places, sentence)


def why_not(problem: Problem, solution: Solution, mentor: int, mentee: int) -> WhyNot:
    """Say what the whole matching would lose if this pair were made."""
    names = f"{problem.mentees[mentee]} with {problem.mentors[mentor]}"
    if [mentor, mentee] in solution.pairs.tolist():
        return WhyNot(
            mentor,
            mentee,
            dict.fromkeys(problem.priorities, 0),
            f"{names} is a pair of the proposal.",
        )
    for other in alternatives(problem, solution, mentee):
        if other.mentor == mentor:
            return WhyNot(mentor, mentee, other.loss, _why_sentence(names, other))
    reason = impossible(problem, mentor, mentee)
    return WhyNot(mentor, mentee, None, f"{names} cannot be: {reason}.")


def impossible(problem: Problem, mentor: int, mentee: int) -> str:
    """Say why a pair that no solution can have is impossible."""
    if [mentor, mentee] in problem.keep_apart.tolist():
        return "they are kept apart"
    if mentee in problem.locked[:, 1]:
        return f"{problem.mentees[mentee]} is locked to another mentor"
    return f"{problem.mentors[mentor]} has no place that is not locked"


def _why_sentence(names: str, other: Alternative) -> str:
    lost = [(tier, amount) for tier, amount in other.loss.items() if amount]
    if not lost:
        return f"{names} would be just as good."
    (tier, amount), *rest = lost
    also = [difference(name, more) for name, more in rest]
    then = f", with {listed(also)}" if also else ""
    return f"{names} would mean {difference(tier, amount)}{then}."


def cost_of_priorities(problem: Problem, solution: Solution) -> list[PriorityCost]:
    """Say of each priority what those after it would gain if it did not count.

    Solves the problem once for each priority.
    """
    now = {tier.name: tier.value for tier in solution.tiers}
    result = []
    for place, name in enumerate(problem.priorities[:-1]):
        others = tuple(other for other in problem.priorities if other != name)
        then = {tier.name: tier.value for tier in solve(replace(problem, priorities=others)).tiers}
        saved = {later: now[later] - then[later] for later in problem.priorities[place + 1 :]}
        gains = [difference(later, -amount) for later, amount in saved.items() if amount]
        sentence = (
            f"Without the priority “{name}” there would be {listed(gains)}."
            if gains
            else f"The priority “{name}” costs the later ones nothing."
        )
        result.append(PriorityCost(name, saved, sentence))
    return result
