"""What the matcher is asked: who takes part, what is forbidden, what is preferred."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.engine.sentences import counted

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
AffinityBlocks = Callable[[int, int], NDArray[Any]]

PRIORITIES = ("unmatched", "changed", "spread", "mixed", "cross_field", "weak", "affinity")
OTHER = "Other"
AFFINITY_MAX = 1000
# With more pairs than this the one table of affinities (two bytes a pair) would pass 2 GB.
MAX_PAIRS = 1_000_000_000


class ProblemError(ValueError):
    """The input contradicts itself; the one sentence of the message names the culprit."""


class AffinityMatrix:
    """Affinity kept as one array of whole numbers: mentors in rows, mentees in columns."""

    def __init__(self, array: NDArray[Any]) -> None:
        if array.ndim != 2:
            raise ProblemError(
                "The affinity must be a table of mentors by mentees, "
                f"not of {array.ndim} dimensions."
            )
        if array.size and not np.issubdtype(array.dtype, np.integer):
            raise ProblemError("The affinity must consist of whole numbers.")
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
    """Give the affinity of `array`, whole numbers 0 to 1000 of shape (mentors, mentees).

    Raises ProblemError when a number is not whole or out of range.
    """
    return AffinityMatrix(np.asarray(array))


@dataclass(frozen=True, eq=False)
class Problem:
    """One matching problem; n mentors, m mentees, F fields.

    `fields` names the columns of `mentor_fields` and `mentee_fields`. Someone with no field counts
    as having the field `other` (which is added to the columns where it is missing), so two people
    of whom nothing is known share a field. `affinity(start, stop)` gives the rows of mentors
    start..stop-1 as whole numbers 0 to 1000, shape (stop - start, m); None means 0 everywhere.
    `keep_apart`, `locked` and `announced` are arrays of shape (k, 2): indices of mentor and mentee.
    `priorities` may leave some out; those then do not count.

    Ids name a mentor among mentors and a mentee among mentees. Raises ProblemError when the parts
    contradict one another.
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
    keep_apart: Ints = None  # type: ignore[assignment]  # an empty array after __post_init__
    locked: Ints = None  # type: ignore[assignment]
    announced: Ints = None  # type: ignore[assignment]
    priorities: tuple[str, ...] = PRIORITIES
    floor: int = 0

    def __post_init__(self) -> None:
        n, m = len(self.mentors), len(self.mentees)
        _unique(self.mentors, "mentor")
        _unique(self.mentees, "mentee")
        _unique(self.fields, "field")
        _unique(self.priorities, "priority")
        if n * m > MAX_PAIRS:
            raise ProblemError(f"{n} mentors and {m} mentees are more than {MAX_PAIRS} pairs.")
        for name in self.priorities:
            if name not in PRIORITIES:
                raise ProblemError(
                    f"“{name}” is not a priority; the priorities are {', '.join(PRIORITIES)}."
                )
        if not 0 <= self.floor <= AFFINITY_MAX:
            raise ProblemError(f"The floor is {self.floor}; it must be from 0 to {AFFINITY_MAX}.")
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
        for name in ("keep_apart", "locked", "announced"):
            self._pairs(name)
        self._check_locked()
        if isinstance(self.affinity, AffinityMatrix) and self.affinity.array.shape != (n, m):
            rows, columns = self.affinity.array.shape
            if not (n == 0 or m == 0):
                raise ProblemError(
                    f"The affinity has {rows} rows and {columns} columns; it must have {n} rows, "
                    f"one a mentor, and {m} columns, one a mentee."
                )

    def _put(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _set(self, name: str, value: object, kind: type, shape: tuple[int, ...]) -> None:
        array: NDArray[Any] = np.asarray(value, dtype=kind)
        if array.shape != shape:
            if array.size or 0 not in shape:
                raise ProblemError(f"{name} has the shape {array.shape} where {shape} is needed.")
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
        value = getattr(self, name)
        pairs = np.zeros((0, 2), np.int64) if value is None else np.asarray(value, np.int64)
        pairs = pairs.reshape(-1, 2)
        limits = (len(self.mentors), len(self.mentees))
        if pairs.size and (pairs.min() < 0 or (pairs >= limits).any()):
            raise ProblemError(f"{name} names a mentor or mentee that is not there.")
        self._put(name, np.unique(pairs, axis=0))

    def _check_locked(self) -> None:
        mentors, mentees = self.mentors, self.mentees
        apart = {(int(i), int(j)) for i, j in self.keep_apart}
        seen: dict[int, int] = {}
        for i, j in self.locked.tolist():
            if (i, j) in apart:
                raise ProblemError(
                    f"The pair of {mentors[i]} and {mentees[j]} is both locked and kept apart."
                )
            if j in seen:
                raise ProblemError(
                    f"{mentees[j]} is locked to two mentors, {mentors[seen[j]]} and {mentors[i]}."
                )
            seen[j] = i
        count = np.bincount(self.locked[:, 0], minlength=len(mentors))
        for i in np.flatnonzero(count > self.capacity):
            raise ProblemError(
                f"{mentors[i]} has {counted(int(count[i]), 'locked mentee')} but a capacity of "
                f"{self.capacity[i]}."
            )


def _unique(names: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ProblemError(f"The {what} “{name}” is given twice.")
        seen.add(name)
