"""What every choice costs in every tier, and many tiers in one number.

A choice is a pair, a mentor's k-th place, or leaving a mentee unmatched. Its cost is one whole
number for each tier. The tiers are lexicographic: an earlier one is never traded for a later one.
Several go into one number by a mixed radix (H. D. Sherali, Equivalent weights for lexicographic
multi-objective programs, 1982): the last tier counts single units, each earlier one counts more
than all later ones together can, as long as every later tier's number stays within half of its
radix. `Weights.fit` checks that bound.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engine.problem import AFFINITY_MAX, Ints
from matching.engine.solver.core import Core

# The largest cost of one pair, by its size, in the tiers where pairs cost something.
PAIR_COST = {"changed": 1, "mixed": 1, "cross_field": 1, "weak": 1, "affinity": AFFINITY_MAX}


@dataclass(frozen=True)
class Weights:
    """The weights `of` the T tiers (T,) for one group of them; 0 for the tiers of other groups.

    `tiers` are the group's tiers in their order, `radix` the radix of each (the first is unused).
    """

    tiers: tuple[int, ...]
    radix: tuple[int, ...]
    of: Ints

    def fit(self, size: Ints) -> bool:
        """Return whether numbers of at most this size in each tier (T,) cannot be confused."""
        return all(
            2 * int(size[tier]) < radix
            for tier, radix in zip(self.tiers[1:], self.radix[1:], strict=True)
        )

    def split(self, number: Ints) -> Ints:
        """Return the tiers of weighted numbers (k,), shape (T, k); 0 in other groups' tiers."""
        parts = np.zeros((len(self.of), len(number)), np.int64)
        rest = number.copy()
        for tier, radix in zip(self.tiers[:0:-1], self.radix[:0:-1], strict=True):
            half = radix // 2
            parts[tier] = (rest + half) % radix - half
            rest = (rest - parts[tier]) // radix
        if self.tiers:
            parts[self.tiers[0]] = rest
        return parts


def weights(tiers: Sequence[int], radix: Sequence[int], count: int) -> Weights:
    """Return the weights of a group of `count` tiers, given each one's radix."""
    of = np.zeros(count, np.int64)
    weight = 1
    for tier, base in zip(reversed(tiers), reversed(radix), strict=True):
        of[tier] = weight
        weight *= base
    return Weights(tuple(tiers), tuple(radix), of)


class Costs:
    """The costs of a core in its T tiers, in the order of its priorities.

    Mentors of the same attendance and fields are of one kind (`row_kind`), and so are mentees
    (`column_kind`).
    """

    def __init__(self, core: Core) -> None:
        self.core = core
        self.count = len(core.priorities)
        self._place = {name: tier for tier, name in enumerate(core.priorities)}
        rows = np.column_stack([core.mentor_virtual, core.mentor_fields])
        columns = np.column_stack([core.mentee_virtual, core.mentee_fields])
        row_kinds, self.row_kind = _kinds(rows)
        column_kinds, self.column_kind = _kinds(columns)
        self._mixed = row_kinds[:, :1] != column_kinds[:, 0]
        self._cross = row_kinds[:, 1:].astype(np.float32) @ column_kinds[:, 1:].T < 0.5

    def of_pairs(self, rows: Ints, columns: Ints) -> Ints:
        """Return the costs of the pairs of `rows` (k,) and `columns` (k,), shape (T, k)."""
        result = np.zeros((self.count, len(rows)), np.int64)
        kinds = self.row_kind[rows], self.column_kind[columns]
        for name, table in (("mixed", self._mixed), ("cross_field", self._cross)):
            if name in self._place:
                result[self._place[name]] = table[kinds]
        if "changed" in self._place:
            keys = rows * self.core.shape[1] + columns
            result[self._place["changed"]] = -contains(self.core.announced, keys).astype(np.int64)
        affinity = (
            np.zeros(len(rows), np.int64)
            if self.core.affinity is None
            else self.core.affinity.of_pairs(rows, columns)
        )
        if "weak" in self._place:
            result[self._place["weak"]] = affinity < self.core.floor
        if "affinity" in self._place:
            result[self._place["affinity"]] = -affinity
        return result

    def of_places(self, place: Ints) -> Ints:
        """Return the costs of places (k,), shape (T, k); `place` 0 is a mentor's first."""
        result = np.zeros((self.count, len(place)), np.int64)
        if "spread" in self._place:
            result[self._place["spread"]] = place
        return result

    def unmatched(self) -> Ints:
        """Return the cost of one unmatched mentee, shape (T,)."""
        result = np.zeros(self.count, np.int64)
        if "unmatched" in self._place:
            result[self._place["unmatched"]] = 1
        return result

    def size(self) -> Ints:
        """Return the size of the largest cost of one choice in each tier, shape (T,)."""
        core = self.core
        size = np.array([PAIR_COST.get(name, 1) for name in core.priorities], np.int64)
        if "spread" in self._place:
            size[self._place["spread"]] = int((core.taken + core.room).max(initial=1))
        return size

    def idle(self) -> list[bool]:
        """Return for each tier whether it decides nothing, because all choices cost the same."""
        core = self.core
        nothing = {
            "changed": not len(core.announced),
            "mixed": not self._mixed.any(),
            "cross_field": not self._cross.any(),
            "weak": core.floor == 0,
            "affinity": core.affinity is None,
        }
        return [nothing.get(name, False) for name in core.priorities]

    def table(self, of: Ints) -> Ints:
        """Return the weighted costs of attendance and fields, for each two kinds of people."""
        by_name = self.by_name(of)
        mixed: Ints = self._mixed * np.int64(by_name["mixed"])
        return mixed + self._cross * np.int64(by_name["cross_field"])

    def by_name(self, of: Ints) -> dict[str, int]:
        """Return the weights (T,) by the names of the tiers, 0 where a tier does not count."""
        return {
            name: int(of[self._place[name]]) if name in self._place else 0 for name in PAIR_COST
        }


class Pricer:
    """Reduced costs of blocks of pairs: weighted cost, plus the mentor's price, minus the mentee's.

    `mentor` (n,) and `mentee` (m,) are weighted prices, `rows` is the largest number of mentors in
    a block. Every block is the same array: the next call overwrites it.
    """

    def __init__(self, costs: Costs, of: Ints, mentor: Ints, mentee: Ints, rows: int) -> None:
        self.core = costs.core
        self.weight = costs.by_name(of)
        self.mentor = mentor
        self.kind = costs.row_kind
        self.table = costs.table(of)
        self.column_kind = costs.column_kind
        self.mentee = mentee
        self.buffer = np.empty((rows, len(mentee)), np.int64)

    def __call__(self, start: int, stop: int) -> Ints:
        """Return the reduced costs of mentors start..stop-1 with all mentees, excluded or not."""
        core, weight = self.core, self.weight
        block = self.buffer[: stop - start]
        kind, mentor = self.kind[start:stop], self.mentor[start:stop, None]
        # Mentors of one kind stand together, and cost the same but for their price and affinity.
        change = np.flatnonzero(kind[1:] != kind[:-1]) + 1
        bounds = [0, *change.tolist(), stop - start] if start < stop else []
        rows = self.table[kind[bounds[:-1]]][:, self.column_kind]
        rows -= self.mentee
        for row, (first, last) in zip(rows, itertools.pairwise(bounds), strict=True):
            np.add(row, mentor[first:last], out=block[first:last])
        affinity = None if core.affinity is None else core.affinity.block(start, stop)
        if affinity is not None and weight["affinity"] == 1:
            block -= affinity
        elif affinity is not None and weight["affinity"]:
            block -= affinity * np.int64(weight["affinity"])
        if weight["weak"] and core.floor:
            if affinity is None:
                block += weight["weak"]
            else:
                np.add(block, weight["weak"], out=block, where=affinity < core.floor)
        if weight["changed"]:
            block.reshape(-1)[in_rows(core, core.announced, start, stop)] -= weight["changed"]
        return block


def in_rows(core: Core, keys: Ints, start: int, stop: int) -> Ints:
    """Return those of the sorted keys in rows start..stop-1, as positions in that block."""
    m = core.shape[1]
    first, last = np.searchsorted(keys, [start * m, stop * m])
    return keys[first:last] - start * m


def contains(sorted_keys: Ints, keys: Ints) -> NDArray[np.bool_]:
    """Return for each key whether it is among the sorted ones."""
    if not len(sorted_keys):
        return np.zeros(len(keys), np.bool_)
    place = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    found: NDArray[np.bool_] = sorted_keys[place] == keys
    return found


def _kinds(rows: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Ints]:
    """Return the distinct rows, and each row's number among them."""
    packed = np.packbits(rows, axis=1)
    keys = packed.view(f"V{packed.shape[1]}").reshape(-1)
    _, first, kind = np.unique(keys, return_index=True, return_inverse=True)
    return rows[first], kind.astype(np.int64)
