"""The next best mentors for a mentee, with what the whole matching would lose with each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matching.engine.explain.residual import FAR, Residual
from matching.engine.problem import Problem
from matching.engine.solution import Solution
from matching.engine.solver.flow import NotSolved
from matching.engine.solver.solve import solve


@dataclass(frozen=True)
class Alternative:
    """Another mentor (by index), and what the best matching with that pair loses in each tier.

    `loss` has the tiers in their order, each in its own unit. The first that is not 0 is positive;
    later ones may be negative, where the matching gets better.
    """

    mentor: int
    loss: dict[str, int]


def alternatives(
    problem: Problem, solution: Solution, mentee: int, count: int | None = None
) -> list[Alternative]:
    """Return the other mentors a mentee (index) could have, smallest loss first, `count` at most.

    The loss is exact: that of the best of all matchings with this pair in it, found by one
    shortest-path search. A locked mentee has no alternatives; a mentor is none if the pair is
    excluded or locked mentees take all places.
    """
    if mentee in problem.locked[:, 1]:
        return []
    current = solution.pairs[solution.pairs[:, 1] == mentee, 0].tolist()
    try:
        found = _searched(problem, solution, mentee)
    except NotSolved:
        found = _solved_again(problem, solution, mentee)
    found = [one for one in found if one.mentor not in current]
    found.sort(key=lambda one: (list(one.loss.values()), problem.mentors[one.mentor]))
    return found[:count]


def _searched(problem: Problem, solution: Solution, mentee: int) -> list[Alternative]:
    graph = Residual(problem, solution)
    if not len(graph.core.mentors):
        return []
    column = int(np.flatnonzero(graph.core.mentees == mentee)[0])
    onward = graph.to_mentee(column)
    possible = np.flatnonzero((graph.reduced[:, column] < FAR) & (onward < FAR))
    losses = graph.split(graph.reduced[possible, column] + onward[possible])
    return [
        Alternative(
            int(graph.core.mentors[row]),
            dict(zip(problem.priorities, losses[:, place].tolist(), strict=True)),
        )
        for place, row in enumerate(possible)
    ]


def _solved_again(problem: Problem, solution: Solution, mentee: int) -> list[Alternative]:
    """Return the same by solving once for each mentor: slow, for prices beyond one number."""
    excluded = {i for i, j in problem.exclusions.tolist() if j == mentee}
    room = problem.capacity - np.bincount(problem.locked[:, 0], minlength=len(problem.mentors))
    result = []
    for mentor in np.flatnonzero(room > 0).tolist():
        if mentor in excluded:
            continue
        locked = np.vstack([problem.locked, [[mentor, mentee]]])
        forced = solve(replace(problem, locked=locked))
        loss = {
            now.name: then.value - now.value
            for now, then in zip(solution.tiers, forced.tiers, strict=True)
        }
        result.append(Alternative(mentor, loss))
    return result
