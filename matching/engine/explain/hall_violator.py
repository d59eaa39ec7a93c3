"""The smallest set of mentees around one of them that competes for too few places.

Mentees can all be matched exactly when every set of them has enough places at the mentors they can
go to (P. Hall, On representatives of subsets, 1935). A Hall violator, or deficient set, has not.
Those looked for here are minimal: one place is missing, and with any one mentee fewer there would
be enough (a circuit of the transversal matroid; J. Oxley, Matroid Theory, 2011, section 1.6).
Around an unmatched mentee one is at hand: everyone alternating paths reach. It depends on the pairs
that were made, so where several mentees are unmatched a smaller one may exist.

The mentors that a violator leaves out are excluded with everyone in it, so they are among those
excluded with the mentee. Let Z be left out, and A be the mentees who are excluded with all of Z. If
A without the mentee can fill all other places, then around the mentee there is a violator of at
most one mentee more than those places; and the smallest violator is of that size for the mentors
that it leaves out. So the Z with the most places that passes this test gives the smallest violator.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matching.engine.problem import Ints, Problem
from matching.engine.solver.solve import solve

# How many sets of mentors to leave out are looked at, and how many of them are tried by a flow;
# beyond, the violator may not be the smallest.
STEPS, TRIES = 20_000, 20


@dataclass(frozen=True)
class HallViolator:
    """Mentees and all mentors they can go to (indices, by id), and those mentors' places.

    The places are those that locked pairs leave, one fewer than the mentees.
    """

    mentees: tuple[int, ...]
    mentors: tuple[int, ...]
    places: int


@dataclass(frozen=True)
class _Outside:
    """Mentors who are excluded with the same mentees (a set of bits), and their places."""

    mentors: tuple[int, ...]
    mentees: int
    places: int


class HallViolators:
    """The pairs that exclusions allow, and the places that locked pairs leave.

    `pairs` (k, 2) are those of a solution, `room` (n,) is each mentor's places beside locked pairs.
    """

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
        self._excluded: dict[int, list[int]] = {}  # each mentee's mentors
        self._barred = [0] * n  # each mentor's mentees who are not locked, as a set of bits
        for mentor, mentee in problem.exclusions.tolist():
            self._excluded.setdefault(mentee, []).append(mentor)
            if self._open[mentee]:
                self._barred[mentor] |= 1 << mentee
        self._everyone = sum(1 << j for j in np.flatnonzero(self._open).tolist())

    def around(self, mentee: int) -> HallViolator | None:
        """Return the smallest violator around an unmatched mentee (index).

        It has no mentors where the mentee can go to none. None if there is no violator: a place is
        free for the mentee or can be freed, so they are unmatched for another reason.
        """
        violator = self._reached(mentee)
        if violator is None or not violator.mentors:
            return violator
        for left_out, mentees in self._candidates(mentee, len(violator.mentees)):
            smaller = self._filled(mentee, left_out, mentees)
            if smaller:
                return smaller
        return violator

    def _reached(self, mentee: int) -> HallViolator | None:
        """Return everyone alternating paths reach from a mentee; None if a free place is there."""
        unseen = self.room > 0
        mentees, mentors, waiting = {mentee}, [], [mentee]
        while waiting:
            here = unseen.copy()
            here[self._excluded.get(waiting.pop(), [])] = False
            unseen &= ~here
            for mentor in np.flatnonzero(here).tolist():
                mentors.append(mentor)
                waiting += [guest for guest in self._guests[mentor] if guest not in mentees]
                mentees.update(self._guests[mentor])
        if (self._spare[mentors] > 0).any():
            return None
        return HallViolator(
            mentees=tuple(sorted(mentees, key=self.problem.mentees.__getitem__)),
            mentors=tuple(sorted(mentors, key=self.problem.mentors.__getitem__)),
            places=int(self.room[mentors].sum()),
        )

    def _candidates(self, mentee: int, size: int) -> list[tuple[list[int], int]]:
        """Return mentors to leave out with the mentees excluded with them, most places first.

        Only those count that would make the violator smaller than `size`, and leave mentees enough
        to fill the other places.
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
        for mentor in sorted(self._excluded.get(mentee, []), key=self.problem.mentors.__getitem__):
            if self.room[mentor] > 0:
                alike.setdefault(self._barred[mentor], []).append(mentor)
        return [
            _Outside(tuple(mentors), mentees, int(self.room[mentors].sum()))
            for mentees, mentors in alike.items()
        ]

    def _filled(self, mentee: int, left_out: list[int], mentees: int) -> HallViolator | None:
        """Return the violator around a mentee among these, if the others fill all other places."""
        inside = [j for j in range(len(self.problem.mentees)) if mentees >> j & 1]
        others = np.setdiff1d(np.flatnonzero(self.room > 0), left_out)
        part = _part(self.problem, others, np.array(inside, np.int64), self.room[others])
        place = inside.index(mentee)
        nowhere = np.column_stack([np.arange(len(others)), np.full(len(others), place)])
        pairs = solve(replace(part, exclusions=np.vstack([part.exclusions, nowhere]))).pairs
        # While a place is free, the others do not fill them all, wherever paths lead.
        violator = HallViolators(part, pairs)._reached(place)
        if violator is None or len(pairs) < part.capacity.sum():
            return None
        return replace(
            violator,
            mentees=tuple(inside[j] for j in violator.mentees),
            mentors=tuple(int(others[i]) for i in violator.mentors),
        )


def _part(problem: Problem, mentors: Ints, mentees: Ints, capacity: Ints) -> Problem:
    """Return the problem of some of the people who are not locked, in which only places count."""
    row = dict(zip(mentors.tolist(), range(len(mentors)), strict=True))
    column = dict(zip(mentees.tolist(), range(len(mentees)), strict=True))
    excluded = [
        (row[i], column[j]) for i, j in problem.exclusions.tolist() if i in row and j in column
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
        exclusions=np.array(excluded, np.int64).reshape(-1, 2),
        locked=nobody,
        announced=nobody,
        priorities=("unmatched",),
    )
