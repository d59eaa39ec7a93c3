"""The exact loss of every other mentor, against all sets of pairs and against solving again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from matching.engine import alternatives, solve
from matching.engine.explain import residual
from tests.matching.engine.builders import (
    feasible,
    random_problem,
    small_problems,
    tier_counter,
)


def losses_by_brute_force(problem):
    """Return each pair's least loss, by its mentee and mentor, by looking at every set of pairs."""
    count = tier_counter(problem)
    ranked = [(count(pairs), pairs) for pairs in feasible(problem)]
    best = min(ranked)[0]
    found = {mentee: {} for mentee in range(len(problem.mentees))}
    for values, pairs in ranked:
        loss = [value - least for value, least in zip(values, best, strict=True)]
        for i, j in pairs:
            found[j][i] = min(found[j].get(i, loss), loss)
    return found


def as_lists(found):
    return {one.mentor: list(one.loss.values()) for one in found}


@settings(max_examples=settings().max_examples // 3)
@given(problem=small_problems(mentors=3, mentees=4))
def test_losses_are_those_of_the_best_of_all_sets_of_pairs(problem):
    solution = solve(problem)
    current = dict(solution.pairs[:, ::-1].tolist())
    for mentee, expected in losses_by_brute_force(problem).items():
        found = alternatives(problem, solution, mentee)
        expected.pop(current.get(mentee), None)
        if mentee in problem.locked[:, 1]:
            expected = {}
        assert as_lists(found) == expected
        order = [(list(one.loss.values()), problem.mentors[one.mentor]) for one in found]
        assert order == sorted(order)


def test_search_equals_solving_again(monkeypatch):
    rng = np.random.default_rng(3)
    problem = random_problem(rng, 15, 18)
    solution = solve(problem)
    free = np.setdiff1d(np.arange(18), problem.locked[:, 1]).tolist()
    searched = [alternatives(problem, solution, mentee) for mentee in free]

    monkeypatch.setattr(residual, "ROOM", 2**40)

    assert [alternatives(problem, solution, mentee) for mentee in free] == searched
    assert any(searched)


def test_five_alternatives_at_500_people():
    rng = np.random.default_rng(1)
    problem = replace(random_problem(rng, 225, 275, locks=False), floor=300)
    solution = solve(problem)

    found = [alternatives(problem, solution, mentee, 5) for mentee in range(10)]

    assert [len(one) for one in found] == [5] * 10
    forced = solve(replace(problem, locked=np.array([[found[0][4].mentor, 0]])))
    assert list(found[0][4].loss.values()) == [
        then.value - now.value for then, now in zip(forced.tiers, solution.tiers, strict=True)
    ]
