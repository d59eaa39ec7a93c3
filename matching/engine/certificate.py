"""Proof that a solution is the best, by code that shares nothing with the solver.

The hard rules are recounted from the problem. Each tier's lower bound comes from its prices by weak
duality (R. K. Ahuja, T. L. Magnanti and J. B. Orlin, Network Flows, 1993, section 9.4).
With p a mentor's and q a mentee's price in a tier, a choice has the reduced cost

    pair:       cost + p[mentor] - q[mentee]
    place:      cost - p[mentor]            (a mentor's k-th place costs k - 1 in the tier `spread`)
    unmatched:  cost - q[mentee]

and no matching costs less than the sum of all q, plus every negative reduced cost. Where this sum
equals the value reached, a choice with a positive reduced cost is in no optimum and one with a
negative reduced cost is in every optimum (complementary slackness); the next tiers need to look
only at what is left. All numbers are whole; nothing is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.engine.problem import AFFINITY_MAX, Ints, Problem, ProblemError
from matching.engine.sentences import counted
from matching.engine.solution import Solution

CELLS = 1 << 17  # so many pairs are recounted at once
PAIRS_COST = {"changed", "mixed", "cross_field", "weak", "affinity"}  # in these tiers
PRICE_LIMIT = 1 << 32  # up to this, the sum over a block of pairs stays far below 2^63


@dataclass(frozen=True)
class Certificate:
    """Whether a solution is proven best; if not, `problems` says why, one sentence each.

    `bounds` has the recounted lower bound of each tier, and is empty where a hard rule is broken.
    """

    valid: bool
    problems: list[str]
    bounds: dict[str, int]


def certify(problem: Problem, solution: Solution) -> Certificate:
    """Return whether a solution is proven, by recounting its hard rules, values and bounds.

    Raise ProblemError if the affinity is out of range.
    """
    problems = _hard_rules(problem, solution.pairs)
    names = tuple(tier.name for tier in solution.tiers)
    if names != problem.priorities:
        problems.append(f"The tiers are {', '.join(names)}, not {', '.join(problem.priorities)}.")
    problems += _prices(problem, solution)
    if problems:
        return Certificate(False, problems, {})
    values, bounds = _Recount(problem, solution).run()
    for tier in solution.tiers:
        value, bound = values[tier.name], bounds[tier.name]
        if tier.value != value:
            problems.append(f"The value of {tier.name} is {value}, not {tier.value} as stated.")
        if tier.bound != bound:
            problems.append(f"The bound of {tier.name} is {bound}, not {tier.bound} as stated.")
        if value != bound:
            problems.append(
                f"It is not proven that {value} is the least possible for {tier.name}: "
                f"the prices only show that it is at least {bound}."
            )
            break
    return Certificate(not problems, problems, bounds)


def _hard_rules(problem: Problem, pairs: Ints) -> list[str]:
    n, m = len(problem.mentors), len(problem.mentees)
    if pairs.ndim != 2 or pairs.shape[1:] != (2,) or pairs.dtype.kind != "i":
        return ["The pairs are not an array with the numbers of a mentor and a mentee in each row."]
    if pairs.size and (pairs.min() < 0 or pairs[:, 0].max() >= n or pairs[:, 1].max() >= m):
        return ["A pair names a mentor or mentee who is not there."]
    mentors, mentees = problem.mentors, problem.mentees
    times = np.bincount(pairs[:, 1], minlength=m)
    load = np.bincount(pairs[:, 0], minlength=n)
    excluded = problem.exclusions[_among(pairs, problem.exclusions, m)]
    missing = problem.locked[~_among(pairs, problem.locked, m)]
    return [
        *(f"{mentees[j]} has {times[j]} mentors." for j in np.flatnonzero(times > 1)),
        *(
            f"{mentors[i]} has {counted(load[i], 'mentee')} but a capacity of "
            f"{problem.capacity[i]}."
            for i in np.flatnonzero(load > problem.capacity)
        ),
        *(
            f"{mentors[i]} and {mentees[j]} are paired but marked “do not match”."
            for i, j in excluded.tolist()
        ),
        *(f"{mentors[i]} and {mentees[j]} are locked but not paired." for i, j in missing.tolist()),
    ]


def _among(pairs: Ints, asked: Ints, m: int) -> NDArray[np.bool_]:
    """Return for each of the asked pairs (k, 2) whether it is among the pairs, shape (k,)."""
    if not len(pairs):
        return np.zeros(len(asked), np.bool_)
    made = np.sort(pairs[:, 0] * m + pairs[:, 1])
    keys = asked[:, 0] * m + asked[:, 1]
    found: NDArray[np.bool_] = made[np.searchsorted(made, keys).clip(max=len(made) - 1)] == keys
    return found


def _prices(problem: Problem, solution: Solution) -> list[str]:
    tiers = len(problem.priorities)
    for array, count in (
        (solution.mentor_price, len(problem.mentors)),
        (solution.mentee_price, len(problem.mentees)),
    ):
        if array.shape != (tiers, count) or array.dtype != np.int64:
            return ["The prices are not whole numbers, one for each tier and person."]
        if max(map(abs, _range(array))) > PRICE_LIMIT:
            return ["The prices are too large to be added up exactly."]
    return []


def _range(numbers: Ints) -> tuple[int, int]:
    """Return the smallest and the largest of these numbers and 0."""
    return int(numbers.min(initial=0)), int(numbers.max(initial=0))


@dataclass
class _OpenChoices:
    """Which of k choices are still `free` (k,); indices of those that every optimum makes."""

    free: NDArray[np.bool_]
    certain: Ints


class _Recount:
    """Values and bounds of all tiers in one pass over the pairs, a block of mentors at a time."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem = problem
        self.p, self.q = solution.mentor_price, solution.mentee_price
        most = [
            max(map(abs, (*_range(p), *_range(q)))) for p, q in zip(self.p, self.q, strict=True)
        ]
        # The shortest whole numbers that hold each tier's reduced costs of pairs.
        self.kind = [np.min_scalar_type(-2 * size - AFFINITY_MAX) for size in most]
        self.pairs = solution.pairs[np.argsort(solution.pairs[:, 0], kind="stable")]
        self.values = dict.fromkeys(problem.priorities, 0)
        self.bounds = {
            name: sum(self.q[tier].tolist()) for tier, name in enumerate(problem.priorities)
        }
        self.locked = np.zeros(len(problem.mentees), np.bool_)
        self.locked[problem.locked[:, 1]] = True

    def run(self) -> tuple[dict[str, int], dict[str, int]]:
        """Return every tier's value and lower bound, by its name."""
        problem = self.problem
        n, m = len(problem.mentors), len(problem.mentees)
        step = max(1, CELLS // max(1, m))
        for start in range(0, n, step):
            self._pairs(start, min(n, start + step))
        self._places()
        self._unmatched()
        for totals in (self.values, self.bounds):
            if "changed" in totals:
                totals["changed"] += len(problem.announced)
        return self.values, self.bounds

    def _add(self, choices: _OpenChoices, name: str, reduced: NDArray[Any]) -> None:
        """Count a tier's reduced costs into its bound, and settle the choices that it decides."""
        decided = reduced != 0
        if not decided.any():
            return
        gains = np.flatnonzero((reduced < 0) & choices.free)
        if len(gains):
            choices.certain = np.concatenate([choices.certain, gains])
        self.bounds[name] += int(reduced[choices.certain].sum(dtype=np.int64))
        choices.free &= ~decided

    def _pairs(self, start: int, stop: int) -> None:
        """Count the pairs of mentors start..stop-1 into values and bounds."""
        problem = self.problem
        m = len(problem.mentees)
        free = np.ones((stop - start, m), np.bool_)
        free[:, self.locked] = False
        free[self._here(problem.exclusions, start, stop)] = False
        rows, columns = self._here(problem.locked, start, stop)
        choices = _OpenChoices(free.reshape(-1), rows * m + columns)
        first, last = np.searchsorted(self.pairs[:, 0], [start, stop])
        made = (self.pairs[first:last, 0] - start, self.pairs[first:last, 1])
        for tier, name in enumerate(problem.priorities):
            p, q = (
                price[tier].astype(self.kind[tier]) for price in (self.p[:, start:stop], self.q)
            )
            reduced = p[:, None] - q
            if name in PAIRS_COST:
                cost = self._cost(name, start, stop)
                self.values[name] += int(cost[made].sum(dtype=np.int64))
                reduced += cost
            self._add(choices, name, reduced.reshape(-1))

    def _here(self, pairs: Ints, start: int, stop: int) -> tuple[Ints, Ints]:
        """Return those of the pairs whose mentor is in start..stop-1, rows counted from start."""
        here = pairs[(pairs[:, 0] >= start) & (pairs[:, 0] < stop)]
        return here[:, 0] - start, here[:, 1]

    def _cost(self, name: str, start: int, stop: int) -> NDArray[Any]:
        """Return what each pair of mentors start..stop-1 costs in a tier, shape (rows, m)."""
        problem = self.problem
        shape = stop - start, len(problem.mentees)
        if name == "mixed":
            virtual = problem.mentor_virtual[start:stop, None]
            return np.not_equal(virtual, problem.mentee_virtual)
        if name == "cross_field":
            apart = np.ones(shape, np.bool_)
            for field in range(len(problem.fields)):
                both = np.ix_(
                    np.flatnonzero(problem.mentor_fields[start:stop, field]),
                    np.flatnonzero(problem.mentee_fields[:, field]),
                )
                apart[both] = False
            return apart
        cost = np.zeros(shape, np.int16)
        if name == "changed":
            cost[self._here(problem.announced, start, stop)] = -1
            return cost
        affinity = cost if problem.affinity is None else problem.affinity(start, stop)
        if affinity.size and not 0 <= affinity.min() <= affinity.max() <= AFFINITY_MAX:
            raise ProblemError(f"The affinity must be from 0 to {AFFINITY_MAX}.")
        return cost - affinity if name == "affinity" else affinity < problem.floor

    def _places(self) -> None:
        """Count the mentors' places; locked pairs fill the first ones in any case."""
        problem = self.problem
        n = len(problem.mentors)
        filled = np.bincount(problem.locked[:, 0], minlength=n)
        load = np.bincount(self.pairs[:, 0], minlength=n)
        places = np.minimum(problem.capacity, filled + int((~self.locked).sum()))
        step = max(1, CELLS // max(1, int(places.max(initial=1))))
        for start in range(0, n, step):
            here = places[start : start + step]
            owner = np.repeat(np.arange(start, start + len(here)), here)
            place = np.arange(len(owner)) - np.repeat(np.cumsum(here) - here, here)
            choices = _OpenChoices(place >= filled[owner], np.flatnonzero(place < filled[owner]))
            for tier, name in enumerate(problem.priorities):
                reduced = -self.p[tier, owner]
                if name == "spread":
                    self.values[name] += int(place[place < load[owner]].sum())
                    reduced += place
                self._add(choices, name, reduced)

    def _unmatched(self) -> None:
        """Count the unmatched mentees, and what leaving each of the others unmatched would do."""
        problem = self.problem
        choices = _OpenChoices(~self.locked, np.zeros(0, np.int64))
        lone = np.ones(len(self.locked), np.bool_)
        lone[self.pairs[:, 1]] = False
        for tier, name in enumerate(problem.priorities):
            reduced = -self.q[tier]
            if name == "unmatched":
                self.values[name] += int(lone.sum())
                reduced += 1
            self._add(choices, name, reduced)
