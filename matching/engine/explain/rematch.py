"""Another mentor for one mentee, or another mentee for one mentor, with few pairs changed.

Unlike `alternatives`, nothing is solved anew: every pair stays as it is, but for the mentees that
give way to each other in a chain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from matching.engine.problem import Bools, Ints, Problem, checked_block

# So many mentees move at most to make room for another.
_MOST_MOVED = 2


@dataclass(frozen=True)
class Chain:
    """Pairs to make, as (mentee, mentor) by index: the first is asked for, the others make room.

    `change` is by how much each priority gets larger (worse) than it is with the present pairs.
    """

    moves: tuple[tuple[int, int], ...]
    change: dict[str, int]

    @property
    def needs_room(self) -> bool:
        """Whether other mentees have to move."""
        return len(self.moves) > 1


def mentors_for(
    problem: Problem, taken: Ints, pairs: Ints, mentee: int, apart: Collection[int] = ()
) -> list[Chain]:
    """Return the ways to another mentor for a mentee: mentors with room first, then chains.

    `problem` has this mentee and the mentees that may move; `pairs` (k, 2), mentor and mentee, are
    their present pairs, and `taken` (n,) counts each mentor's mentees beside these. No chain ends
    with a mentor in `apart`, nor with the one that the mentee has. Each mentor is named once: with
    the best way, among those where at most two others move. The best are first.
    """
    search = _Search(problem, taken, pairs, mentee)
    away = {*apart, *(i for i, j in pairs.tolist() if j == mentee)}
    found = {}
    for mentor in range(len(problem.mentors)):
        if mentor in away or not search.allowed[mentor, mentee]:
            continue
        if search.room[mentor] > 0:
            found[mentor] = search.chain(((mentee, mentor),))
            continue
        ways = search.ways_out_of(mentor, {mentee}, away | {mentor}, _MOST_MOVED)
        chains = [search.chain(((mentee, mentor), *way)) for way in ways]
        if chains:
            found[mentor] = min(chains, key=search.order)
    return sorted(found.values(), key=lambda one: (one.needs_room, search.order(one)))


def mentees_for(
    problem: Problem, taken: Ints, pairs: Ints, mentor: int, instead_of: int | None = None
) -> list[Chain]:
    """Return the unmatched mentees that this mentor could have, the best first.

    `problem`, `taken` and `pairs` are as for `mentors_for`; the pair of the mentee `instead_of`
    ends, which makes room if it is this mentor's.
    """
    search = _Search(problem, taken, pairs, instead_of)
    room = search.room[mentor] + (search.mentor_of.get(instead_of) == mentor)
    if room < 1:
        return []
    free = [j for j in range(len(problem.mentees)) if j not in search.mentor_of]
    chains = [search.chain(((j, mentor),)) for j in free if search.allowed[mentor, j]]
    return sorted(chains, key=search.order)


class _Search:
    """The present pairs, of which that of the mentee `ending` ends; what may be paired; costs."""

    def __init__(self, problem: Problem, taken: Ints, pairs: Ints, ending: int | None) -> None:
        n, m = len(problem.mentors), len(problem.mentees)
        self.problem, self.pairs, self.ending = problem, pairs, ending
        self.announced = set(map(tuple, problem.announced.tolist()))
        self.load = taken + np.bincount(pairs[:, 0], minlength=n)
        self.room = problem.capacity - self.load
        self.mentor_of: dict[int | None, int] = {j: i for i, j in pairs.tolist()}
        self.mentees_of: dict[int, list[int]] = {}
        for i, j in sorted(pairs.tolist()):
            self.mentees_of.setdefault(i, []).append(j)
        self.allowed: Bools = np.ones((n, m), np.bool_)
        self.allowed[problem.exclusions[:, 0], problem.exclusions[:, 1]] = False
        affinity = np.zeros((n, m), np.int64)
        if problem.affinity is not None and n and m:
            affinity = checked_block(problem.affinity, 0, n, m).astype(np.int64)
        shared = problem.mentor_fields.astype(np.int64) @ problem.mentee_fields.T.astype(np.int64)
        tables = {
            "mixed": problem.mentor_virtual[:, None] != problem.mentee_virtual[None, :],
            "cross_field": shared == 0,
            "weak": affinity < problem.floor,
            "affinity": -affinity,
        }
        self.cost = {name: table.astype(np.int64) for name, table in tables.items()}
        self._ends = self._best_ends()

    def _best_ends(self) -> dict[int, list[int]]:
        """Return, for each mentee who may move, the mentors with room, the best first."""
        ends = {}
        with_room = np.flatnonzero(self.room > 0)
        for mentee in self.pairs[:, 1].tolist():
            rows = with_room[self.allowed[with_room, mentee]]
            keys = [self._end_cost(name, rows, mentee) for name in self.problem.priorities]
            names = np.array([self.problem.mentors[i] for i in rows.tolist()], dtype=object)
            order = np.lexsort([names.astype(str), *reversed(keys)]) if len(rows) else rows
            ends[mentee] = rows[order].tolist()
        return ends

    def _end_cost(self, name: str, rows: Ints, mentee: int) -> Ints:
        if name == "spread":
            return self.load[rows]
        table = self.cost.get(name)
        return np.zeros(len(rows), np.int64) if table is None else table[rows, mentee]

    def ways_out_of(
        self, mentor: int, asked: set[int], away: set[int], most: int
    ) -> list[tuple[tuple[int, int], ...]]:
        """Return ways in which one mentee leaves a mentor, with others who make room for that.

        The last one of each way goes to the best mentor with room.
        """
        ways: list[tuple[tuple[int, int], ...]] = []
        for mentee in self.mentees_of.get(mentor, ()):
            if mentee in asked:
                continue
            end = next((i for i in self._ends[mentee] if i not in away), None)
            if end is not None:
                ways.append(((mentee, end),))
            if most > 1:
                for other in self.mentees_of:
                    if other in away or self.room[other] > 0 or not self.allowed[other, mentee]:
                        continue
                    onward = self.ways_out_of(other, asked | {mentee}, away | {other}, most - 1)
                    ways += [((mentee, other), *way) for way in onward]
        return ways

    def chain(self, moves: tuple[tuple[int, int], ...]) -> Chain:
        """Return these moves with what they change in each priority."""
        ended = {self.ending, *(j for j, _ in moves)}
        left = [(i, j) for i, j in self.pairs.tolist() if j in ended]
        made = [(i, j) for j, i in moves]
        change = {}
        for name in self.problem.priorities:
            if name == "unmatched":
                change[name] = len(left) - len(made)
            elif name == "changed":
                change[name] = sum(pair in self.announced for pair in left)
            elif name == "spread":
                change[name] = self._spread(left, made)
            else:
                table = self.cost[name]
                change[name] = int(sum(table[p] for p in made) - sum(table[p] for p in left))
        return Chain(moves, change)

    def _spread(self, left: list[tuple[int, int]], made: list[tuple[int, int]]) -> int:
        more = Counter(i for i, _ in made)
        more.subtract(i for i, _ in left)
        before = {i: int(self.load[i]) for i in more}
        after = {i: before[i] + more[i] for i in more}
        return sum(after[i] * (after[i] - 1) - before[i] * (before[i] - 1) for i in more) // 2

    def order(self, chain: Chain) -> tuple[object, ...]:
        """Return what chains are sorted by: their change, how many move, and the names."""
        names = [self.problem.mentors[i] for _, i in chain.moves]
        return (*chain.change.values(), len(chain.moves), *names)
