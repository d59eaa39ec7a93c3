"""What every choice costs in every tier (DESIGN §5), and many tiers in one number.

A choice is a pair, a mentor's k-th place, or leaving a mentee unmatched. Its cost is one whole
number a tier. Several tiers go into one number by a mixed radix: the last tier counts single
units, each earlier one counts more than all later ones together can, as long as every later
tier's number stays within half of its radix. `Weights.fit` is that bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engine.core import Core
from matching.engine.problem import AFFINITY_MAX, Ints

# The largest cost of one pair, by its size, in the tiers where pairs cost something.
PAIR_COST = {"changed": 1, "mixed": 1, "cross_field": 1, "weak": 1, "affinity": AFFINITY_MAX}


@dataclass(frozen=True)
class Weights:
    """The weight of each tier of one group of tiers; 0 for the tiers of other groups."""

    tiers: tuple[int, ...]
    radix: tuple[int, ...]
    of: Ints

    def fit(self, size: Ints) -> bool:
        """Say whether numbers of at most this size a tier (shape (T,)) keep the tiers apart."""
        return all(
            2 * int(size[tier]) < radix
            for tier, radix in zip(self.tiers[1:], self.radix[1:], strict=True)
        )

    def split(self, number: Ints) -> Ints:
        """Take numbers apart again: shape (T, len(number)), 0 in other groups' tiers."""
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
    """Give the weights of a group of tiers, given each one's radix (the first one's is unused)."""
    of = np.zeros(count, np.int64)
    weight = 1
    for tier, base in zip(reversed(tiers), reversed(radix), strict=True):
        of[tier] = weight
        weight *= base
    return Weights(tuple(tiers), tuple(radix), of)


class Costs:
    """The costs of a core, tier by tier in the order of its priorities."""

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
        """Give the costs of pairs, shape (T, k)."""
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
            else self.core.affinity[rows, columns].astype(np.int64)
        )
        if "weak" in self._place:
            result[self._place["weak"]] = affinity < self.core.floor
        if "affinity" in self._place:
            result[self._place["affinity"]] = -affinity
        return result

    def of_places(self, place: Ints) -> Ints:
        """Give the costs of places, shape (T, k); `place` 0 is a mentor's first."""
        result = np.zeros((self.count, len(place)), np.int64)
        if "spread" in self._place:
            result[self._place["spread"]] = place
        return result

    def unmatched(self) -> Ints:
        """Give the cost of one unmatched mentee, shape (T,)."""
        result = np.zeros(self.count, np.int64)
        if "unmatched" in self._place:
            result[self._place["unmatched"]] = 1
        return result

    def size(self) -> Ints:
        """Give the size of the largest cost of one choice in each tier, shape (T,)."""
        core = self.core
        size = np.array([PAIR_COST.get(name, 1) for name in core.priorities], np.int64)
        if "spread" in self._place:
            size[self._place["spread"]] = int((core.taken + core.room).max(initial=1))
        return size

    def idle(self) -> list[bool]:
        """Say of each tier whether all choices cost the same in it, so that it decides nothing."""
        core = self.core
        nothing = {
            "changed": not len(core.announced),
            "mixed": not self._mixed.any(),
            "cross_field": not self._cross.any(),
            "weak": core.floor == 0,
            "affinity": core.affinity is None,
        }
        return [nothing.get(name, False) for name in core.priorities]

    def block(self, weight: Ints, start: int, stop: int) -> NDArray[np.int64]:
        """Give the weighted costs of mentors start..stop-1 with all mentees, kept apart or not."""
        by_name = {name: int(weight[tier]) for name, tier in self._place.items()}
        table = self._mixed * np.int64(by_name.get("mixed", 0)) + self._cross * np.int64(
            by_name.get("cross_field", 0)
        )
        result: Ints = table[:, self.column_kind][self.row_kind[start:stop]]
        if self.core.affinity is not None:
            affinity = self.core.affinity[start:stop]
            if by_name.get("affinity"):
                result -= affinity * np.int64(by_name["affinity"])
            if by_name.get("weak"):
                result += (affinity < self.core.floor) * np.int64(by_name["weak"])
        elif self.core.floor > 0:
            result += by_name.get("weak", 0)
        if by_name.get("changed"):
            result.reshape(-1)[in_rows(self.core, self.core.announced, start, stop)] -= by_name[
                "changed"
            ]
        return result


def in_rows(core: Core, keys: Ints, start: int, stop: int) -> Ints:
    """Give which of the sorted keys are in rows start..stop-1, as positions in that block."""
    m = core.shape[1]
    first, last = np.searchsorted(keys, [start * m, stop * m])
    return keys[first:last] - start * m


def contains(sorted_keys: Ints, keys: Ints) -> NDArray[np.bool_]:
    """Say of each key whether it is among the sorted ones."""
    if not len(sorted_keys):
        return np.zeros(len(keys), np.bool_)
    place = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    found: NDArray[np.bool_] = sorted_keys[place] == keys
    return found


def _kinds(rows: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Ints]:
    """Group equal rows: the distinct ones, and each row's number among them."""
    kinds, kind = np.unique(rows, axis=0, return_inverse=True)
    return kinds, kind.reshape(-1).astype(np.int64)
