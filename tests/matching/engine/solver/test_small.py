"""Small random problems against brute force, in every tier."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from matching.engine import certify, solve
from matching.engine.solver import phases
from tests.matching.engine.builders import (
    brute_force,
    count_tiers,
    random_problem,
    small_problems,
)


@pytest.fixture(params=["usual", "few candidates", "one tier a phase", "radix too small"])
def way(request, monkeypatch):
    """Set the engine's usual way, then ways that only large problems would make it go."""
    if request.param != "usual":
        monkeypatch.setattr(phases, "FIRST", 1)
        monkeypatch.setattr(phases, "ADDED", 1)
        monkeypatch.setattr(phases, "FIRST_PLACES", 1)
    if request.param == "one tier a phase":
        monkeypatch.setattr(phases, "WEIGHT_LIMIT", 0)
    if request.param == "radix too small":
        monkeypatch.setattr(phases, "USUAL_RADIX", {})
        monkeypatch.setattr(phases, "OTHER_RADIX", 2)


# Half as many for each of the four ways; `way` holds for all examples.
@settings(max_examples=settings().max_examples // 3, suppress_health_check=list(HealthCheck))
@given(problem=small_problems())
def test_solution_is_the_best_of_all_sets_of_pairs_and_is_proven(way, problem):
    solution = solve(problem)

    best = brute_force(problem)
    assert [tier.value for tier in solution.tiers] == best
    assert [tier.bound for tier in solution.tiers] == best
    assert count_tiers(problem, [tuple(pair) for pair in solution.pairs.tolist()]) == best
    certificate = certify(problem, solution)
    assert (certificate.valid, certificate.problems) == (True, [])
    assert list(certificate.bounds.values()) == best


def test_who_listens_hears_of_every_tier_and_changes_nothing(monkeypatch):
    problem = random_problem(np.random.default_rng(1), 5, 8)
    monkeypatch.setattr(phases, "WEIGHT_LIMIT", 0)
    heard = []

    solution = solve(problem, lambda *told: heard.append(told))

    live = max(of for *_, of in heard)
    assert list(dict.fromkeys(heard)) == [(done, 1, live) for done in range(live)]
    assert solution.pairs.tolist() == solve(problem).pairs.tolist()


def test_who_listens_can_end_it():
    def stop(*told):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve(random_problem(np.random.default_rng(1), 5, 8), stop)
