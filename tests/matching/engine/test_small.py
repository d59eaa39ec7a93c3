"""Small random problems against brute force, in every tier."""

from __future__ import annotations

from hypothesis import given

from matching.engine import certify, solve
from tests.matching.engine.builders import brute_force, count_tiers, small_problems


@given(small_problems())
def test_solution_is_the_best_of_all_sets_of_pairs_and_is_proven(problem):
    solution = solve(problem)

    best = brute_force(problem)
    assert [tier.value for tier in solution.tiers] == best
    assert count_tiers(problem, [tuple(pair) for pair in solution.pairs.tolist()]) == best
    certificate = certify(problem, solution)
    assert (certificate.valid, certificate.problems) == (True, [])
    assert list(certificate.bounds.values()) == best
