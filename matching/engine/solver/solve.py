"""The best pairs for a problem, with the prices that prove it."""

from __future__ import annotations

import time

import numpy as np

from matching.engine.problem import Problem
from matching.engine.solution import Solution, Tier, by_id
from matching.engine.solver.core import core_of
from matching.engine.solver.costs import Costs
from matching.engine.solver.phases import Tell, run
from matching.engine.tiers import values


def solve(problem: Problem, tell: Tell | None = None) -> Solution:
    """Return the pairs that are best in each priority, in their order, locked pairs included.

    The same people, whatever their order, get the same pairs. `tell` is called now and then with
    the number of tiers done, of those in hand, and of all. Raise ProblemError if the affinity is
    not as promised, NotSolved if no way of solving was exact.
    """
    began = time.perf_counter()
    core = core_of(problem)
    costs = Costs(core)
    result = run(costs, tell)
    found = np.column_stack([core.mentors[result.rows], core.mentees[result.columns]])
    pairs = by_id(problem, np.vstack([problem.locked, found]))
    mentee_price = np.zeros((costs.count, len(problem.mentees)), np.int64)
    mentee_price[:, core.mentees] = result.mentee_price
    # A mentor without room can be priced as dearly as needed: then no pair with them gains.
    dear = result.mentee_price.max(axis=1, initial=0) + costs.size()
    full = problem.capacity <= np.bincount(problem.locked[:, 0], minlength=len(problem.mentors))
    mentor_price = np.where(full, dear[:, None], 0)
    mentor_price[:, core.mentors] = result.mentor_price
    reached = values(problem, pairs)
    tiers = tuple(Tier(name, reached[name], reached[name]) for name in problem.priorities)
    return Solution(pairs, tiers, mentor_price, mentee_price, time.perf_counter() - began)
