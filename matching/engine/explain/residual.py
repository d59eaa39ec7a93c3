"""What a solution can be changed to, and what each change costs: its residual graph.

A change is a path in the residual graph of the flow (R. K. Ahuja, T. L. Magnanti and J. B. Orlin,
Network Flows, 1993, sections 2.4 and 9.7). Reduced costs under the solution's prices are never
negative along it, so the cheapest way from anywhere to one place is one shortest-path search over
all pairs, not a new solution.
"""

from __future__ import annotations

from math import prod

import numpy as np

from matching.engine.problem import Ints, Problem
from matching.engine.solution import Solution
from matching.engine.solver.core import core_of
from matching.engine.solver.costs import Costs, Pricer, weights
from matching.engine.solver.flow import NotSolved

FAR = np.int64(2**61)  # the cost of what cannot be; two of them still fit 64 bits
# How many times the largest reduced cost a path's cost may reach in each tier; checked afterwards.
ROOM = 8


class Residual:
    """The residual graph of an optimal solution; it takes eight bytes for each pair.

    All costs are the T tiers in one weighted number; `split` takes them apart. Raise NotSolved if
    the prices are too large for that, ProblemError if the affinity is not as promised.
    """

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.core = core_of(problem)
        self.costs = Costs(self.core)
        core, costs = self.core, self.costs
        n, m = core.shape
        mentor, mentee = (
            solution.mentor_price[:, core.mentors],
            solution.mentee_price[:, core.mentees],
        )
        self.size = (
            np.abs(mentor).max(axis=1, initial=0)
            + np.abs(mentee).max(axis=1, initial=0)
            + costs.size()
        )
        radix = [2 * ROOM * int(most) + 1 for most in self.size]
        if prod(radix) >= FAR:
            raise NotSolved("The prices are too large for all tiers to go into one number.")
        self.weights = weights(range(costs.count), radix, costs.count)
        of = self.weights.of
        self.p, self.q = of @ mentor, of @ mentee
        self.reduced = Pricer(costs, of, self.p, self.q, n)(0, n)
        self.reduced.reshape(-1)[core.excluded] = FAR
        self.load, self.mentor_of = self._flow(problem, solution)
        self.alone = self.mentor_of < 0
        self.matched = np.flatnonzero(~self.alone)
        self.made = (self.mentor_of[self.matched], self.matched)
        # A pair that is made cannot be made again, only undone, which costs `undo`.
        self.undo = np.zeros(m, np.int64)
        self.undo[self.matched] = -self.reduced[self.made]
        self.reduced[self.made] = FAR
        self.leave = int(of @ costs.unmatched()) - self.q
        filled = core.taken + self.load
        self.more = np.where(self.load < core.room, of @ costs.of_places(filled) - self.p, FAR)
        self.fewer = np.where(self.load > 0, self.p - of @ costs.of_places(filled - 1), FAR)

    def _flow(self, problem: Problem, solution: Solution) -> tuple[Ints, Ints]:
        """Return the number of mentees of each mentor (n,) and each mentee's mentor (m,) or -1."""
        row = np.full(len(problem.mentors), -1, np.int64)
        row[self.core.mentors] = np.arange(len(self.core.mentors))
        column = np.full(len(problem.mentees), -1, np.int64)
        column[self.core.mentees] = np.arange(len(self.core.mentees))
        mentor_of = np.full(len(self.core.mentees), -1, np.int64)
        open_pairs = solution.pairs[column[solution.pairs[:, 1]] >= 0]
        mentor_of[column[open_pairs[:, 1]]] = row[open_pairs[:, 0]]
        return np.bincount(mentor_of[mentor_of >= 0], minlength=len(row[row >= 0])), mentor_of

    def to_mentee(self, target: int) -> Ints:
        """Return the reduced cost of the cheapest change from each mentor to the target's place.

        `target` is a mentee (column), the result has the shape (n,). Adding the reduced cost of the
        pair gives what pairing them loses; FAR where they cannot be paired.
        """
        n, m = self.core.shape
        mentor, mentee = np.full(n, FAR), np.full(m, FAR)
        mentee[target] = 0
        end = int(FAR)
        others = np.arange(m) != target
        while True:
            before = mentor.copy(), mentee.copy(), end
            onward = np.full(n, FAR)
            np.minimum.at(onward, self.made[0], self.undo[self.matched] + mentee[self.matched])
            mentor = np.minimum(mentor, np.minimum(onward, self.more + end))
            end = min(end, int((self.fewer + mentor).min(initial=FAR)))
            end = min(end, int((mentee - self.leave)[self.alone].min(initial=FAR)))
            offer = (self.reduced + mentor[:, None]).min(axis=0, initial=FAR)
            offer = np.where(self.alone, offer, np.minimum(offer, self.leave + end))
            mentee = np.where(others, np.minimum(mentee, offer), mentee)
            if (
                end == before[2]
                and np.array_equal(mentor, before[0])
                and np.array_equal(mentee, before[1])
            ):
                found: Ints = mentor
                return found

    def from_end(self) -> Ints:
        """Return the reduced cost of the cheapest change that frees each mentee from their place.

        The change may use one more place than there is. The result has the shape (m,), with FAR
        where nothing frees the mentee.
        """
        mentee = np.where(self.alone, -self.leave, FAR)
        mentor = self.fewer.copy()
        while True:
            before = mentee.copy()
            offer = (self.reduced + mentee).min(axis=1, initial=FAR)
            mentor = np.minimum(mentor, offer)
            mentee[self.matched] = np.minimum(
                mentee[self.matched], self.undo[self.matched] + mentor[self.made[0]]
            )
            if np.array_equal(mentee, before):
                return mentee

    def split(self, cost: Ints) -> Ints:
        """Return weighted costs (k,) tier by tier, shape (T, k).

        Raise NotSolved if they are so large that they might not be the least.
        """
        parts = self.weights.split(cost)
        if not self.weights.fit(np.abs(parts).max(axis=1, initial=0) + self.size):
            raise NotSolved("The change is too large for all tiers to go into one number.")
        return parts
