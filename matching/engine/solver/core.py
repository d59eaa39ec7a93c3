"""The part of a problem that is still open, in an order that does not depend on the input's.

Locked pairs are settled before anything is optimized, so what is left to decide is which of the
other mentees goes to which mentor who still has room. People are put in an order of kinds and ids:
the solver sees the same problem whatever the order of the rows, and so returns the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engine.problem import AffinityMatrix, Bools, Ints, Problem, checked_block

BLOCK_CELLS = 1 << 21


@dataclass(frozen=True, eq=False)
class CoreAffinity:
    """The affinity of n mentors with m mentees, as rows and columns of a table that is there.

    `row` (n,) are the rows; `column` (m,) are the columns, None if these are all, in their order.
    The table is not put in order: at tens of thousands of people a second one is hundreds of MB.
    """

    table: NDArray[np.int16]
    row: Ints
    column: Ints | None

    def block(self, start: int, stop: int) -> NDArray[np.int16]:
        """Return the affinity of mentors start..stop-1, shape (stop - start, m)."""
        rows = self.table[self.row[start:stop]]
        return rows if self.column is None else rows[:, self.column]

    def of_pairs(self, rows: Ints, columns: Ints) -> Ints:
        """Return the affinity of each `rows[k]` with `columns[k]`, shape (k,)."""
        column = columns if self.column is None else self.column[columns]
        return self.table[self.row[rows], column].astype(np.int64)


@dataclass(frozen=True, eq=False)
class Core:
    """What is left to decide: n mentors with room and m mentees who are not locked.

    `mentors` (n,) and `mentees` (m,) hold each one's index in the problem. `room` (n,) is how many
    more mentees a mentor can take (1 to m), `taken` (n,) how many locked ones there are already.
    `affinity` is None where it is 0 for all. `excluded` and `announced` are pairs as sorted keys
    row * m + column.
    """

    mentors: Ints
    mentees: Ints
    room: Ints
    taken: Ints
    mentor_virtual: Bools
    mentee_virtual: Bools
    mentor_fields: Bools
    mentee_fields: Bools
    affinity: CoreAffinity | None
    excluded: Ints
    announced: Ints
    priorities: tuple[str, ...]
    floor: int

    @property
    def shape(self) -> tuple[int, int]:
        """Return the numbers of mentors and mentees."""
        return len(self.mentors), len(self.mentees)


def core_of(problem: Problem) -> Core:
    """Return the open part of a problem, with people in an order of its own.

    Raise ProblemError if the affinity is not as promised.
    """
    taken = np.bincount(problem.locked[:, 0], minlength=len(problem.mentors)).astype(np.int64)
    free = np.ones(len(problem.mentees), np.bool_)
    free[problem.locked[:, 1]] = False
    mentor_order = _order(problem.mentors)
    mentee_order = _order(problem.mentees)
    columns = mentee_order[free[mentee_order]]
    room = np.minimum(problem.capacity - taken, len(columns))
    rows = mentor_order[room[mentor_order] > 0]
    # Mentors of one kind together, so that blocks of them share their costs (costs.Pricer).
    fields = problem.mentor_fields[:, _order(problem.fields)]
    kinds = np.column_stack([problem.mentor_virtual, fields])[rows]
    rows = rows[np.lexsort(kinds.T)] if len(rows) else rows
    return Core(
        mentors=rows,
        mentees=columns,
        room=room[rows],
        taken=taken[rows],
        mentor_virtual=problem.mentor_virtual[rows],
        mentee_virtual=problem.mentee_virtual[columns],
        mentor_fields=problem.mentor_fields[rows],
        mentee_fields=problem.mentee_fields[columns],
        affinity=_affinity(problem, rows, columns),
        excluded=_keys(problem, problem.exclusions, rows, columns),
        announced=_keys(problem, problem.announced, rows, columns),
        priorities=problem.priorities,
        floor=problem.floor,
    )


def _order(names: tuple[str, ...]) -> Ints:
    return np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)


def _positions(order: Ints, size: int) -> Ints:
    """Return the place in `order` of each original index, -1 for those left out."""
    places = np.full(size, -1, np.int64)
    places[order] = np.arange(len(order))
    return places


def _keys(problem: Problem, pairs: Ints, rows: Ints, columns: Ints) -> Ints:
    row = _positions(rows, len(problem.mentors))[pairs[:, 0]]
    column = _positions(columns, len(problem.mentees))[pairs[:, 1]]
    both = (row >= 0) & (column >= 0)
    return np.sort(row[both] * len(columns) + column[both])


def _affinity(problem: Problem, rows: Ints, columns: Ints) -> CoreAffinity | None:
    if problem.affinity is None or not len(rows) or not len(columns):
        return None
    n, m = len(problem.mentors), len(problem.mentees)
    in_order = len(columns) == m and bool((np.diff(columns) > 0).all())
    if isinstance(problem.affinity, AffinityMatrix):
        return CoreAffinity(problem.affinity.array, rows, None if in_order else columns)
    place = _positions(rows, n)
    result = np.empty((len(rows), len(columns)), np.int16)
    step = max(1, BLOCK_CELLS // m)
    for start in range(0, n, step):
        stop = min(n, start + step)
        block = checked_block(problem.affinity, start, stop, m)
        wanted = place[start:stop]
        if (wanted < 0).any():
            block, wanted = block[wanted >= 0], wanted[wanted >= 0]
        result[wanted] = block if in_order else block[:, columns]
    return CoreAffinity(result, np.arange(len(rows)), None)
