"""Random matching problems, and the slow, obvious ways to solve them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from matching.engine import PRIORITIES, Problem, from_matrix

FIELDS = ("Biology", "Physics", "Software")
NO_PAIRS = np.zeros((0, 2), np.int64)


def pairs_of(rng, n, m, share):
    """Return a random part of all pairs, as an array (k, 2)."""
    return np.argwhere(rng.random((n, m)) < share).astype(np.int64).reshape(-1, 2)


def random_problem(rng, n, m, *, priorities=PRIORITIES, most=3, locks=True, **changes):
    """Return a random problem of n mentors and m mentees, ids in random order."""
    capacity = rng.integers(0, most + 1, n)
    excluded = pairs_of(rng, n, m, rng.choice([0, 0.1, 0.5]))
    announced = pairs_of(rng, n, m, 0.6 / max(1, n))
    problem = Problem(
        mentors=tuple(f"r{number:04d}" for number in rng.permutation(n)),
        mentees=tuple(f"e{number:04d}" for number in rng.permutation(m)),
        capacity=capacity,
        mentor_virtual=rng.random(n) < 0.3,
        mentee_virtual=rng.random(m) < 0.3,
        mentor_fields=rng.random((n, len(FIELDS))) < 0.3,
        mentee_fields=rng.random((m, len(FIELDS))) < 0.3,
        fields=FIELDS,
        other="Other",
        affinity=from_matrix(rng.integers(0, rng.choice([3, 1001]), (n, m))),
        exclusions=excluded,
        announced=announced,
        priorities=tuple(priorities),
        floor=int(rng.choice([0, 1, 400])),
    )
    if locks:
        forbidden = {tuple(pair) for pair in excluded.tolist()}
        room, locked = capacity.copy(), []
        for mentee in range(m):
            mentor = int(rng.integers(0, 4 * n)) if n else n
            if mentor < n and room[mentor] and (mentor, mentee) not in forbidden:
                room[mentor] -= 1
                locked.append((mentor, mentee))
        changes.setdefault("locked", np.array(locked, np.int64).reshape(-1, 2))
    return replace(problem, **changes)


@st.composite
def small_problems(draw, mentors=4, mentees=5):
    """Draw a problem that brute force can solve, priorities in any order."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, m = draw(st.integers(0, mentors)), draw(st.integers(0, mentees))
    order = draw(st.permutations(PRIORITIES))
    problem = random_problem(rng, n, m, priorities=order, locks=draw(st.booleans()))
    special = draw(st.sampled_from(["", "", "", "no places", "all announced", "no affinity"]))
    if special == "no places":
        problem = replace(problem, capacity=np.zeros(n, np.int64), locked=NO_PAIRS)
    if special == "all announced":
        problem = replace(problem, announced=np.argwhere(np.ones((n, m), bool)).reshape(-1, 2))
    if special == "no affinity":
        problem = replace(problem, affinity=None)
    return problem


def count_tiers(problem, pairs):
    """Return the value of every priority of a list of pairs, counted in plain Python."""
    return tier_counter(problem)(pairs)


def tier_counter(problem):
    """Return a function that counts the value of every priority of a list of pairs."""
    n, m = len(problem.mentors), len(problem.mentees)
    table = np.zeros((n, m)) if problem.affinity is None else problem.affinity(0, n)
    affinity = [[int(cell) for cell in row] for row in table]
    virtual = problem.mentor_virtual.tolist(), problem.mentee_virtual.tolist()
    fields = tuple(
        [{name for name, has in zip(problem.fields, row, strict=True) if has} for row in of]
        for of in (problem.mentor_fields.tolist(), problem.mentee_fields.tolist())
    )
    announced = [tuple(pair) for pair in problem.announced.tolist()]

    def count(pairs):
        load = dict.fromkeys(range(n), 0)
        for mentor, _ in pairs:
            load[mentor] += 1
        value = {
            "unmatched": m - len(pairs),
            "changed": sum(pair not in pairs for pair in announced),
            "spread": sum(count * (count - 1) // 2 for count in load.values()),
            "mixed": sum(virtual[0][i] != virtual[1][j] for i, j in pairs),
            "cross_field": sum(fields[0][i].isdisjoint(fields[1][j]) for i, j in pairs),
            "weak": sum(affinity[i][j] < problem.floor for i, j in pairs),
            "affinity": -sum(affinity[i][j] for i, j in pairs),
        }
        return [value[name] for name in problem.priorities]

    return count


def feasible(problem):
    """Yield every set of pairs that keeps the hard rules, each as a list of pairs."""
    n, m = len(problem.mentors), len(problem.mentees)
    excluded = {tuple(pair) for pair in problem.exclusions.tolist()}
    locked = {mentee: mentor for mentor, mentee in problem.locked.tolist()}
    choices = [
        [locked[mentee]]
        if mentee in locked
        else [None, *(mentor for mentor in range(n) if (mentor, mentee) not in excluded)]
        for mentee in range(m)
    ]
    capacity = problem.capacity.tolist()
    for choice in itertools.product(*choices):
        if all(choice.count(mentor) <= capacity[mentor] for mentor in range(n)):
            yield [(mentor, mentee) for mentee, mentor in enumerate(choice) if mentor is not None]


def brute_force(problem):
    """Return the best reachable value of each tier, by looking at every set of pairs."""
    return min(map(tier_counter(problem), feasible(problem)))


def pair_costs(problem):
    """Return what each pair costs in each tier that pairs cost something in: arrays (n, m)."""
    n, m = len(problem.mentors), len(problem.mentees)
    affinity = np.zeros((n, m), int) if problem.affinity is None else problem.affinity(0, n)
    announced = np.zeros((n, m), int)
    announced[tuple(problem.announced.T)] = -1
    return {
        "changed": announced,
        "mixed": (problem.mentor_virtual[:, None] != problem.mentee_virtual).astype(int),
        "cross_field": 1 - (problem.mentor_fields[:, None] & problem.mentee_fields).any(axis=2),
        "weak": (affinity < problem.floor).astype(int),
        "affinity": -affinity.astype(int),
    }
