"""The best pairs for a problem, with the prices that prove it."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from matching.engine.core import core_of
from matching.engine.costs import Costs
from matching.engine.phases import run
from matching.engine.problem import Ints, Problem
from matching.engine.tiers import values


@dataclass(frozen=True)
class Tier:
    """One priority: what the result reaches, and below what nothing can go without the earlier."""

    name: str
    value: int
    bound: int


@dataclass(frozen=True, eq=False)
class Solution:
    """The pairs (k, 2) of mentor and mentee, sorted by id, and the proof that they are best.

    `mentor_price` (T, n) and `mentee_price` (T, m) are the duals of the tiers: what one more place
    at a mentor is worth, and what a mentee costs, in that tier. `certificate` tells how they prove
    the bounds.
    """

    pairs: Ints
    tiers: tuple[Tier, ...]
    mentor_price: Ints
    mentee_price: Ints
    seconds: float


def solve(problem: Problem) -> Solution:
    """Find the pairs that are best in each priority, in their order, locked pairs included.

    The same people, whatever their order, get the same pairs. Raises ProblemError when the affinity
    is not as promised.
    """
    began = time.perf_counter()
    core = core_of(problem)
    costs = Costs(core)
    outcome = run(costs)
    found = np.column_stack([core.mentors[outcome.rows], core.mentees[outcome.columns]])
    pairs = by_id(problem, np.vstack([problem.locked, found]))
    mentee_price = np.zeros((costs.count, len(problem.mentees)), np.int64)
    mentee_price[:, core.mentees] = outcome.mentee_price
    # A mentor without room can be priced as dearly as needed: then no pair with them gains.
    dear = outcome.mentee_price.max(axis=1, initial=0) + costs.size()
    full = problem.capacity <= np.bincount(problem.locked[:, 0], minlength=len(problem.mentors))
    mentor_price = np.where(full, dear[:, None], 0)
    mentor_price[:, core.mentors] = outcome.mentor_price
    reached = values(problem, pairs)
    tiers = tuple(Tier(name, reached[name], reached[name]) for name in problem.priorities)
    return Solution(pairs, tiers, mentor_price, mentee_price, time.perf_counter() - began)


def by_id(problem: Problem, pairs: Ints) -> Ints:
    """Give pairs (k, 2) in the order of their mentors' ids, then their mentees'."""
    names = [(problem.mentors[i], problem.mentees[j]) for i, j in pairs.tolist()]
    order = sorted(range(len(names)), key=names.__getitem__)
    return pairs[np.array(order, np.int64)].reshape(-1, 2)
