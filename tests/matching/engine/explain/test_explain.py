"""Explanations are checked against what they claim, by looking at all sets of pairs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from matching.engine import (
    NewMentors,
    Problem,
    ProblemError,
    add_mentors,
    changed_pairs,
    compare,
    cost_of_priorities,
    explain_unmatched,
    from_matrix,
    locked,
    missing_mentors,
    solve,
    summary,
    unlocked,
    why_not,
    with_capacity,
)
from matching.engine.explain import residual
from matching.engine.sentences import without
from tests.matching.engine.builders import NO_PAIRS, brute_force, random_problem, small_problems


def most_placed(problem, mentees):
    """Return how many of these unlocked mentees can be placed beside the locked ones."""
    order = ("unmatched", *(name for name in problem.priorities if name != "unmatched"))
    keep = sorted({*mentees, *problem.locked[:, 1].tolist()})
    place = {mentee: number for number, mentee in enumerate(keep)}

    def part(pairs):
        chosen = [(i, place[j]) for i, j in pairs.tolist() if j in place]
        return np.array(chosen, np.int64).reshape(-1, 2)

    smaller = replace(
        problem,
        mentees=tuple(problem.mentees[mentee] for mentee in keep),
        mentee_virtual=problem.mentee_virtual[keep],
        mentee_fields=problem.mentee_fields[keep],
        affinity=None,
        exclusions=part(problem.exclusions),
        locked=part(problem.locked),
        announced=NO_PAIRS,
        priorities=order,
    )
    return len(mentees) - brute_force(smaller)[0]


@settings(max_examples=settings().max_examples // 3)
@given(problem=small_problems(mentors=3, mentees=4))
def test_group_of_an_unmatched_mentee_is_too_large_by_exactly_one(problem):
    solution = solve(problem)

    found = explain_unmatched(problem, solution)

    matched = set(solution.pairs[:, 1].tolist())
    assert sorted(one.mentee for one in found) == sorted(set(range(len(problem.mentees))) - matched)
    for one in found:
        if one.reason == "places":
            assert one.mentee in one.mentees
            assert one.places == len(one.mentees) - 1
            assert most_placed(problem, one.mentees) == one.places
            for left in one.mentees:
                rest = [mentee for mentee in one.mentees if mentee != left]
                assert most_placed(problem, rest) == len(rest)
        elif one.reason == "no_mentor":
            assert most_placed(problem, [one.mentee]) == 0
        else:
            assert problem.priorities[0] != "unmatched"


@settings(max_examples=settings().max_examples // 3)
@given(problem=small_problems(mentors=2, mentees=3))
def test_each_extra_mentor_is_the_best_of_all_kinds(problem):
    problem = replace(
        problem, priorities=("unmatched", *(p for p in problem.priorities if p != "unmatched"))
    )
    solution = solve(problem)
    made = solution.pairs
    mean = problem.floor
    if len(made):
        table = np.zeros((2, 3)) if problem.affinity is None else problem.affinity(0, 2)
        mean = round(float(np.mean([table[i, j] for i, j in made.tolist()])))

    extras = missing_mentors(problem, solution)

    assert len(extras) == len(problem.mentees) - len(made)
    for extra in extras:
        kinds = {
            (field, virtual): brute_force(add_mentors(problem, NewMentors(field, virtual), mean))
            for field in problem.fields
            for virtual in (False, True)
        }
        now = brute_force(problem)
        after = [value + extra.change[name] for value, name in
                 zip(now, problem.priorities, strict=True)]  # fmt: skip
        assert after == kinds[extra.field, extra.virtual] == min(kinds.values())
        alike = [kinds[field, extra.virtual] for field in problem.fields]
        assert extra.any_field == (len(alike) > 1 and alike == [after] * len(alike))
        problem = add_mentors(problem, NewMentors(extra.field, extra.virtual), mean)


def test_extra_mentors_are_the_same_when_found_by_solving(monkeypatch):
    problem = random_problem(np.random.default_rng(4), 4, 9, locks=False, capacity=np.ones(4, int))
    solution = solve(problem)
    searched = missing_mentors(problem, solution)

    monkeypatch.setattr(residual, "ROOM", 2**40)

    assert missing_mentors(problem, solution) == searched
    assert len(searched) > 1


@pytest.fixture
def trio():
    """Return two mentors with a place each for three mentees; ann and cem are the better pair."""
    return Problem(
        mentors=("ann", "bob"),
        mentees=("cem", "dov", "eli"),
        capacity=np.array([1, 1]),
        mentor_virtual=np.array([False, True]),
        mentee_virtual=np.array([False, False, True]),
        mentor_fields=np.array([[True, False], [False, True]]),
        mentee_fields=np.array([[True, False], [True, False], [False, True]]),
        fields=("Biology", "Other"),
        affinity=from_matrix([[500, 400, 0], [0, 0, 300]]),
    )


def test_sentences(trio):
    solution = solve(trio)

    assert [one.sentence for one in explain_unmatched(trio, solution)] == [
        "3 mentees (cem, dov and eli) can only go to ann and bob, who together have 2 places, "
        "so dov is unmatched."
    ]
    extras = missing_mentors(trio, solution)
    assert [one.sentence for one in extras] == [
        "One more in-person mentor in Biology would mean 1 fewer unmatched mentee and "
        "400 more total affinity."
    ]
    assert summary(extras, 1) == "1 more mentor would be enough: 1 in Biology (in person)."
    assert summary(extras, 3) == (
        "3 mentees are unmatched. Look first for 1 more mentor: 1 in Biology (in person)."
    )
    assert summary([], 1) == "More mentors would not help: an earlier priority counts more."
    assert summary([], 0) == "Everyone has a mentor."
    assert [why_not(trio, solution, 0, mentee).sentence for mentee in range(3)] == [
        "The proposal already pairs cem with ann.",
        "Pairing dov with ann would mean 100 less total affinity.",
        # bob then has cem or dov, so there are two such pairs.
        "Pairing eli with ann would mean 2 more pairs with mixed attendance, 2 more pairs with no "
        "shared field and 800 less total affinity.",
    ]


def test_impossible_pairs_say_why(trio):
    excluded = replace(trio, exclusions=np.array([[0, 2]]))
    closed = replace(trio, capacity=np.array([0, 1]))
    fixed = replace(trio, locked=np.array([[0, 1]]))

    assert why_not(excluded, solve(excluded), 0, 2).sentence == (
        "You cannot pair eli with ann: they are marked “do not match”."
    )
    assert why_not(fixed, solve(fixed), 1, 1).sentence == (
        "You cannot pair dov with bob: dov is locked to another mentor."
    )
    assert why_not(fixed, solve(fixed), 0, 0).sentence == (
        "You cannot pair cem with ann: every place with ann is locked."
    )
    assert why_not(closed, solve(closed), 0, 0).sentence == (
        "You cannot pair cem with ann: ann is not taking mentees."
    )


def test_unmatched_for_the_sake_of_an_earlier_priority_is_said_so(trio):
    turned = replace(trio, capacity=np.array([1, 2]), priorities=("mixed", "unmatched"))

    assert [one.sentence for one in explain_unmatched(turned, solve(turned))] == [
        "cem could be matched, but that would mean 1 more pair with mixed attendance."
    ]


def test_unmatched_without_such_a_priority_is_said_so(trio):
    turned = replace(trio, capacity=np.array([1, 2]), priorities=("mixed", "affinity"))

    assert [one.sentence for one in explain_unmatched(turned, solve(turned))] == [
        "dov could be matched, but an earlier priority counts more."
    ]


def test_one_mentor_and_several_are_spoken_of_in_their_number(trio):
    alone = replace(trio, capacity=np.array([1, 0]))
    without = replace(trio, capacity=np.array([0, 0]))

    assert [one.sentence for one in explain_unmatched(alone, solve(alone))] == [
        f"2 mentees (cem and {name}) can only go to ann, who has 1 place, so {name} is unmatched."
        for name in ("dov", "eli")
    ]
    assert [one.sentence for one in explain_unmatched(without, solve(without))] == [
        f"No mentor has a place for {name}." for name in ("cem", "dov", "eli")
    ]


@pytest.mark.parametrize(
    ("saved", "clause"),
    [
        ({"mixed": 0, "affinity": 0}, ""),
        ({"mixed": 0, "affinity": 1101}, "total affinity would be 1,101 higher"),
        ({"spread": 1, "weak": 0}, "there would be 1 fewer pair of mentees sharing a mentor"),
        (
            {"mixed": 1, "cross_field": 2, "weak": -1, "affinity": -30},
            "there would be 1 fewer pair with mixed attendance, 2 fewer pairs with no shared field "
            "and 1 more low-affinity pair, and total affinity would be 30 lower",
        ),
    ],
)
def test_what_there_would_be_without_a_priority_is_said_in_full(saved, clause):
    assert without(saved) == clause


def test_cost_of_priorities(trio):
    everything = {"mentor_fields": np.ones((2, 2)), "mentee_fields": np.ones((3, 2))}
    turned = replace(trio, affinity=from_matrix([[0, 0, 900], [800, 0, 0]]), **everything)

    found = cost_of_priorities(turned, solve(turned))

    assert [one.name for one in found] == list(turned.priorities[:-1])
    assert {one.name: one.sentence for one in found} == {
        "unmatched": "Without the priority “unmatched”, there would be no change.",
        "changed": "Without the priority “changed”, there would be no change.",
        "spread": "Without the priority “spread”, there would be no change.",
        "mixed": "Without the priority “mixed”, total affinity would be 1,700 higher.",
        "cross_field": "Without the priority “cross_field”, there would be no change.",
        "weak": "Without the priority “weak”, there would be no change.",
    }
    for one in found:
        others = tuple(name for name in turned.priorities if name != one.name)
        then = dict(zip(others, brute_force(replace(turned, priorities=others)), strict=True))
        now = {tier.name: tier.value for tier in solve(turned).tiers}
        later = turned.priorities[turned.priorities.index(one.name) + 1 :]
        assert one.saved == {name: now[name] - then[name] for name in later}


def test_changed_announced_pairs_say_what_keeping_them_would_cost(trio):
    problem = replace(
        trio,
        announced=np.array([[0, 0], [1, 1]]),
        exclusions=np.array([[0, 1], [0, 2]]),
        priorities=("unmatched", "mixed", "changed"),
    )

    assert [one.sentence for one in changed_pairs(problem, solve(problem))] == [
        "dov was announced with bob but is now unmatched: keeping the pair would mean "
        "1 more pair with mixed attendance."
    ]


def test_a_changed_pair_that_could_stay_at_no_loss_is_said_so(trio):
    problem = replace(
        trio,
        affinity=from_matrix([[1, 1, 1], [1, 1, 1]]),
        announced=np.array([[0, 0], [0, 1]]),
        priorities=("unmatched", "affinity"),
    )

    sentences = [one.sentence for one in changed_pairs(problem, solve(problem))]

    assert any(one.endswith(": keeping the pair would mean no loss.") for one in sentences)


def test_announced_pairs_stay_after_a_dropout_unless_someone_would_be_left():
    rng = np.random.default_rng(8)
    problem = random_problem(rng, 20, 20, locks=False, announced=NO_PAIRS)
    before = solve(problem)
    gone = int(before.pairs[0, 0])
    capacity = problem.capacity.copy()
    capacity[gone] = 0
    after = replace(problem, capacity=capacity, announced=before.pairs)

    solution = solve(after)

    free = replace(after, priorities=("unmatched", "changed"))
    assert [tier.value for tier in solution.tiers[:2]] == [t.value for t in solve(free).tiers]
    changes = changed_pairs(after, solution)
    assert len(changes) == solution.tiers[1].value
    lost = {tuple(pair) for pair in before.pairs.tolist() if pair[0] == gone}
    assert lost <= {(one.mentor, one.mentee) for one in changes}
    assert all(one.loss is None for one in changes if one.mentor == gone)


def test_what_if_without_saving(trio):
    solution = solve(trio)

    larger = with_capacity(trio, {0: 2})
    difference = compare(trio, solution, larger, solve(larger))
    assert difference.new == [("ann", "dov")]
    assert difference.gone == []
    assert difference.tiers["unmatched"] == -1

    fixed = locked(trio, [(0, 1)])
    assert compare(trio, solution, fixed, solve(fixed)).gone == [("ann", "cem")]
    assert unlocked(fixed, [(0, 1)]).locked.tolist() == []

    more = add_mentors(trio, NewMentors("Other", virtual=True, count=2), affinity=10)
    assert more.mentors[2:] == ("new mentor 1 (Other, virtual)", "new mentor 2 (Other, virtual)")
    assert more.affinity(0, 4).tolist() == [[500, 400, 0], [0, 0, 300], [10] * 3, [10] * 3]
    with pytest.raises(ProblemError, match="Botany"):
        add_mentors(trio, NewMentors("Botany"))
