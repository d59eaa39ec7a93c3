"""How many more mentors, of which field and attendance, would give everyone a mentor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.explain.residual import FAR, Residual
from matching.engine.explain.what_if import NewMentors, add_mentors, compare
from matching.engine.problem import Ints, Problem
from matching.engine.sentences import counted, differences, listed
from matching.engine.solution import Solution
from matching.engine.solver.flow import NotSolved
from matching.engine.solver.solve import solve
from matching.engine.tiers import affinity_of


@dataclass(frozen=True)
class Extra:
    """One more mentor, and how each tier's value would change with them (below 0 is a gain)."""

    field: str
    virtual: bool
    change: dict[str, int]
    sentence: str


def missing_mentors(problem: Problem, solution: Solution, most: int = 10) -> list[Extra]:
    """Return more mentors of one mentee each until nobody is unmatched, `most` at most.

    Each is the one of all fields and attendances that improves the matching most, given those
    before; a new mentor counts with the mean affinity of the pairs made. The list is empty if
    nobody is unmatched, and ends early where one more mentor would match nobody more.
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
    """Return the field and attendance that gain most, by one search for all of them at once."""
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
    """Return what a mentor of this kind costs with each mentee (m,), all tiers in one number."""
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
    return f"One more {attendance} mentor in {more.field} would mean {differences(change)}."


def summary(extras: list[Extra], unmatched: int) -> str:
    """Return one sentence on the mentors who are missing for so many unmatched mentees.

    `extras` is what `missing_mentors` found for them.
    """
    if not unmatched:
        return "Everyone has a mentor."
    if not extras:
        return "More mentors would not help: an earlier priority counts more."
    kinds: dict[str, int] = {}
    for extra in extras:
        kind = f"in {extra.field} ({'virtual' if extra.virtual else 'in person'})"
        kinds[kind] = kinds.get(kind, 0) + 1
    parts = listed([f"{number} {kind}" for kind, number in kinds.items()], len(kinds))
    mentors = counted(len(extras), "more mentor")
    if len(extras) < unmatched:
        return f"{unmatched} mentees are unmatched. Look first for {mentors}: {parts}."
    return f"{mentors} would be enough: {parts}."
