"""The trade-offs of the priorities: what would change if one of them did not count."""

from __future__ import annotations

from dataclasses import dataclass, replace

from matching.engine.problem import Problem
from matching.engine.sentences import without
from matching.engine.solution import Solution
from matching.engine.solver.solve import solve


@dataclass(frozen=True)
class PriorityCost:
    """How much less the value of each later tier would be without one priority.

    `saved` is in each tier's unit; below 0, the tier would get worse.
    """

    name: str
    saved: dict[str, int]
    sentence: str


def cost_of_priorities(problem: Problem, solution: Solution) -> list[PriorityCost]:
    """Return for each priority but the last what the later ones would gain if it did not count.

    The problem is solved once for each of them.
    """
    now = {tier.name: tier.value for tier in solution.tiers}
    result = []
    for place, name in enumerate(problem.priorities[:-1]):
        others = tuple(other for other in problem.priorities if other != name)
        then = {tier.name: tier.value for tier in solve(replace(problem, priorities=others)).tiers}
        saved = {later: now[later] - then[later] for later in problem.priorities[place + 1 :]}
        clause = without(saved) or "there would be no change"
        sentence = f"Without the priority “{name}”, {clause}."
        result.append(PriorityCost(name, saved, sentence))
    return result
