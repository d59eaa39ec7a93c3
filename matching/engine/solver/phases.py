"""The tiers one after another, each over the optima of the ones before it.

This is lexicographic optimization (M. Ehrgott, Multicriteria Optimization, 2005, section 5.1). A
phase minimizes one group of tiers. Its prices say which choices all its optima have in common: a
choice with a positive reduced cost is in none, one with a negative reduced cost is in all
(complementary slackness). What is left free is the face of optima, on which the next phase works.
Usually one phase can hold all tiers; see `plans`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engine.problem import Bools, Ints, distinct
from matching.engine.solver.candidates import NEVER, Priced, all_pairs, best_pairs
from matching.engine.solver.costs import Costs, Weights, contains, weights
from matching.engine.solver.flow import Arcs, NotSolved, cheapest_flow, prices

# Radices with which all tiers fit into one phase as a rule. They need not be large enough for
# every problem: prices are checked against them, and too small ones lead to the next plan.
USUAL_RADIX = {"affinity": 1 << 14, "spread": 1 << 5}
OTHER_RADIX = 1 << 4
WIDER = 1 << 3  # so many times as large are the radices of the next try
# The largest weighted cost of a choice: the flow solver multiplies costs by the number of nodes.
WEIGHT_LIMIT = 1 << 44
EXACT = 1 << 53  # up to this, doubles hold every whole number
FIRST_PLACES = 8  # of a mentor at first; more are added while they could improve the result
# Up to so many pairs, all are arcs of the flow; beyond, so many a person at first, then so many
# more in each round.
ALL_PAIRS = 10_000
FIRST = 10
ADDED = 8
Tell = Callable[[int, int, int], None]


@dataclass(frozen=True, eq=False)
class PhasesResult:
    """What the phases found: pairs as `rows` (k,) and `columns` (k,), prices (T, n) and (T, m)."""

    rows: Ints
    columns: Ints
    mentor_price: Ints
    mentee_price: Ints


@dataclass(frozen=True, eq=False)
class _Choices:
    """k choices as arcs from a node to a node, with their costs (T, k) in every tier.

    Node 0 is where places end; then come the mentors, then the mentees.
    """

    tail: Ints
    head: Ints
    cost: Ints

    def arcs(self, weights: Weights) -> Arcs:
        """Return the choices with their costs in one group of tiers."""
        return Arcs(self.tail, self.head, weights.of @ self.cost)


def _radix(name: str) -> int:
    return USUAL_RADIX.get(name, OTHER_RADIX)


def plans(costs: Costs) -> Iterator[list[Weights]]:
    """Yield ways to group the tiers into phases, the fastest first.

    The last plan has one tier a phase, which is exact for every admissible size: its costs are at
    most 1000, or a mentor's capacity.
    """
    live = [tier for tier, idle in enumerate(costs.idle()) if not idle]
    radix = [_radix(name) for name in costs.core.priorities]
    size = costs.size()
    radix = [max(base, 4 * int(most) + 1) for base, most in zip(radix, size, strict=True)]
    parts = 1
    while parts < len(live):
        groups = [list(map(int, group)) for group in np.array_split(live, parts)]
        for wider in (1, WIDER):
            plan = [
                weights(group, [radix[tier] * wider for tier in group], costs.count)
                for group in groups
            ]
            if all(int((phase.of * size).max(initial=0)) <= WEIGHT_LIMIT for phase in plan):
                yield plan
        parts *= 2
    yield [weights([tier], [1], costs.count) for tier in live]


def run(costs: Costs, tell: Tell | None = None) -> PhasesResult:
    """Return pairs that are best in every tier, and the prices that prove it.

    `tell` is called before each flow. Raise NotSolved if no plan could be solved exactly.
    """
    for plan in plans(costs):
        try:
            return _PhasesRun(costs, plan, tell).result()
        except NotSolved as reason:
            failure = reason
    raise failure


class _PhasesRun:
    """The phases of one plan, with the choices that are candidates so far."""

    def __init__(self, costs: Costs, plan: list[Weights], tell: Tell | None) -> None:
        self.costs, self.core, self.plan, self.tell = costs, costs.core, plan, tell
        n, m = self.core.shape
        self.nodes = 1 + n + m
        self.complete = n * m <= ALL_PAIRS
        self.keys = all_pairs(costs) if self.complete else self._first_pairs()
        self.places = np.minimum(self.core.room, FIRST_PLACES)
        self.done: list[Priced] = []
        self.used: Bools = np.zeros(0, np.bool_)

    def _first_pairs(self) -> Ints:
        n, m = self.core.shape
        live = [tier for tier, idle in enumerate(self.costs.idle()) if not idle]
        first = weights(
            live, [_radix(self.core.priorities[tier]) for tier in live], self.costs.count
        )
        unpriced = Priced(first, np.zeros(n, np.int64), np.zeros(m, np.int64))
        keys = best_pairs(self.costs, [], unpriced, np.zeros(0, np.int64), int(NEVER), FIRST)
        announced = self.core.announced
        announced = announced[~contains(self.core.excluded, announced)]
        return distinct(np.append(keys, announced))

    def result(self) -> PhasesResult:
        """Return pairs and prices after all phases; raise NotSolved if one cannot be exact."""
        for group in self.plan:
            self.done.append(self._phase(group))
        n, m = self.core.shape
        keys = self.keys[self.used[: len(self.keys)]] if self.done else self.keys[:0]
        mentor = np.zeros((self.costs.count, n), np.int64)
        mentee = np.zeros((self.costs.count, m), np.int64)
        for phase in self.done:
            mentor += phase.weights.split(phase.mentor)
            mentee += phase.weights.split(phase.mentee)
        return PhasesResult(keys // max(m, 1), keys % max(m, 1), mentor, mentee)

    def _choices(self) -> _Choices:
        """Return the candidate pairs, then the mentors' places, then leaving a mentee unmatched."""
        n, m = self.core.shape
        rows, columns = self.keys // max(m, 1), self.keys % max(m, 1)
        mentor = np.repeat(np.arange(n), self.places)
        place = np.arange(len(mentor)) - np.repeat(
            np.cumsum(self.places) - self.places, self.places
        )
        unmatched = np.repeat(self.costs.unmatched()[:, None], m, axis=1)
        return _Choices(
            tail=np.concatenate([1 + n + columns, 1 + mentor, 1 + n + np.arange(m)]),
            head=np.concatenate([1 + rows, np.zeros(len(mentor) + m, np.int64)]),
            cost=np.hstack(
                [
                    self.costs.of_pairs(rows, columns),
                    self.costs.of_places(place + self.core.taken[mentor]),
                    unmatched,
                ]
            ),
        )

    def _phase(self, group: Weights) -> Priced:
        """Return the prices of one group of tiers, over the optima of the phases done.

        Prices and `gap` of the flow before say how far from optimal it can be with what was added.
        """
        n = self.core.shape[0]
        known, gap = np.zeros(self.nodes, np.int64), NEVER
        while True:
            if self.tell:
                counts = [len(each.tiers) for each in self.plan]
                self.tell(sum(counts[: len(self.done)]), len(group.tiers), sum(counts))
            choices = self._choices()
            state = self._state(choices)
            free = np.flatnonzero(state == 0)
            arcs = choices.arcs(group)
            reduced = Arcs(arcs.tail, arcs.head, arcs.reduced(known))
            # What costs more than all that was added can gain is in no cheapest flow, what gains
            # more is in each (reduced cost fixing). So the flow after the first is a small one.
            sure = np.where(np.abs(reduced.cost) > gap, -np.sign(reduced.cost), 0)
            self.used = np.equal(np.where(state == 0, sure, state), 1)
            unsure = free[sure[free] == 0]
            supply = self._supply() + reduced.some(np.flatnonzero(self.used)).into(self.nodes)
            self.used[unsure] = cheapest_flow(reduced.some(unsure), supply)
            known = prices(arcs.some(free), self.used[free], known)
            phase = Priced(group, known[1 : 1 + n], known[1 + n :])
            self._check_fit(phase)
            gap = self._extend(phase)
            if not gap:
                return phase

    def _state(self, choices: _Choices) -> NDArray[np.int8]:
        """Return for each choice whether all optima of the phases done make it (1), none (-1)."""
        state = np.zeros(len(choices.tail), np.int8)
        for phase in self.done:
            reduced = choices.arcs(phase.weights).reduced(phase.of_nodes)
            state = np.where(state == 0, -np.sign(reduced), state).astype(np.int8)
        return state

    def _supply(self) -> Ints:
        """Return what flows into each node: one for each mentee, and all of it ends at node 0."""
        n, m = self.core.shape
        return np.concatenate([[-m], np.zeros(n, np.int64), np.ones(m, np.int64)])

    def _check_fit(self, phase: Priced) -> None:
        """Raise NotSolved unless the sign of every reduced cost is that of its first tier."""
        mentor = np.abs(phase.weights.split(phase.mentor)).max(axis=1, initial=0)
        mentee = np.abs(phase.weights.split(phase.mentee)).max(axis=1, initial=0)
        if not phase.weights.fit(mentor + mentee + self.costs.size()):
            raise NotSolved("The prices are too large for these tiers to go into one number.")

    def _extend(self, phase: Priced) -> np.int64:
        """Add the places and pairs that could improve the result; return by how much at most.

        NEVER stands for more than what is worth counting.
        """
        m = self.core.shape[1]
        of = phase.weights.of
        place = self.costs.of_places(self.core.taken + self.places)
        gains = (self.places < self.core.room) & (of @ place < phase.mentor)
        for earlier in self.done:
            gains &= earlier.weights.of @ place == earlier.mentor
        places = np.where(gains, np.minimum(2 * self.places, self.core.room), self.places)
        most = (places - self.places) * (phase.mentor - of @ place)
        self.places = places
        if not self.complete:
            pairs = best_pairs(self.costs, self.done, phase, self.keys, 0, ADDED)
            self.keys = distinct(np.append(self.keys, pairs))
            rows, columns = pairs // m, pairs % m
            cost = of @ self.costs.of_pairs(rows, columns)
            most = np.append(most, phase.mentee[columns] - phase.mentor[rows] - cost)
        total = most.sum(dtype=np.float64)
        return np.int64(total) if total < EXACT else NEVER
