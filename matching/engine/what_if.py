"""The same problem with something changed, and what the change would do; nothing is saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.engine.problem import AffinityBlocks, Ints, Problem, ProblemError
from matching.engine.solve import Solution, by_id


@dataclass(frozen=True)
class NewMentors:
    """So many more mentors of one field and attendance, each for `capacity` mentees."""

    field: str
    virtual: bool = False
    count: int = 1
    capacity: int = 1


@dataclass(frozen=True)
class Difference:
    """What another solution has that this one has not, by ids; `tiers` is other minus this."""

    tiers: dict[str, int]
    gone: list[tuple[str, str]]
    new: list[tuple[str, str]]


def add_mentors(problem: Problem, more: NewMentors, affinity: int = 0) -> Problem:
    """Give the problem with mentors added at the end, each with this affinity to every mentee.

    They are named after their field and attendance. Raises ProblemError for an unknown field.
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
        affinity=None if problem.affinity is None else _longer(problem, n, affinity),
    )


def _longer(problem: Problem, n: int, affinity: int) -> AffinityBlocks:
    """Give the affinity with further rows of one value after the first n."""
    known = problem.affinity
    assert known is not None

    def rows(start: int, stop: int) -> NDArray[np.int16]:
        block = np.full((stop - start, len(problem.mentees)), affinity, np.int16)
        if start < n:
            block[: n - start] = known(start, min(stop, n))
        return block

    return rows


def with_capacity(problem: Problem, capacity: Mapping[int, int]) -> Problem:
    """Give the problem with other capacities, by the mentors' indices."""
    changed = problem.capacity.copy()
    for mentor, places in capacity.items():
        changed[mentor] = places
    return replace(problem, capacity=changed)


def unlocked(problem: Problem, pairs: Iterable[tuple[int, int]]) -> Problem:
    """Give the problem with these locked pairs (indices of mentor and mentee) free again."""
    free = set(pairs)
    kept = [pair for pair in problem.locked.tolist() if tuple(pair) not in free]
    return replace(problem, locked=np.array(kept, np.int64).reshape(-1, 2))


def locked(problem: Problem, pairs: Iterable[tuple[int, int]]) -> Problem:
    """Give the problem with these pairs locked as well; ProblemError where that cannot be."""
    more = np.array(list(pairs), np.int64).reshape(-1, 2)
    return replace(problem, locked=np.vstack([problem.locked, more]))


def compare(problem: Problem, solution: Solution, other: Problem, then: Solution) -> Difference:
    """Say how the solution of another problem differs; people are compared by id."""
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
