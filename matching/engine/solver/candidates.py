"""Which pairs the flow looks at: a few dozen a person, and every other that could improve it.

This is column generation (G. B. Dantzig and P. Wolfe, Decomposition principle for linear programs,
1960). All pairs are priced in blocks of mentors, so that nothing of the size of all pairs is ever
in memory but the affinities themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.problem import Ints, distinct
from matching.engine.solver.costs import Costs, Pricer, Weights, in_rows

# So many pairs are priced at once: a block of them stays in the processor's cache.
CELLS = 1 << 17
# Where many pairs cost the same, everyone would be given the same few people: of equal pairs each
# person gets a mixture instead, by a number from 0 to TIES that depends on both people's places.
TIES = 31
SPREAD_OVER = TIES + 1
MIX = 2_654_435_761  # Knuth's multiplicative hash: neighbors get unlike numbers
NEVER = np.int64(2**62)  # the cost of a pair that may not be chosen; no real cost comes near it


@dataclass(frozen=True, eq=False)
class Priced:
    """Weights of tiers with the prices of mentors (n,) and mentees (m,) that belong to them."""

    weights: Weights
    mentor: Ints
    mentee: Ints

    @property
    def of_nodes(self) -> Ints:
        """The prices as those of the flow's nodes, of which the first is where places end."""
        return np.concatenate([[0], self.mentor, self.mentee])


def all_pairs(costs: Costs) -> Ints:
    """Return the keys row * m + column of all pairs that are not excluded."""
    n, m = costs.core.shape
    return np.delete(np.arange(n * m, dtype=np.int64), costs.core.excluded)


def best_pairs(
    costs: Costs, settled: list[Priced], last: Priced, known: Ints, below: int, most: int
) -> Ints:
    """Return the sorted keys of the `most` cheapest pairs of each mentor and of each mentee.

    Only pairs count that are not excluded and not among the sorted keys `known`, whose reduced cost
    is 0 under each of the `settled` prices and less than `below` under the last ones.
    """
    n, m = costs.core.shape
    step = max(1, CELLS // max(1, m))
    price, *others = (
        Pricer(costs, priced.weights.of, priced.mentor, priced.mentee, min(n, step))
        for priced in (last, *settled)
    )
    found = [np.zeros(0, np.int64)]
    columns = _Columns(m, most, below)
    for start in range(0, n, step):
        stop = min(n, start + step)
        block = price(start, stop)
        for earlier in others:
            block[earlier(start, stop) != 0] = NEVER
        if below == NEVER:
            block *= SPREAD_OVER
            block += (MIX * np.arange(start, stop)[:, None] ^ MIX * np.arange(m)) >> 8 & TIES
        flat = block.reshape(-1)
        flat[in_rows(costs.core, costs.core.excluded, start, stop)] = NEVER
        flat[in_rows(costs.core, known, start, stop)] = NEVER
        rows = np.flatnonzero(block.min(axis=1) < below)
        if not len(rows):
            continue
        found.append(_cheapest_in_rows(block, rows, below, most) + start * m)
        columns.look(block, start)
    return distinct(np.concatenate([*found, columns.best()]))


def _cheapest_in_rows(block: Ints, rows: Ints, below: int, most: int) -> Ints:
    m = block.shape[1]
    if len(rows) < len(block):
        block = block[rows]
    if m > most:
        column = np.argpartition(block, most - 1, axis=1)[:, :most]
        cheap = np.take_along_axis(block, column, axis=1) < below
    else:
        column = np.broadcast_to(np.arange(m), block.shape)
        cheap = block < below
    keys: Ints = (rows[:, None] * m + column)[cheap]
    return keys


class _Columns:
    """The cheapest pairs of each mentee, while blocks of mentors pass by."""

    def __init__(self, m: int, most: int, below: int) -> None:
        self.most = most
        self.limit = np.full(m, below, np.int64)
        self.keys = [np.zeros(0, np.int64)]
        self.cost = [np.zeros(0, np.int64)]
        self.waiting = 0

    def look(self, block: Ints, start: int) -> None:
        """Take in the costs of the mentors from `start` on with all mentees, shape (rows, m)."""
        if len(self.keys) == 1 and len(block) > self.most:
            # Without this the first block would be sorted whole.
            enough = np.partition(block, self.most - 1, axis=0)[self.most - 1]
            self.limit = np.minimum(self.limit, enough + 1)
        flat = np.flatnonzero(block < self.limit)
        self.keys.append(flat + start * len(self.limit))
        self.cost.append(block.reshape(-1)[flat])
        self.waiting += len(flat)
        if self.waiting > self.most * len(self.limit):
            self.best()

    def best(self) -> Ints:
        """Return the keys of the cheapest so far, and look at none that cost more from now on."""
        m = len(self.limit)
        keys, cost = np.concatenate(self.keys), np.concatenate(self.cost)
        order = np.lexsort((keys, cost, keys % m))
        column = keys[order] % m
        rank = np.arange(len(order)) - np.searchsorted(column, column)
        order = order[rank < self.most]
        keys, cost = keys[order], cost[order]
        full = keys[rank[rank < self.most] == self.most - 1] % m
        self.limit[full] = cost[rank[rank < self.most] == self.most - 1]
        self.keys, self.cost, self.waiting = [keys], [cost], 0
        return keys
