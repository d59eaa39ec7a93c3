"""The smallest Hall violator around an unmatched mentee, against a look at all groups."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matching.engine import PRIORITIES, Problem, explain_unmatched, solve
from matching.engine.explain.hall_violator import HallViolators
from tests.matching.engine.builders import NO_PAIRS, pairs_of, random_problem


def scarce(seed, order=PRIORITIES):
    """Return a problem with few places and many exclusions."""
    rng = np.random.default_rng(seed)
    excluded = pairs_of(rng, 5, 8, 0.6)
    places = rng.choice([1, 1, 1, 2], 5)
    return random_problem(
        rng,
        5,
        8,
        priorities=order,
        exclusions=excluded,
        locks=False,
        capacity=places,
        announced=NO_PAIRS,
    )


def smallest(problem):
    """Return for each mentee the size of the smallest group that is too large by just one."""
    everyone = range(len(problem.mentees))
    allowed = np.ones((len(problem.mentors), len(everyone)), bool)
    allowed[tuple(problem.exclusions.T)] = False
    mentors = [set(np.flatnonzero(allowed[:, j]).tolist()) for j in everyone]
    capacity = problem.capacity.tolist()
    placed, sizes = {frozenset()}, {}
    for size in range(1, len(everyone) + 1):
        for group in map(frozenset, combinations(everyone, size)):
            if not all(group - {left} in placed for left in group):
                continue
            places = sum(capacity[i] for i in set().union(*(mentors[j] for j in group)))
            if places >= size:  # P. Hall's condition, of which the parts were asked before
                placed.add(group)
            else:  # smaller groups come first
                sizes = dict.fromkeys(group, size) | sizes
    return sizes


@settings(max_examples=settings().max_examples // 3)
@given(
    seed=st.integers(0, 2**32 - 1),
    order=st.sampled_from([PRIORITIES, ("mixed", "unmatched", "affinity")]),
)
@example(seed=278, order=PRIORITIES)  # of several that are smaller only one is the smallest
def test_no_group_is_smaller(seed, order):
    problem = scarce(seed, order)

    least = smallest(problem)
    for one in explain_unmatched(problem, solve(problem)):
        if one.reason == "places":
            assert one.places == len(one.mentees) - 1
            assert len(one.mentees) == least[one.mentee]
        elif one.reason == "priority":
            assert order != PRIORITIES


@pytest.fixture
def two_left():
    """Return a problem with two places too few; una, vic and wim can only go to mo and no."""
    excluded = {
        "una": ["xi"],
        "vic": ["xi", "no"],
        "wim": ["xi", "mo"],
        "tom": ["mo"],
        "sue": ["mo", "no"],
    }
    mentors, mentees = ("mo", "no", "xi"), tuple(excluded)
    return Problem(
        mentors=mentors,
        mentees=mentees,
        capacity=np.array([1, 1, 1]),
        mentor_virtual=np.zeros(3, bool),
        mentee_virtual=np.zeros(5, bool),
        mentor_fields=np.zeros((3, 0), bool),
        mentee_fields=np.zeros((5, 0), bool),
        fields=(),
        exclusions=np.array(
            [[mentors.index(a), mentees.index(b)] for b, names in excluded.items() for a in names]
        ),
    )


def test_a_smaller_violator_than_the_one_at_hand_is_found(two_left):
    pairs = np.array([[0, 1], [1, 3], [2, 4]])  # mo with vic, no with tom, xi with sue

    violators = HallViolators(two_left, pairs)

    assert len(violators._reached(0).mentees) == 4
    found = violators.around(0)
    assert [two_left.mentees[j] for j in found.mentees] == ["una", "vic", "wim"]
    assert ([two_left.mentors[i] for i in found.mentors], found.places) == (["mo", "no"], 2)
