"""Which pairs the flow looks at: a few dozen a person, and every other that could improve it.

All pairs are priced in blocks of mentors, so that nothing of the size of all pairs is ever held
but the affinities themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.costs import Costs, Pricer, in_rows
from matching.engine.problem import Ints

CELLS = 1 << 17
# Where many pairs cost the same, everyone would be given the same few people: of equal pairs each
# person gets a mixture instead, by a number from 0 to TIES that depends on both people's places.
TIES = 31
SPREAD_OVER = TIES + 1
MIX = 2_654_435_761
NEVER = np.int64(2**62)


@dataclass(frozen=True, eq=False)
class Priced:
    """Weights (T,) with the prices of mentors (n,) and mentees (m,) that belong to them."""

    of: Ints
    mentor: Ints
    mentee: Ints


def all_pairs(costs: Costs) -> Ints:
    """Give the keys of all pairs that are not kept apart."""
    n, m = costs.core.shape
    return np.delete(np.arange(n * m, dtype=np.int64), costs.core.apart)


def best_pairs(
    costs: Costs, settled: list[Priced], last: Priced, known: Ints, below: int, most: int
) -> Ints:
    """Give the sorted keys of the `most` cheapest pairs of each mentor and of each mentee.

    Only pairs count that are not kept apart and not among the sorted keys `known`, whose reduced
    cost is 0 under each of the `settled` prices and less than `below` under the last ones.
    """
    n, m = costs.core.shape
    step = max(1, CELLS // max(1, m))
    price, *others = (
        Pricer(costs, priced.of, priced.mentor, priced.mentee, min(n, step))
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
        flat[in_rows(costs.core, costs.core.apart, start, stop)] = NEVER
        flat[in_rows(costs.core, known, start, stop)] = NEVER
        rows = np.flatnonzero(block.min(axis=1) < below)
        if not len(rows):
            continue
        found.append(_cheapest_in_rows(block, rows, below, most) + start * m)
        columns.look(block, start)
    return np.unique(np.concatenate([*found, columns.best()]))


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
        """Give the keys of the cheapest so far; dearer ones than these need not be looked at."""
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
