"""The same people give the same pairs, in whatever order they and their fields are listed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matching.engine import Problem, ProblemError, assign_bins, certify, from_matrix, solve
from matching.engine.solver.core import core_of
from tests.matching.engine.builders import NO_PAIRS, random_problem


def by_name(problem, solution):
    return [(problem.mentors[i], problem.mentees[j]) for i, j in solution.pairs.tolist()]


def shuffled(rng, problem):
    """Return the same problem with mentors, mentees, fields and listed pairs in another order."""
    n, m = len(problem.mentors), len(problem.mentees)
    rows, columns = rng.permutation(n), rng.permutation(m)
    fields = rng.permutation(len(problem.fields))
    row, column = np.argsort(rows), np.argsort(columns)

    def moved(pairs):
        return rng.permutation(np.column_stack([row[pairs[:, 0]], column[pairs[:, 1]]]))

    return Problem(
        mentors=tuple(problem.mentors[k] for k in rows),
        mentees=tuple(problem.mentees[k] for k in columns),
        capacity=problem.capacity[rows],
        mentor_virtual=problem.mentor_virtual[rows],
        mentee_virtual=problem.mentee_virtual[columns],
        mentor_fields=problem.mentor_fields[np.ix_(rows, fields)],
        mentee_fields=problem.mentee_fields[np.ix_(columns, fields)],
        fields=tuple(problem.fields[k] for k in fields),
        affinity=from_matrix(problem.affinity(0, n)[np.ix_(rows, columns)]),
        exclusions=moved(problem.exclusions),
        locked=moved(problem.locked),
        announced=moved(problem.announced),
        floor=problem.floor,
    )


@pytest.mark.parametrize(("seed", "n", "m"), [(1, 12, 14), (2, 140, 160), (3, 150, 150)])
def test_any_order_gives_the_same_pairs_and_bins(seed, n, m):
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, n, m)
    # Few different affinities: many equally good results, always the same one of which is returned.
    problem = replace(problem, affinity=from_matrix(rng.integers(0, 3, (n, m))))
    solution = solve(problem)
    bins = assign_bins(problem, solution.pairs)

    for _ in range(5):
        other = shuffled(rng, problem)
        again = solve(other)
        assert by_name(other, again) == by_name(problem, solution)
        assert again.tiers == solution.tiers
        assert assign_bins(other, again.pairs).pairs == bins.pairs


def test_second_proposal_changes_no_announced_pair():
    problem = random_problem(np.random.default_rng(4), 60, 70, announced=NO_PAIRS)
    solution = solve(problem)

    again = solve(replace(problem, announced=solution.pairs))

    assert again.tiers[1].value == 0
    assert again.pairs.tolist() == solution.pairs.tolist()


def test_affinity_may_come_in_blocks():
    rng = np.random.default_rng(6)
    table = rng.integers(0, 1001, (40, 50))
    problem = random_problem(rng, 40, 50, affinity=from_matrix(table))
    asked = []

    def blocks(start, stop):
        asked.append((start, stop))
        return table[start:stop]

    solution = solve(replace(problem, affinity=blocks))

    # To solve, and to count what the pairs are worth.
    assert asked == [(0, 40), (0, 40)]
    assert solution.pairs.tolist() == solve(problem).pairs.tolist()


@pytest.mark.parametrize("locks", [False, True])
def test_a_table_of_affinity_is_read_where_it_is(locks):
    problem = random_problem(np.random.default_rng(8), 40, 50, locks=locks)
    core = core_of(problem)
    rows, columns = (grid.ravel() for grid in np.indices(core.shape))

    in_order = problem.affinity.array[np.ix_(core.mentors, core.mentees)]
    assert core.affinity.table is problem.affinity.array
    assert core.affinity.block(0, len(core.mentors)).tolist() == in_order.tolist()
    assert core.affinity.of_pairs(rows, columns).tolist() == in_order.ravel().tolist()


@pytest.mark.parametrize(
    ("blocks", "sentence"),
    [
        (lambda start, stop: np.full((stop - start, 5), 1001), "from 1001 to 1001"),
        (lambda start, stop: np.zeros((stop - start, 4), int), r"has the shape \(5, 4\)"),
    ],
)
def test_blocks_that_are_not_as_promised_are_refused(blocks, sentence):
    problem = random_problem(
        np.random.default_rng(6), 5, 5, locks=False, capacity=np.ones(5, int), affinity=blocks
    )

    with pytest.raises(ProblemError, match=sentence):
        solve(problem)


def test_equal_choices_and_huge_capacities_are_proven_too():
    rng = np.random.default_rng(7)
    problem = random_problem(rng, 90, 110, locks=False, affinity=None, capacity=np.full(90, 2**30))

    solution = solve(problem)

    assert certify(problem, solution).problems == []
    assert solution.tiers[0].value == 0
