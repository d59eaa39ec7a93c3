"""Bins are as even as they can be: the sorted sizes are the least of all ways."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import assign_bins, solve
from matching.engine.bins import even
from matching.engine.solver.flow import NotSolved
from tests.matching.engine.builders import NO_PAIRS, random_problem


def sizes(assignment, columns):
    return sorted(map(list(assignment).count, range(columns)), reverse=True)


def ways(choices):
    """Return the sizes of four columns that are reached by all ways to choose, each once."""
    reached = {(0, 0, 0, 0)}
    for choice in choices:
        reached = {
            tuple(size + (column == chosen) for column, size in enumerate(way))
            for way, chosen in itertools.product(reached, choice)
        }
    return reached


@given(choices=st.lists(st.sets(st.integers(0, 3), min_size=1), max_size=6))
def test_sizes_are_the_most_even_of_all(choices):
    table = np.array([[column in choice for column in range(4)] for choice in choices], bool)

    found = even(table.reshape(-1, 4))

    assert all(column in choice for column, choice in zip(found, choices, strict=True))
    assert sizes(found, 4) == min(sorted(way, reverse=True) for way in ways(choices))


def test_an_item_that_may_go_nowhere_is_an_error():
    with pytest.raises(NotSolved, match=r"^The bins could not be filled: the flow solver answered"):
        even(np.array([[True, False], [False, False]]))


def test_everyone_goes_under_a_field_of_theirs_in_any_order():
    rng = np.random.default_rng(2)
    problem = random_problem(rng, 10, 12)
    solution = solve(problem)

    bins = assign_bins(problem, solution.pairs)

    for (i, j), name in zip(solution.pairs.tolist(), bins.pairs, strict=True):
        column = problem.fields.index(name)
        common = problem.mentor_fields[i] & problem.mentee_fields[j]
        either = problem.mentor_fields[i] | problem.mentee_fields[j]
        assert common[column] if common.any() else either[column]
    matched = set(solution.pairs[:, 1].tolist())
    assert sorted(bins.mentees) == sorted(set(range(12)) - matched)
    assert all(
        problem.mentee_fields[j, problem.fields.index(name)] for j, name in bins.mentees.items()
    )
    turned = assign_bins(problem, solution.pairs[::-1])
    assert turned.pairs == bins.pairs[::-1]
    assert (turned.mentees, turned.mentors) == (bins.mentees, bins.mentors)


def test_unknown_field_goes_to_other():
    rng = np.random.default_rng(2)
    problem = random_problem(
        rng, 2, 2, locks=False, capacity=np.zeros(2, int), mentee_fields=np.zeros((2, 4), bool)
    )

    assert assign_bins(problem, solve(problem).pairs).mentees == {0: "Other", 1: "Other"}


def test_kept_pairs_keep_a_field_that_they_may_go_under():
    fields = np.tile([True, True, False, False], (6, 1))  # the last column is the one for Other
    problem = random_problem(
        np.random.default_rng(2), 6, 6, locks=False, exclusions=NO_PAIRS, capacity=np.ones(6, int)
    )
    problem = replace(problem, mentor_fields=fields, mentee_fields=fields)
    pairs = solve(problem).pairs
    first = tuple(pairs[0].tolist())

    for name in problem.fields[:2]:
        bins = assign_bins(problem, pairs, {first: name}).pairs
        assert bins[0] == name
        assert sorted(bins) == sorted(problem.fields[:2] * 3)
    refused = {first: problem.fields[2], (-1, -1): problem.fields[0]}
    assert assign_bins(problem, pairs, refused) == assign_bins(problem, pairs)
