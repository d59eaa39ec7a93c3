"""What if: the same problem with something changed, and what that would do; nothing is saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.engine.problem import AffinityBlocks, Ints, Problem, ProblemError
from matching.engine.solution import Solution, by_id


@dataclass(frozen=True)
class NewMentors:
    """`count` more mentors of one field and attendance, with `capacity` mentees for each."""

    field: str
    virtual: bool = False
    count: int = 1
    capacity: int = 1


@dataclass(frozen=True)
class Difference:
    """How another solution differs from this one: `tiers` is other minus this, in each tier's unit.

    `gone` and `new` are pairs of a mentor's and a mentee's id.
    """

    tiers: dict[str, int]
    gone: list[tuple[str, str]]
    new: list[tuple[str, str]]


def add_mentors(problem: Problem, more: NewMentors, affinity: int = 0) -> Problem:
    """Return the problem with mentors added at the end, each with this affinity to every mentee.

    `affinity` is from 0 to 1000. The mentors are named after their field and attendance. Raise
    ProblemError if the problem has no such field.
    """
    if more.field not in problem.fields:
        raise ProblemError(f"“{more.field}” is not a field of this problem.")
    n, count = len(problem.mentors), more.count
    attendance = "virtual" if more.virtual else "in person"
    names: list[str] = []
    number = 1
    while len(names) < count:
        name = f"new mentor {number} ({more.field}, {attendance})"
        if name not in problem.mentors:
            names.append(name)
        number += 1
    fields = np.zeros((count, len(problem.fields)), np.bool_)
    fields[:, problem.fields.index(more.field)] = True
    return replace(
        problem,
        mentors=(*problem.mentors, *names),
        capacity=np.r_[problem.capacity, np.full(count, more.capacity, np.int64)],
        mentor_virtual=np.r_[problem.mentor_virtual, np.full(count, more.virtual)],
        mentor_fields=np.vstack([problem.mentor_fields, fields]),
        affinity=None
        if problem.affinity is None
        else _longer(problem.affinity, (n, len(problem.mentees)), affinity),
    )


def _longer(known: AffinityBlocks, shape: tuple[int, int], affinity: int) -> AffinityBlocks:
    """Return the known affinity of this shape with further rows of one value after it."""
    n, m = shape

    def rows(start: int, stop: int) -> NDArray[np.int16]:
        block = np.full((stop - start, m), affinity, np.int16)
        if start < n:
            block[: n - start] = known(start, min(stop, n))
        return block

    return rows


def with_capacity(problem: Problem, capacity: Mapping[int, int]) -> Problem:
    """Return the problem with other capacities, by the mentors' indices.

    Raise ProblemError if one is negative or less than the mentor's locked mentees.
    """
    changed = problem.capacity.copy()
    for mentor, places in capacity.items():
        changed[mentor] = places
    return replace(problem, capacity=changed)


def unlocked(problem: Problem, pairs: Iterable[tuple[int, int]]) -> Problem:
    """Return the problem without the locks on these pairs (indices of mentor and mentee)."""
    gone = set(pairs)
    kept = [pair for pair in problem.locked.tolist() if tuple(pair) not in gone]
    return replace(problem, locked=np.array(kept, np.int64).reshape(-1, 2))


def locked(problem: Problem, pairs: Iterable[tuple[int, int]]) -> Problem:
    """Return the problem with these pairs (indices of mentor and mentee) locked as well.

    Raise ProblemError if one is excluded, its mentee is locked already, or its mentor is full.
    """
    more = np.array(list(pairs), np.int64).reshape(-1, 2)
    return replace(problem, locked=np.vstack([problem.locked, more]))


def compare(problem: Problem, solution: Solution, other: Problem, then: Solution) -> Difference:
    """Return how the solution of another problem differs; people are compared by id."""
    values = {tier.name: tier.value for tier in then.tiers}
    before, after = _by_name(problem, solution.pairs), _by_name(other, then.pairs)
    return Difference(
        tiers={
            tier.name: values[tier.name] - tier.value
            for tier in solution.tiers
            if tier.name in values
        },
        gone=sorted(set(before) - set(after)),
        new=sorted(set(after) - set(before)),
    )


def _by_name(problem: Problem, pairs: Ints) -> list[tuple[str, str]]:
    return [(problem.mentors[i], problem.mentees[j]) for i, j in by_id(problem, pairs).tolist()]
