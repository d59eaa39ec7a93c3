"""What the solver hands over: the pairs, each tier's value, and the prices that prove them best.

It is a module of its own so that the certificate, which reads it, imports nothing of the solver.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.problem import Ints, Problem


@dataclass(frozen=True)
class Tier:
    """One priority: the value reached, and the bound below which it cannot go.

    The bound holds for all pairs that are as good in every earlier tier.
    """

    name: str
    value: int
    bound: int


@dataclass(frozen=True, eq=False)
class Solution:
    """The best pairs for n mentors and m mentees under T priorities, with their proof.

    `pairs` has the shape (k, 2): indices of mentor and mentee, sorted by their ids. `mentor_price`
    (T, n) and `mentee_price` (T, m) are the dual prices, whole numbers in the unit of each tier:
    what one more place at a mentor is worth, and what a mentee costs. `certificate` tells how they
    prove the bounds. `seconds` is how long the solver took.
    """

    pairs: Ints
    tiers: tuple[Tier, ...]
    mentor_price: Ints
    mentee_price: Ints
    seconds: float


def by_id(problem: Problem, pairs: Ints) -> Ints:
    """Return pairs (k, 2) in the order of their mentors' ids, then their mentees'."""
    names = [(problem.mentors[i], problem.mentees[j]) for i, j in pairs.tolist()]
    order = sorted(range(len(names)), key=names.__getitem__)
    return pairs[np.array(order, np.int64)].reshape(-1, 2)
