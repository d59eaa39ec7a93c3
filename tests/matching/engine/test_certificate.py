"""A certificate accepts what the solver found and refuses everything that was tampered with."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest

from matching.engine import Tier, certify, solve
from tests.matching.engine.builders import NO_PAIRS, random_problem

STEPS = (-5, 1, -1, 5)


@pytest.fixture(params=range(8), scope="module")
def solved(request):
    rng = np.random.default_rng(request.param)
    problem = random_problem(rng, 12, 14)
    return problem, solve(problem)


def with_pairs(solution, pairs):
    return replace(solution, pairs=np.array(pairs, np.int64).reshape(-1, 2))


def test_untouched_solution_is_valid(solved):
    problem, solution = solved

    certificate = certify(problem, solution)

    assert (certificate.valid, certificate.problems) == (True, [])


def test_every_dropped_pair_is_noticed(solved):
    problem, solution = solved
    for place in range(len(solution.pairs)):
        assert not certify(problem, with_pairs(solution, np.delete(solution.pairs, place, 0))).valid


def test_every_doubled_pair_is_noticed(solved):
    problem, solution = solved
    for place in range(len(solution.pairs)):
        doubled = np.vstack([solution.pairs, solution.pairs[place]])
        mentee = problem.mentees[solution.pairs[place, 1]]
        assert (
            f"{mentee} has 2 mentors." in certify(problem, with_pairs(solution, doubled)).problems
        )


def test_every_swap_that_is_not_as_good_is_noticed(solved):
    problem, solution = solved
    tried = 0
    for a in range(len(solution.pairs)):
        for b in range(a):
            pairs = solution.pairs.copy()
            pairs[[a, b], 1] = pairs[[b, a], 1]
            certificate = certify(problem, with_pairs(solution, pairs))
            if certificate.valid:  # an equally good optimum: it must really be one
                again = [tier.value for tier in solution.tiers]
                assert list(certificate.bounds.values()) == again
            else:
                tried += 1
    assert tried > 0


def test_pair_over_capacity_is_named(solved):
    problem, solution = solved
    mentor = int(np.argmin(problem.capacity))
    extra = problem.capacity[mentor] + 1
    pairs = [(mentor, mentee) for mentee in range(extra)]

    problems = certify(problem, with_pairs(solution, pairs)).problems

    assert (
        f"{problem.mentors[mentor]} has {extra} {'mentee' if extra == 1 else 'mentees'} "
        f"but a capacity of {problem.capacity[mentor]}."
    ) in problems


def test_excluded_pair_and_missing_locked_pair_are_named():
    rng = np.random.default_rng(5)
    problem = random_problem(rng, 6, 6, locks=False, capacity=np.ones(6, np.int64))
    solution = solve(problem)
    i, j = solution.pairs[0].tolist()
    other = next(k for k in range(6) if k != i)
    excluded = replace(problem, exclusions=np.array([[i, j]]))
    locked = replace(problem, locked=np.array([[other, j]]), exclusions=NO_PAIRS)

    assert certify(excluded, solution).problems == [
        f"{problem.mentors[i]} and {problem.mentees[j]} are paired but marked “do not match”."
    ]
    assert certify(locked, solution).problems == [
        f"{problem.mentors[other]} and {problem.mentees[j]} are locked but not paired."
    ]


@pytest.mark.parametrize("change", [{"value": 1}, {"bound": 1}, {"bound": -1}])
def test_every_wrong_value_or_bound_is_noticed(solved, change):
    problem, solution = solved
    for place, tier in enumerate(solution.tiers):
        tiers = list(solution.tiers)
        tiers[place] = Tier(
            tier.name,
            tier.value + change.get("value", 0),
            tier.bound + change.get("bound", 0),
        )
        assert not certify(problem, replace(solution, tiers=tuple(tiers))).valid


def test_wrong_prices_never_prove_anything_else(solved):
    """A changed price may still be a proof; then it proves the same values.

    Each price is changed by one of the steps, and by all of them in the long form of the tests.
    """
    problem, solution = solved
    refused = 0
    for name in ("mentor_price", "mentee_price"):
        for number, cell in enumerate(np.ndindex(getattr(solution, name).shape)):
            for step in STEPS if "SOAK" in os.environ else [STEPS[number % len(STEPS)]]:
                prices = getattr(solution, name).copy()
                prices[cell] += step
                certificate = certify(problem, replace(solution, **{name: prices}))
                if certificate.valid:
                    assert list(certificate.bounds.values()) == [t.value for t in solution.tiers]
                else:
                    refused += 1
    assert refused > 30


@pytest.mark.parametrize("power", [8, 16, 31])
def test_price_that_is_off_by_a_power_of_two_is_not_taken_for_another(power):
    """The certificate counts in numbers as short as the prices allow, and no shorter."""
    problem = random_problem(
        np.random.default_rng(5), 6, 8, locks=False, exclusions=NO_PAIRS, capacity=np.ones(6, int)
    )
    solution = solve(problem)
    prices = solution.mentee_price.copy()
    prices[0, np.setdiff1d(np.arange(8), solution.pairs[:, 1])] += 2**power

    assert certify(problem, solution).valid
    assert not certify(problem, replace(solution, mentee_price=prices)).valid


def test_solution_of_another_problem_is_refused(solved):
    problem, solution = solved
    more = replace(problem, capacity=problem.capacity + 1)

    assert not certify(more, solution).valid


def test_tiers_in_another_order_are_refused(solved):
    problem, solution = solved
    turned = replace(problem, priorities=problem.priorities[::-1])

    assert certify(turned, solution).problems[0].startswith("The tiers are unmatched, changed")


@pytest.mark.parametrize("bad", ["shape", "kind", "size"])
def test_malformed_prices_are_refused(solved, bad):
    problem, solution = solved
    prices = {
        "shape": solution.mentor_price[:, :-1],
        "kind": solution.mentor_price.astype(float),
        "size": solution.mentor_price + 2**50,
    }[bad]

    assert not certify(problem, replace(solution, mentor_price=prices)).valid
