"""Which pairs the flow looks at: a few dozen a person, and every other that could improve it.

This is column generation (G. B. Dantzig and P. Wolfe, Decomposition principle for linear programs,
1960). All pairs are priced in blocks of mentors, so that nothing of the size of all pairs is ever
in memory but the affinities themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engine.problem import Ints, distinct
from matching.engine.solver.core import Core
from matching.engine.solver.costs import Costs, Pricer, Weights, in_rows

# So many pairs are priced at once: a block of them stays in the processor's cache.
CELLS = 1 << 17
NEVER = np.int64(2**62)  # the cost of a pair that may not be chosen; no real cost comes near it
# Where many pairs cost the same, everyone would be given the same few people: of equal pairs each
# person gets a mixture instead, by a number below MIXED that depends on both people's places.
MIXED = 1 << 12
MIX = 2_654_435_761  # Knuth's multiplicative hash: neighbors get unlike numbers
LOW = -(NEVER // MIXED)  # costs below this count as this, so that a mixture of them fits 64 bits


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
    columns = _Columns(m, most)
    for start in range(0, n, step):
        stop = min(n, start + step)
        block = price(start, stop)
        for earlier in others:
            block[earlier(start, stop) != 0] = NEVER
        flat = block.reshape(-1)
        flat[in_rows(costs.core, costs.core.excluded, start, stop)] = NEVER
        flat[in_rows(costs.core, known, start, stop)] = NEVER
        rows = np.flatnonzero(block.min(axis=1) < below)
        if not len(rows):
            continue
        if len(rows) < len(block):
            block = block[rows]
        rows += start
        never = block >= below
        np.maximum(block, LOW, out=block)
        block *= MIXED
        block += _mixture(rows)[:, None] ^ _mixture(np.arange(m))
        block[never] = NEVER
        enough = np.minimum(_smallest(block, most, axis=1), NEVER - 1)
        found.append(_keys(block <= enough[:, None], rows))
        columns.look(block, rows)
    return distinct(np.concatenate([*found, columns.best()]))


def most_alike(core: Core, parts: int) -> Ints:
    """Return for each mentor the keys of the pairs of highest affinity in so many parts of mentees.

    Excluded pairs may be among them.
    """
    n, m = core.shape
    if core.affinity is None or m < parts:
        return np.zeros(0, np.int64)
    found = []
    step = max(1, CELLS // m)
    for start in range(0, n, step):
        block = core.affinity.block(start, min(n, start + step))
        mentors = np.arange(start, start + len(block)) * m
        for part in range(parts):
            best = block[:, part::parts].argmax(axis=1)
            found.append(mentors + part + parts * best)
    return np.concatenate(found)


def _mixture(places: Ints) -> NDArray[np.int16]:
    """Return a number from 0 to MIXED - 1 for each place, so that neighbors get unlike ones."""
    return (MIX * places >> 8 & MIXED - 1).astype(np.int16)


def _keys(mask: NDArray[np.bool_], rows: Ints) -> Ints:
    """Return the keys row * m + column of what is True in the mask (rows, m), for these rows."""
    row, column = np.divmod(np.flatnonzero(mask), mask.shape[1])
    keys: Ints = rows[row] * mask.shape[1] + column
    return keys


def _smallest(block: Ints, most: int, axis: int) -> Ints:
    """Return the `most`-th smallest number along an axis, NEVER where there are fewer."""
    if block.shape[axis] < most:
        return np.full(block.shape[1 - axis], NEVER, np.int64)
    parted: Ints = np.partition(block, most - 1, axis=axis)
    return parted[most - 1] if axis == 0 else parted[:, most - 1]


class _Columns:
    """The cheapest pairs of each mentee, while blocks of mentors pass by."""

    def __init__(self, m: int, most: int) -> None:
        self.most = most
        self.limit = np.full(m, NEVER - 1)
        self.keys = [np.zeros(0, np.int64)]
        self.cost = [np.zeros(0, np.int64)]
        self.waiting = 0

    def look(self, block: Ints, rows: Ints) -> None:
        """Take in the costs of the mentors in these rows with all mentees, shape (rows, m)."""
        if len(self.keys) == 1:
            # Without this all of the first block would be kept.
            self.limit = np.minimum(self.limit, _smallest(block, self.most, axis=0))
        here = block <= self.limit
        self.keys.append(_keys(here, rows))
        self.cost.append(block[here])
        self.waiting += len(self.cost[-1])
        # Sorting costs more than a few pairs too many.
        if self.waiting > 2 * self.most * len(self.limit):
            self._sort()

    def _sort(self) -> None:
        """Keep the cheapest so far, and look at none that cost more from now on."""
        m = len(self.limit)
        keys, cost = np.concatenate(self.keys), np.concatenate(self.cost)
        order = np.argsort(cost)
        column = (keys[order] % m).astype(np.min_scalar_type(m))
        # A stable sort takes less time for short numbers.
        by_column = np.argsort(column, kind="stable")
        order, column = order[by_column], column[by_column]
        first = np.searchsorted(column, np.arange(m, dtype=column.dtype))
        rank = np.arange(len(order)) - first[column]
        order = order[rank < self.most]
        keys, cost = keys[order], cost[order]
        full = rank[rank < self.most] == self.most - 1
        self.limit[keys[full] % m] = cost[full]
        self.keys, self.cost, self.waiting = [keys], [cost], 0

    def best(self) -> Ints:
        """Return the keys of the cheapest pairs of each mentee."""
        if self.waiting > self.most * len(self.limit) * 9 // 8:
            self._sort()
        return np.concatenate(self.keys)
