"""What the matcher is asked: who takes part, what is excluded, what is preferred."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.engine.sentences import counted

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
# From `start` and `stop` to the affinity of mentors start..stop-1, shape (stop - start, mentees).
AffinityBlocks = Callable[[int, int], NDArray[Any]]

PRIORITIES = ("unmatched", "changed", "spread", "mixed", "cross_field", "weak", "affinity")
OTHER = "Other"
AFFINITY_MAX = 1000
# With more pairs than this the one table of affinities (two bytes a pair) would pass 2 GB.
MAX_PAIRS = 1_000_000_000


class ProblemError(ValueError):
    """The input contradicts itself; the message is one sentence that names what is wrong."""


class AffinityMatrix:
    """Affinity kept as one array (mentors, mentees) of whole numbers 0 to 1000, two bytes each.

    Raise ProblemError if the array has another number of dimensions, a number that is not whole,
    or one out of range.
    """

    def __init__(self, array: NDArray[Any]) -> None:
        if array.ndim != 2:
            raise ProblemError(
                "The affinity must be a table with a row for each mentor and a column for each "
                f"mentee; it has {counted(array.ndim, 'dimension')}."
            )
        if array.size and not np.issubdtype(array.dtype, np.integer):
            raise ProblemError("The affinity must be whole numbers.")
        if array.size and (array.min() < 0 or array.max() > AFFINITY_MAX):
            outside = (array < 0) | (array > AFFINITY_MAX)
            row, column = np.argwhere(outside)[0]
            raise ProblemError(
                f"The affinity in row {row + 1}, column {column + 1} is {array[row, column]}; "
                f"it must be from 0 to {AFFINITY_MAX}."
            )
        self.array: NDArray[np.int16] = np.ascontiguousarray(array, dtype=np.int16)

    def __call__(self, start: int, stop: int) -> NDArray[np.int16]:
        return self.array[start:stop]


def from_matrix(array: NDArray[Any] | Sequence[Sequence[int]]) -> AffinityBlocks:
    """Return the affinity of `array`, whole numbers 0 to 1000 of shape (mentors, mentees).

    Raise ProblemError if a number is not whole or out of range.
    """
    return AffinityMatrix(np.asarray(array))


def checked_block(affinity: AffinityBlocks, start: int, stop: int, mentees: int) -> NDArray[Any]:
    """Return the affinity of mentors start..stop-1, shape (stop - start, mentees), 0 to 1000.

    Raise ProblemError if the block has another shape or a number out of range.
    """
    block = affinity(start, stop)
    shape = (stop - start, mentees)
    if block.shape != shape:
        raise ProblemError(
            f"The affinity of mentors {start} to {stop - 1} has the shape {block.shape}, "
            f"not {shape}."
        )
    if block.size and (block.min() < 0 or block.max() > AFFINITY_MAX):
        raise ProblemError(
            f"The affinity of mentors {start} to {stop - 1} goes from {block.min()} to "
            f"{block.max()}; it must be from 0 to {AFFINITY_MAX}."
        )
    return block


def distinct(numbers: Ints) -> Ints:
    """Return the numbers (k,) sorted, each once.

    `np.unique` does the same, but loads numpy.ma, which takes longer than to solve a small problem.
    """
    ordered = np.sort(numbers)
    result: Ints = ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0]
    return result


def _no_pairs() -> Ints:
    return np.zeros((0, 2), np.int64)


@dataclass(frozen=True, eq=False)
class Problem:
    """One matching problem of n mentors, m mentees and F fields.

    `mentors` (n) and `mentees` (m) are ids, each unique on its side. `capacity` (n,) is how many
    mentees a mentor takes. `mentor_virtual` (n,) and `mentee_virtual` (m,) tell virtual from
    in-person people. `fields` (F) names the columns of `mentor_fields` (n, F) and `mentee_fields`
    (m, F). Someone with no field counts as having the field `other`, which is added as a column
    where it is missing; so two people whose fields are unknown share a field.

    `affinity(start, stop)` returns the rows of mentors start..stop-1 as whole numbers 0 to 1000,
    shape (stop - start, m); None means 0 everywhere. `floor` is the minimum affinity, below which a
    pair counts as weak. `exclusions`, `locked` and `announced` have the shape (k, 2): indices of
    mentor and mentee. `priorities` are the tiers in their order; those left out do not count.

    Raise ProblemError if the parts contradict one another.
    """

    mentors: tuple[str, ...]
    mentees: tuple[str, ...]
    capacity: Ints
    mentor_virtual: Bools
    mentee_virtual: Bools
    mentor_fields: Bools
    mentee_fields: Bools
    fields: tuple[str, ...]
    other: str = OTHER
    affinity: AffinityBlocks | None = None
    exclusions: Ints = field(default_factory=_no_pairs)
    locked: Ints = field(default_factory=_no_pairs)
    announced: Ints = field(default_factory=_no_pairs)
    priorities: tuple[str, ...] = PRIORITIES
    floor: int = 0

    def __post_init__(self) -> None:
        n, m = len(self.mentors), len(self.mentees)
        _unique(self.mentors, "mentor")
        _unique(self.mentees, "mentee")
        _unique(self.fields, "field")
        _unique(self.priorities, "priority")
        if n * m > MAX_PAIRS:
            raise ProblemError(f"{n} mentors and {m} mentees make more than {MAX_PAIRS:,} pairs.")
        for name in self.priorities:
            if name not in PRIORITIES:
                raise ProblemError(
                    f"“{name}” is not a priority; the priorities are {', '.join(PRIORITIES)}."
                )
        if not 0 <= self.floor <= AFFINITY_MAX:
            raise ProblemError(
                f"The minimum affinity (“floor”) is {self.floor}; "
                f"it must be from 0 to {AFFINITY_MAX}."
            )
        columns = len(self.fields)
        self._set("capacity", self.capacity, np.int64, (n,))
        self._set("mentor_virtual", self.mentor_virtual, np.bool_, (n,))
        self._set("mentee_virtual", self.mentee_virtual, np.bool_, (m,))
        self._set("mentor_fields", self.mentor_fields, np.bool_, (n, columns))
        self._set("mentee_fields", self.mentee_fields, np.bool_, (m, columns))
        for negative in np.flatnonzero(self.capacity < 0):
            raise ProblemError(
                f"The capacity of {self.mentors[negative]} is {self.capacity[negative]}; "
                "it must be 0 or more."
            )
        self._unknown_is_other()
        for name in ("exclusions", "locked", "announced"):
            self._pairs(name)
        self._check_locked()
        if isinstance(self.affinity, AffinityMatrix) and self.affinity.array.shape != (n, m):
            rows, columns = self.affinity.array.shape
            if not (n == 0 or m == 0):
                raise ProblemError(
                    f"The affinity has {counted(rows, 'row')} and {counted(columns, 'column')}; "
                    f"it must have a row for each mentor ({n}) and a column for each mentee ({m})."
                )

    def _put(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _set(self, name: str, value: object, kind: type, shape: tuple[int, ...]) -> None:
        array: NDArray[Any] = np.asarray(value, dtype=kind)
        if array.shape != shape:
            if array.size or 0 not in shape:
                raise ProblemError(f"{name} has the shape {array.shape}; it must be {shape}.")
            array = array.reshape(shape)
        self._put(name, array)

    def _unknown_is_other(self) -> None:
        if self.other not in self.fields:
            self._put("fields", (*self.fields, self.other))
            for name in ("mentor_fields", "mentee_fields"):
                array = getattr(self, name)
                self._put(name, np.hstack([array, np.zeros((len(array), 1), dtype=np.bool_)]))
        column = self.fields.index(self.other)
        for name in ("mentor_fields", "mentee_fields"):
            array = getattr(self, name)
            unknown = ~array.any(axis=1)
            if unknown.any():
                array = array.copy()
                array[unknown, column] = True
                self._put(name, array)

    def _pairs(self, name: str) -> None:
        pairs = np.asarray(getattr(self, name), np.int64).reshape(-1, 2)
        limits = (len(self.mentors), len(self.mentees))
        if pairs.size and (pairs.min() < 0 or (pairs >= limits).any()):
            raise ProblemError(f"{name} names a mentor or mentee who is not there.")
        keys = distinct(pairs[:, 0] * limits[1] + pairs[:, 1])
        self._put(name, np.column_stack(np.divmod(keys, max(limits[1], 1))))

    def _check_locked(self) -> None:
        mentors, mentees = self.mentors, self.mentees
        excluded = set(map(tuple, self.exclusions.tolist()))
        seen: dict[int, int] = {}
        for i, j in self.locked.tolist():
            if (i, j) in excluded:
                raise ProblemError(
                    f"{mentors[i]} and {mentees[j]} are locked as a pair but marked “do not match”;"
                    " remove one of the two."
                )
            if j in seen:
                raise ProblemError(
                    f"{mentees[j]} is locked to two mentors, {mentors[seen[j]]} and {mentors[i]}; "
                    "unlock one of the pairs."
                )
            seen[j] = i
        count = np.bincount(self.locked[:, 0], minlength=len(mentors))
        for i in np.flatnonzero(count > self.capacity):
            raise ProblemError(
                f"{mentors[i]} has {counted(int(count[i]), 'locked mentee')} but a capacity of "
                f"{self.capacity[i]}; unlock a pair or raise the capacity."
            )


def _unique(names: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ProblemError(f"The {what} “{name}” is given twice.")
        seen.add(name)
