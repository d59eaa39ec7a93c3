"""How many more mentors, of which field and attendance, would give everyone a mentor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
    """One more mentor, and how each tier's value would change with them (below 0 is a gain).

    With `any_field` a mentor in every other field would do as well as one in `field`.
    """

    field: str
    virtual: bool
    change: dict[str, int]
    sentence: str
    any_field: bool = False

    @property
    def kind(self) -> str:
        """Which mentor: "in Biology (virtual)"."""
        return _kind(self.field, self.virtual, self.any_field)


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
        more, any_field = _best(problem, solution, mean)
        larger = add_mentors(problem, more, mean)
        then = solve(larger)
        change = compare(problem, solution, larger, then).tiers
        if len(then.pairs) == len(solution.pairs):
            break
        sentence = _sentence(more, any_field, change)
        result.append(Extra(more.field, more.virtual, change, sentence, any_field))
        problem, solution = larger, then
    return result


def _best(problem: Problem, solution: Solution, affinity: int) -> tuple[NewMentors, bool]:
    """Return the field and attendance that gain most, and whether any field gains as much."""
    kinds = [(field, virtual) for field in problem.fields for virtual in (False, True)]
    costs = _costs(problem, solution, kinds, affinity)
    best = costs.index(min(costs))
    field, virtual = kinds[best]
    alike = [cost for cost, kind in zip(costs, kinds, strict=True) if kind[1] == virtual]
    return NewMentors(field, virtual), len(alike) > 1 and all(c == costs[best] for c in alike)


def _costs(
    problem: Problem, solution: Solution, kinds: list[tuple[str, bool]], affinity: int
) -> list[Any]:
    """Return what a mentor of each kind would cost (below 0: gain), by one search for all."""
    try:
        graph = Residual(problem, solution)
        freed = graph.from_end()
    except NotSolved:
        return [_solved(problem, NewMentors(*kind), affinity) for kind in kinds]
    # The mentee's price comes off again: the true cost is wanted, not the reduced one.
    base = np.where(freed < FAR, freed - graph.q, FAR)
    return [int((base + _pairs(problem, graph, kind, affinity)).min()) for kind in kinds]


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


def _kind(field: str, virtual: bool, any_field: bool) -> str:
    return f"in {'any field' if any_field else field} ({'virtual' if virtual else 'in person'})"


def _sentence(more: NewMentors, any_field: bool, change: dict[str, int]) -> str:
    attendance = "virtual" if more.virtual else "in-person"
    field = "any field" if any_field else more.field
    return f"One more {attendance} mentor in {field} would mean {differences(change)}."


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
        kinds[extra.kind] = kinds.get(extra.kind, 0) + 1
    parts = listed([f"{number} {kind}" for kind, number in kinds.items()], len(kinds))
    mentors = counted(len(extras), "more mentor")
    if len(extras) < unmatched:
        return f"{unmatched} mentees are unmatched. Look first for {mentors}: {parts}."
    return f"{mentors} would be enough: {parts}."
