"""The smallest crowd of mentees around one of them that competes for too few places.

A crowd is a set of mentees of whom one too many competes for the places of all the mentors they
can go to: any one of them fewer, and there would be enough (a circuit of the transversal matroid;
J. Oxley, Matroid Theory, 2011, section 1.6). Around an unmatched mentee one is at hand, all whom
alternating paths reach (P. Hall, On representatives of subsets, 1935). It depends on the pairs
that were made, so where more mentees are left, a smaller one may exist.

A crowd lets mentors out: they are kept apart from everybody in it, so they are among those kept
apart from the mentee. Let Z be let out, and A be the mentees who are kept apart from all of Z. If
A without the mentee can fill all other places, then around the mentee there is a crowd of at most
one mentee more than those places; and the smallest crowd is of that size for the mentors that it
lets out. So the Z with the most places that passes this test gives the smallest crowd.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matching.engine.problem import Ints, Problem
from matching.engine.solve import solve

# How many sets of mentors to let out are looked at, and how many of them are tried by a flow;
# beyond, the crowd may not be the smallest.
STEPS, TRIES = 20_000, 20


@dataclass(frozen=True)
class Crowd:
    """Mentees and the mentors they can go to (indices, by id), and those mentors' places.

    `free`: one of the places is not taken, so the mentee is left for another reason.
    """

    mentees: tuple[int, ...]
    mentors: tuple[int, ...]
    places: int
    free: bool


@dataclass(frozen=True)
class _Outside:
    """Mentors who are kept apart from the same mentees (a set of bits), and their places."""

    mentors: tuple[int, ...]
    mentees: int
    places: int


class Crowds:
    """Who may go to whom, and the places that locked pairs leave."""

    def __init__(self, problem: Problem, pairs: Ints) -> None:
        n, m = len(problem.mentors), len(problem.mentees)
        self.problem = problem
        self.room = problem.capacity - np.bincount(problem.locked[:, 0], minlength=n)
        self._spare = problem.capacity - np.bincount(pairs[:, 0], minlength=n)
        self._open = np.ones(m, np.bool_)
        self._open[problem.locked[:, 1]] = False
        self._guests: list[list[int]] = [[] for _ in range(n)]
        for mentor, mentee in pairs.tolist():
            if self._open[mentee]:
                self._guests[mentor].append(mentee)
        self._apart: dict[int, list[int]] = {}
        self._strangers = [0] * n  # the mentees who are not locked, as a set of bits
        for mentor, mentee in problem.keep_apart.tolist():
            self._apart.setdefault(mentee, []).append(mentor)
            if self._open[mentee]:
                self._strangers[mentor] |= 1 << mentee
        self._everyone = sum(1 << j for j in np.flatnonzero(self._open).tolist())

    def around(self, mentee: int) -> Crowd:
        """Give the smallest crowd around an unmatched mentee."""
        crowd = self._reached(mentee)
        if crowd.free or not crowd.mentors:
            return crowd
        for let_out, mentees in self._candidates(mentee, len(crowd.mentees)):
            smaller = self._filled(mentee, let_out, mentees)
            if smaller:
                return smaller
        return crowd

    def _reached(self, mentee: int) -> Crowd:
        """Give all whom alternating paths reach from an unmatched mentee."""
        unseen = self.room > 0
        mentees, mentors, waiting = {mentee}, [], [mentee]
        while waiting:
            here = unseen.copy()
            here[self._apart.get(waiting[-1], [])] = False
            waiting.pop()
            unseen &= ~here
            for mentor in np.flatnonzero(here).tolist():
                mentors.append(mentor)
                waiting += [guest for guest in self._guests[mentor] if guest not in mentees]
                mentees.update(self._guests[mentor])
        return Crowd(
            mentees=tuple(sorted(mentees, key=self.problem.mentees.__getitem__)),
            mentors=tuple(sorted(mentors, key=self.problem.mentors.__getitem__)),
            places=int(self.room[mentors].sum()),
            free=bool((self._spare[mentors] > 0).any()),
        )

    def _candidates(self, mentee: int, size: int) -> list[tuple[list[int], int]]:
        """Give mentors to let out with the mentees kept apart from them, most places first.

        Only those are given that would make the crowd smaller than `size`, and leave mentees
        enough to fill the other places.
        """
        outside = self._outside(mentee)
        total = int(self.room.sum())
        later = np.cumsum([0, *(group.places for group in reversed(outside))])[::-1].tolist()
        found: list[tuple[int, list[int], int]] = []
        stack: list[tuple[int, list[int], int, int]] = [(0, [], self._everyone, 0)]
        steps = 0
        while stack and steps < STEPS:
            start, mentors, mentees, places = stack.pop()
            steps += len(outside) - start
            for k in range(start, len(outside)):
                group = outside[k]
                left, others = mentees & group.mentees, total - places - group.places
                fewest = others - later[k + 1]
                if left.bit_count() - 1 < fewest or fewest + 1 >= size:
                    continue
                chosen = [*mentors, *group.mentors]
                if left.bit_count() - 1 >= others and others + 1 < size:
                    found.append((others, chosen, left))
                stack.append((k + 1, chosen, left, places + group.places))
        found.sort(key=lambda one: one[0])
        return [(chosen, left) for _, chosen, left in found[:TRIES]]

    def _outside(self, mentee: int) -> list[_Outside]:
        alike: dict[int, list[int]] = {}
        for mentor in sorted(self._apart.get(mentee, []), key=self.problem.mentors.__getitem__):
            if self.room[mentor] > 0:
                alike.setdefault(self._strangers[mentor], []).append(mentor)
        return [
            _Outside(tuple(mentors), mentees, int(self.room[mentors].sum()))
            for mentees, mentors in alike.items()
        ]

    def _filled(self, mentee: int, let_out: list[int], mentees: int) -> Crowd | None:
        """Give the crowd around a mentee among these, where the others fill all other places."""
        inside = [j for j in range(len(self.problem.mentees)) if mentees >> j & 1]
        others = np.setdiff1d(np.flatnonzero(self.room > 0), let_out)
        part = _part(self.problem, others, np.array(inside, np.int64), self.room[others])
        place = inside.index(mentee)
        nowhere = np.column_stack([np.arange(len(others)), np.full(len(others), place)])
        pairs = solve(replace(part, keep_apart=np.vstack([part.keep_apart, nowhere]))).pairs
        if len(pairs) < part.capacity.sum():
            return None
        crowd = Crowds(part, pairs)._reached(place)
        return replace(
            crowd,
            mentees=tuple(inside[j] for j in crowd.mentees),
            mentors=tuple(int(others[i]) for i in crowd.mentors),
        )


def _part(problem: Problem, mentors: Ints, mentees: Ints, capacity: Ints) -> Problem:
    """Give the problem of some of the people who are not locked, in which only places count."""
    row = dict(zip(mentors.tolist(), range(len(mentors)), strict=True))
    column = dict(zip(mentees.tolist(), range(len(mentees)), strict=True))
    apart = [
        (row[i], column[j]) for i, j in problem.keep_apart.tolist() if i in row and j in column
    ]
    nobody = np.zeros((0, 2), np.int64)
    return replace(
        problem,
        mentors=tuple(problem.mentors[i] for i in row),
        mentees=tuple(problem.mentees[j] for j in column),
        capacity=capacity,
        mentor_virtual=problem.mentor_virtual[mentors],
        mentee_virtual=problem.mentee_virtual[mentees],
        mentor_fields=problem.mentor_fields[mentors],
        mentee_fields=problem.mentee_fields[mentees],
        affinity=None,
        keep_apart=np.array(apart, np.int64).reshape(-1, 2),
        locked=nobody,
        announced=nobody,
        priorities=("unmatched",),
    )
