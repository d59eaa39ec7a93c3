"""Rematches with few pairs changed, against every way there is."""

import itertools
import os
import random
from dataclasses import replace

import numpy as np
import pytest

from matching.engine import PRIORITIES, Problem, from_matrix, mentees_for, mentors_for
from matching.engine.tiers import values


def random_problem(chance):
    """Return a problem, how many mentees each mentor has beside these, and present pairs."""
    n, m = chance.randint(1, 4), chance.randint(1, 5)
    rng = np.random.default_rng(chance.randrange(10**6))
    pairs = []
    load = [0] * n
    for j in range(m):
        i = chance.randrange(-1, n)
        if i >= 0:
            pairs.append((i, j))
            load[i] += 1
    taken = [chance.randint(0, 1) for _ in range(n)]
    capacity = [load[i] + taken[i] + chance.choice((0, 0, 1)) for i in range(n)]
    excluded = [
        (i, j) for i in range(n) for j in range(m) if (i, j) not in pairs and chance.random() < 0.2
    ]
    problem = Problem(
        mentors=tuple(f"r{i}" for i in range(n)),
        mentees=tuple(f"e{j}" for j in range(m)),
        capacity=np.array(capacity),
        mentor_virtual=rng.random(n) < 0.4,
        mentee_virtual=rng.random(m) < 0.4,
        mentor_fields=rng.random((n, 2)) < 0.6,
        mentee_fields=rng.random((m, 2)) < 0.6,
        fields=("a", "b"),
        affinity=from_matrix(rng.integers(0, 1001, (n, m))),
        exclusions=np.array(excluded, np.int64).reshape(-1, 2),
        priorities=tuple(chance.sample(PRIORITIES, len(PRIORITIES))),
        floor=chance.choice((0, 400)),
    )
    return problem, np.array(taken, np.int64), np.array(pairs, np.int64).reshape(-1, 2)


def counted(problem, taken, pairs):
    """Return the value of each priority, with mentees at all places that others take."""
    extra = [i for i, number in enumerate(taken.tolist()) for _ in range(number)]
    m, k = len(problem.mentees), len(extra)
    block = problem.affinity(0, len(problem.mentors))
    whole = replace(
        problem,
        mentees=(*problem.mentees, *(f"x{x}" for x in range(k))),
        mentee_virtual=np.r_[problem.mentee_virtual, np.zeros(k, bool)],
        mentee_fields=np.vstack([problem.mentee_fields, np.zeros((k, len(problem.fields)), bool)]),
        affinity=from_matrix(np.hstack([block, np.zeros((len(block), k), np.int64)])),
    )
    others = [(i, m + x) for x, i in enumerate(extra)]
    found = values(whole, np.array([*pairs, *others], np.int64).reshape(-1, 2))
    return {name: found[name] for name in problem.priorities}


def all_ways(problem, taken, pairs, mentee):
    """Return every way that ends with free places, by hand: at most two others move."""
    excluded = set(map(tuple, problem.exclusions.tolist()))
    mentor_of = {j: i for i, j in pairs.tolist()}
    load = taken + np.bincount(pairs[:, 0], minlength=len(problem.mentors))
    room = problem.capacity - load
    mentors = range(len(problem.mentors))
    others = [j for j in mentor_of if j != mentee]
    for number in range(3):
        for moved in itertools.permutations(others, number):
            who = (mentee, *moved)
            for end in mentors:
                to = [*(mentor_of[j] for j in moved), end]
                if len(set(to)) < len(to) or mentor_of.get(mentee) in to:
                    continue
                if room[end] < 1 or any(room[i] > 0 for i in to[:-1]):
                    continue
                if any((i, j) in excluded for j, i in zip(who, to, strict=True)):
                    continue
                yield tuple(zip(who, to, strict=True))


@pytest.mark.parametrize("seed", range(120 if "SOAK" in os.environ else 40))
def test_each_mentor_is_named_with_the_best_of_all_ways(seed):
    problem, taken, pairs = random_problem(random.Random(seed))
    announced = [pair for pair in pairs.tolist() if pair[1] == 0]
    problem = replace(problem, announced=np.array(announced, np.int64).reshape(-1, 2))
    now = counted(problem, taken, pairs.tolist())
    best = {}
    for way in all_ways(problem, taken, pairs, 0):
        moved = {j for j, _ in way}
        after = [tuple(p) for p in pairs.tolist() if p[1] not in moved] + [(i, j) for j, i in way]
        then = counted(problem, taken, after)
        change = {name: then[name] - now[name] for name in problem.priorities}
        first = way[0][1]
        best[first] = min(best.get(first, [change]), [change], key=lambda c: [*c[0].values()])

    found = mentors_for(problem, taken, pairs, 0)

    assert {one.moves[0][1]: [one.change] for one in found} == best
    order = [(one.needs_room, *one.change.values()) for one in found]
    assert order == sorted(order)


def test_a_mentor_who_is_kept_apart_gets_nobody():
    kept_apart = 0
    for seed in range(40):
        problem, taken, pairs = random_problem(random.Random(seed))
        for mentor in {one.moves[-1][1] for one in mentors_for(problem, taken, pairs, 0)}:
            kept_apart += 1
            found = mentors_for(problem, taken, pairs, 0, [mentor])
            assert all(mentor not in (i for _, i in one.moves) for one in found)
    assert kept_apart > 10


@pytest.mark.parametrize("seed", range(40))
def test_a_mentor_gets_any_unmatched_mentee_instead(seed):
    problem, taken, pairs = random_problem(random.Random(seed))
    excluded = set(map(tuple, problem.exclusions.tolist()))
    matched = set(pairs[:, 1].tolist())
    for mentor, ending in pairs.tolist():
        rest = [tuple(p) for p in pairs.tolist() if p[1] != ending]
        now, free = counted(problem, taken, pairs.tolist()), {}
        for j in range(len(problem.mentees)):
            if j not in matched and (mentor, j) not in excluded:
                then = counted(problem, taken, [*rest, (mentor, j)])
                free[j] = {name: then[name] - now[name] for name in problem.priorities}
        found = mentees_for(problem, taken, pairs, mentor, ending)
        assert {one.moves[0][0]: one.change for one in found} == free
        assert [*map(problem_order, found)] == sorted(map(problem_order, found))


def problem_order(chain):
    return [*chain.change.values()]
