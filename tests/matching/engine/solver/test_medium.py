"""50 to 300 people against two independent solvers: SciPy's integer program and its assignment."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import coo_array, vstack

from matching.engine import PRIORITIES, certify, solve
from tests.matching.engine.builders import pair_costs, random_problem

# A hundred in the default run, thousands in the long form of the tests (`make soak`).
EXAMPLES = settings().max_examples


def integer_program(problem):
    """Solve the tiers one after another as integer programs, each earlier value held as a row."""
    n, m = len(problem.mentors), len(problem.mentees)
    cost = pair_costs(problem)
    places = [(i, k) for i in range(n) for k in range(min(m, int(problem.capacity[i])))]
    pairs, slots = n * m, len(places)
    size = pairs + slots + m
    objective = {name: np.zeros(size) for name in PRIORITIES}
    for name in ("changed", "mixed", "cross_field", "weak", "affinity"):
        objective[name][:pairs] = cost[name].reshape(-1)
    objective["spread"][pairs : pairs + slots] = [k for _, k in places]
    objective["unmatched"][pairs + slots :] = 1
    i, j = np.divmod(np.arange(pairs), m)
    alone = pairs + slots + np.arange(m)
    mentee = coo_array(
        (np.ones(pairs + m), (np.r_[j, np.arange(m)], np.r_[np.arange(pairs), alone])), (m, size)
    )
    owner = np.array([mentor for mentor, _ in places], int)
    mentor = coo_array(
        (np.r_[np.ones(pairs), -np.ones(slots)], (np.r_[i, owner], np.arange(pairs + slots))),
        (n, size),
    )
    low, high = np.zeros(size), np.ones(size)
    high[[a * m + b for a, b in problem.exclusions.tolist()]] = 0
    low[[a * m + b for a, b in problem.locked.tolist()]] = 1
    rows = [vstack([mentee, mentor])]
    right = [np.r_[np.ones(m), np.zeros(n)]]
    values = []
    for name in problem.priorities:
        result = milp(
            objective[name],
            integrality=np.ones(size),
            bounds=Bounds(low, high),
            constraints=LinearConstraint(
                vstack(rows), np.concatenate(right), np.concatenate(right)
            ),
        )
        assert result.success, result.message
        best = round(result.fun)
        rows.append(coo_array(objective[name][None, :]))
        right.append(np.array([best]))
        values.append(best + (len(problem.announced) if name == "changed" else 0))
    return values


@settings(max_examples=EXAMPLES // 12)
@given(seed=st.integers(0, 2**32 - 1), order=st.permutations(PRIORITIES))
def test_every_tier_equals_the_integer_programs(seed, order):
    rng = np.random.default_rng(seed)
    n, m = rng.integers(5, 16, 2)
    problem = random_problem(rng, int(n), int(m), priorities=order)

    solution = solve(problem)

    assert [tier.value for tier in solution.tiers] == integer_program(problem)
    assert certify(problem, solution).problems == []


@pytest.mark.parametrize("seed", range(EXAMPLES // 4))
def test_unmatched_and_affinity_equal_the_assignment_of_expanded_places(seed):
    """With two tiers, big weights are still exact for SciPy's solver: a place is a row."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 140))
    m = int(rng.integers(30, 160))
    problem = random_problem(rng, n, m, priorities=("unmatched", "affinity"), locks=False, floor=0)
    table = -1_000_000 - problem.affinity(0, n).astype(np.int64)
    table[tuple(problem.exclusions.T)] = 0
    places = np.repeat(table, problem.capacity, axis=0)
    gains = -places[linear_sum_assignment(places)]
    made = gains > 0

    solution = solve(problem)

    assert [tier.value for tier in solution.tiers] == [
        m - int(made.sum()),
        -int((gains[made] - 1_000_000).sum()),
    ]
    assert certify(problem, solution).problems == []
