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

from matching.engine.problem import Bools, Ints, distinct
from matching.engine.solver.candidates import NEVER, Priced, best_pairs, most_alike
from matching.engine.solver.costs import Costs, Weights, contains, weights
from matching.engine.solver.flow import Arcs, NotSolved, improvement, prices

# Radices with which all tiers fit into one phase as a rule. They need not be large enough for
# every problem: prices are checked against them, and too small ones lead to the next plan.
USUAL_RADIX = {"affinity": 1 << 14, "spread": 1 << 5}
OTHER_RADIX = 1 << 4
WIDER = 1 << 3  # so many times as large are the radices of the next try
# The largest weighted cost of a choice: the flow solver multiplies costs by the number of nodes.
WEIGHT_LIMIT = 1 << 44
EXACT = 1 << 53  # up to this, doubles hold every whole number
FIRST_PLACES = 8  # of a mentor at first; more are added while they could improve the result
# Of the pairs, so many a person are arcs of the flow at first, then so many more in each round.
FIRST = 8
ADDED = 8
# So many pairs a mentor are among the first for their affinity alone. Without them, the first flow
# leaves a few mentors out to whom all mentees would then turn.
ALIKE = 3
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
        self.keys = self._first_pairs()
        self.places = np.minimum(self.core.room, FIRST_PLACES)
        self.done: list[Priced] = []
        # The best so far: the keys of the pairs made, and how many places of a mentor they fill.
        self.made = np.zeros(0, np.int64)
        self.filled = np.zeros(n, np.int64)

    def _first_pairs(self) -> Ints:
        n, m = self.core.shape
        live = [tier for tier, idle in enumerate(self.costs.idle()) if not idle]
        first = weights(
            live, [_radix(self.core.priorities[tier]) for tier in live], self.costs.count
        )
        unpriced = Priced(first, np.zeros(n, np.int64), np.zeros(m, np.int64))
        keys = best_pairs(self.costs, [], unpriced, np.zeros(0, np.int64), int(NEVER), FIRST)
        others = np.append(most_alike(self.core, ALIKE), self.core.announced)
        others = others[~contains(self.core.excluded, others)]
        return distinct(np.append(keys, others))

    def result(self) -> PhasesResult:
        """Return pairs and prices after all phases; raise NotSolved if one cannot be exact."""
        for group in self.plan:
            self.done.append(self._phase(group))
        n, m = self.core.shape
        mentor = np.zeros((self.costs.count, n), np.int64)
        mentee = np.zeros((self.costs.count, m), np.int64)
        for phase in self.done:
            mentor += phase.weights.split(phase.mentor)
            mentee += phase.weights.split(phase.mentee)
        return PhasesResult(self.made // max(m, 1), self.made % max(m, 1), mentor, mentee)

    def _choices(self) -> _Choices:
        """Return the candidate pairs, then the mentors' places, then leaving a mentee unmatched."""
        n, m = self.core.shape
        rows, columns = np.divmod(self.keys, max(m, 1))
        mentor, place = self._open_places()
        mentees = np.arange(1 + n, 1 + n + m)
        return _Choices(
            tail=np.concatenate([mentees[columns], 1 + mentor, mentees]),
            head=np.concatenate([1 + rows, np.zeros(len(mentor) + m, np.int64)]),
            cost=np.hstack(
                [
                    self.costs.of_pairs(rows, columns),
                    self.costs.of_places(place + self.core.taken[mentor]),
                    np.repeat(self.costs.unmatched()[:, None], m, axis=1),
                ]
            ),
        )

    def _open_places(self) -> tuple[Ints, Ints]:
        """Return the mentor of each place that may be filled, and its number with that mentor."""
        mentor = np.repeat(np.arange(len(self.places)), self.places)
        return mentor, np.arange(len(mentor)) - (np.cumsum(self.places) - self.places)[mentor]

    def _used(self) -> Bools:
        """Return for each choice whether the best so far makes it."""
        m = self.core.shape[1]
        mentor, place = self._open_places()
        lone = np.ones(m, np.bool_)
        lone[self.made % max(m, 1)] = False
        return np.concatenate([contains(self.made, self.keys), place < self.filled[mentor], lone])

    def _phase(self, group: Weights) -> Priced:
        """Return the prices of one group of tiers, over the optima of the phases done.

        Prices and `gap` of the round before say how far from optimal the best so far can be with
        what was added.
        """
        n, m = self.core.shape
        known, gap = np.zeros(self.nodes, np.int64), NEVER
        while True:
            if self.tell:
                counts = [len(each.tiers) for each in self.plan]
                self.tell(sum(counts[: len(self.done)]), len(group.tiers), sum(counts))
            choices, used = self._choices(), self._used()
            arcs = choices.arcs(group)
            reduced = arcs.reduced(known)
            # What costs more to turn around than all that was added can gain stays as it is, and
            # so do prices that differ by more (reduced cost fixing). So the later flows are small.
            loss = np.where(used, -reduced, reduced)
            open_ = np.flatnonzero(self._free(choices) & (loss <= gap))
            flow = Arcs(arcs.tail[open_], arcs.head[open_], reduced[open_])
            used[open_] ^= improvement(flow, used[open_])
            known = prices(arcs.some(open_), used[open_], known)
            self.made = self.keys[used[: len(self.keys)]]
            self.filled = np.bincount(self.made // max(m, 1), minlength=n)
            phase = Priced(group, known[1 : 1 + n], known[1 + n :])
            self._check_fit(phase)
            gap = self._extend(phase)
            if not gap:
                return phase

    def _free(self, choices: _Choices) -> Bools:
        """Return for each choice whether some optima of the phases done make it and some do not."""
        free = np.ones(len(choices.tail), np.bool_)
        for phase in self.done:
            free &= choices.arcs(phase.weights).reduced(phase.of_nodes) == 0
        return free

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
        pairs = best_pairs(self.costs, self.done, phase, self.keys, 0, ADDED)
        self.keys = distinct(np.append(self.keys, pairs))
        rows, columns = np.divmod(pairs, max(m, 1))
        cost = of @ self.costs.of_pairs(rows, columns)
        most = np.append(most, phase.mentee[columns] - phase.mentor[rows] - cost)
        total = most.sum(dtype=np.float64)
        return np.int64(total) if total < EXACT else NEVER
