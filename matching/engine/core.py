"""The part of a problem that is still open, in an order that does not depend on the input's.

Locked pairs are settled before anything is optimised, so what is left to decide is who of the
other mentees goes to which mentor that still has room. People are put in an order of kinds and ids:
the solver sees the same problem whatever the order of the rows, and so gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.engine.problem import AFFINITY_MAX, Bools, Ints, Problem, ProblemError

BLOCK_CELLS = 1 << 21


@dataclass(frozen=True, eq=False)
class Core:
    """What is left to decide: n mentors with room and m mentees who are not locked.

    `mentors` and `mentees` hold each one's index in the problem. `room` is how many more mentees a
    mentor can take (1 to m), `taken` how many locked ones there are already. `affinity` has the
    shape (n, m), or is None where it is 0 for all. `apart` and `announced` are sorted keys
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
    affinity: NDArray[np.int16] | None
    apart: Ints
    announced: Ints
    priorities: tuple[str, ...]
    floor: int

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.mentors), len(self.mentees)


def core_of(problem: Problem) -> Core:
    """Give the open part of a problem, people in an order of their own."""
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
        apart=_keys(problem, problem.keep_apart, rows, columns),
        announced=_keys(problem, problem.announced, rows, columns),
        priorities=problem.priorities,
        floor=problem.floor,
    )


def _order(names: tuple[str, ...]) -> Ints:
    return np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)


def _positions(order: Ints, size: int) -> Ints:
    """Give each original index its place in `order`, -1 for those left out."""
    places = np.full(size, -1, np.int64)
    places[order] = np.arange(len(order))
    return places


def _keys(problem: Problem, pairs: Ints, rows: Ints, columns: Ints) -> Ints:
    row = _positions(rows, len(problem.mentors))[pairs[:, 0]]
    column = _positions(columns, len(problem.mentees))[pairs[:, 1]]
    both = (row >= 0) & (column >= 0)
    return np.sort(row[both] * len(columns) + column[both])


def _affinity(problem: Problem, rows: Ints, columns: Ints) -> NDArray[np.int16] | None:
    if problem.affinity is None or not len(rows) or not len(columns):
        return None
    n, m = len(problem.mentors), len(problem.mentees)
    place = _positions(rows, n)
    in_order = len(columns) == m and bool((np.diff(columns) > 0).all())
    result = np.empty((len(rows), len(columns)), np.int16)
    step = max(1, BLOCK_CELLS // m)
    for start in range(0, n, step):
        stop = min(n, start + step)
        block = checked_block(problem, start, stop)
        wanted = place[start:stop]
        if (wanted < 0).any():
            block, wanted = block[wanted >= 0], wanted[wanted >= 0]
        result[wanted] = block if in_order else block[:, columns]
    return result


def checked_block(problem: Problem, start: int, stop: int) -> NDArray[Any]:
    """Give the affinity of mentors start..stop-1; ProblemError when it is not as promised."""
    assert problem.affinity is not None
    block = problem.affinity(start, stop)
    shape = (stop - start, len(problem.mentees))
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
