"""How many more mentors, of which field and attendance, would place everyone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.flow import NotSolved
from matching.engine.problem import Ints, Problem
from matching.engine.residual import FAR, Residual
from matching.engine.sentences import counted, difference, listed
from matching.engine.solve import Solution, solve
from matching.engine.tiers import affinity_of
from matching.engine.what_if import NewMentors, add_mentors, compare


@dataclass(frozen=True)
class Extra:
    """One more mentor, and how each tier's value changes by it (below 0 is a gain)."""

    field: str
    virtual: bool
    change: dict[str, int]
    sentence: str


def missing_mentors(problem: Problem, solution: Solution, most: int = 10) -> list[Extra]:
    """Give the mentors for one mentee each that would place everyone, `most` at most.

    Each is the one of all fields and attendances that improves the result most, given those before
    it; a new mentor counts with the mean affinity of the pairs made. Empty where nobody is left.
    """
    affinity = affinity_of(problem, solution.pairs)
    mean = round(affinity.mean()) if len(affinity) else problem.floor
    result: list[Extra] = []
    while len(result) < most and len(solution.pairs) < len(problem.mentees):
        more = _best(problem, solution, mean)
        larger = add_mentors(problem, more, mean)
        then = solve(larger)
        change = compare(problem, solution, larger, then).tiers
        if len(then.pairs) == len(solution.pairs):
            break
        result.append(Extra(more.field, more.virtual, change, _sentence(more, change)))
        problem, solution = larger, then
    return result


def _best(problem: Problem, solution: Solution, affinity: int) -> NewMentors:
    """Find the field and attendance that gain most by one search for all of them at once."""
    kinds = [(field, virtual) for field in problem.fields for virtual in (False, True)]
    try:
        graph = Residual(problem, solution)
        freed = graph.from_end()
    except NotSolved:
        mentors = [NewMentors(*kind) for kind in kinds]
        return min(mentors, key=lambda one: _solved(problem, one, affinity))
    # The mentee's price comes off again: the true cost is wanted, not the reduced one.
    base = np.where(freed < FAR, freed - graph.q, FAR)
    cost = [int((base + _pairs(problem, graph, kind, affinity)).min()) for kind in kinds]
    return NewMentors(*kinds[cost.index(min(cost))])


def _pairs(problem: Problem, graph: Residual, kind: tuple[str, bool], affinity: int) -> Ints:
    """Give what a mentor of this kind costs with each mentee, all tiers in one number."""
    field, virtual = kind
    core = graph.core
    cost = {
        "mixed": core.mentee_virtual != virtual,
        "cross_field": ~core.mentee_fields[:, problem.fields.index(field)],
        "weak": np.full(core.shape[1], problem.affinity is None or affinity < problem.floor)
        & (problem.floor > 0),
        "affinity": np.full(core.shape[1], 0 if problem.affinity is None else -affinity),
    }
    total = np.zeros(core.shape[1], np.int64)
    for tier, name in enumerate(problem.priorities):
        if name in cost:
            total += cost[name].astype(np.int64) * graph.weights.of[tier]
    return total


def _solved(problem: Problem, more: NewMentors, affinity: int) -> list[int]:
    return [tier.value for tier in solve(add_mentors(problem, more, affinity)).tiers]


def _sentence(more: NewMentors, change: dict[str, int]) -> str:
    attendance = "virtual" if more.virtual else "in-person"
    what = [difference(tier, amount) for tier, amount in change.items() if amount]
    return f"One more {attendance} mentor for {more.field} would mean {listed(what)}."


def summary(extras: list[Extra], unmatched: int) -> str:
    """Say in one sentence which mentors are missing for so many unmatched mentees."""
    if not unmatched:
        return "No mentor is missing."
    if not extras:
        return "More mentors would not help: an earlier priority is worth more."
    kinds: dict[str, int] = {}
    for extra in extras:
        kind = f"for {extra.field}, {'virtual' if extra.virtual else 'in person'}"
        kinds[kind] = kinds.get(kind, 0) + 1
    parts = "; ".join(f"{number} {kind}" for kind, number in kinds.items())
    if len(extras) < unmatched:
        who = counted(unmatched, "mentee")
        return f"{who} have no mentor; look first for {counted(len(extras), 'mentor')}: {parts}."
    return f"{counted(len(extras), 'more mentor')} would be enough: {parts}."
