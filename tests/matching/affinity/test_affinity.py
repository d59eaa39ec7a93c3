"""How well two people suit each other, part by part."""

import datetime

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from matching.domain.affinity.score import PARTS, Affinity, shares
from mentorship.models import Attendance, CareerStage, Participant, Program, Sector

DEFAULTS = {"sector": 15, "interests": 35, "hopes": 30, "seniority": 10, "hours": 10}
SECTORS = [Sector(pk=1), Sector(pk=2), Sector(pk=3)]
OTHER = Sector(pk=4, is_other=True)


def program(**weights):
    return Program(
        starts_on=datetime.date(2083, 7, 12),
        time_zone="America/Los_Angeles",
        affinity_weights=weights or DEFAULTS,
    )


def person(virtual=False, **kwargs):
    attendance = Attendance.VIRTUAL if virtual else Attendance.IN_PERSON
    person = Participant(**kwargs)
    person.attendance = attendance
    return person


def parts(program, mentor, mentee):
    return Affinity(program, [mentor], [mentee]).of_pairs([0], [0])[0]


@pytest.mark.parametrize(
    ("weights", "counting", "points"),
    [
        (DEFAULTS, PARTS, [150, 350, 300, 100, 100, 0, 0, 0]),
        (DEFAULTS, PARTS[:4], [167, 389, 333, 111]),
        ({"sector": 1, "hopes": 1, "hours": 1}, PARTS, [333, 0, 334, 0, 333, 0, 0, 0]),
        ({"hours": 5}, PARTS[:1], [0]),
        ({}, (), []),
    ],
)
def test_shares_sum_to_a_thousand(weights, counting, points):
    assert shares(weights, counting) == dict(zip(counting, points, strict=True))


@pytest.mark.parametrize("weight", [-1, 1.5, "10", True, None])
def test_refuses_a_weight_that_is_not_a_whole_number(weight):
    with pytest.raises(ValidationError, match="The weight of “sector” is"):
        shares({"sector": weight}, PARTS)


def test_everything_in_common_is_a_thousand():
    words = "causal inference with agents"
    mentor = person(
        sector=SECTORS[0], career_stage=CareerStage.SENIOR, notes=words, topics_offered=words
    )
    mentee = person(
        sector=SECTORS[0], career_stage=CareerStage.EARLY, notes=words, topics_wanted=words
    )

    assert parts(program(), mentor, mentee) == {
        "sector": 167, "interests": 389, "hopes": 333, "seniority": 111,
    }  # fmt: skip


def test_nothing_in_common_is_nothing():
    mentor = person(sector=SECTORS[0], career_stage=CareerStage.STUDENT, notes="quantum gravity")
    mentee = person(sector=SECTORS[1], career_stage=CareerStage.SENIOR, notes="lichen")

    assert parts(program(), mentor, mentee) == {
        "sector": 0, "interests": 0, "hopes": 0, "seniority": 0,
    }  # fmt: skip


def test_of_two_people_of_whom_nothing_is_known_nothing_counts():
    assert parts(program(), person(), person()) == {}


@pytest.mark.parametrize(
    ("mentor", "mentee", "points"),
    [
        (CareerStage.SENIOR, CareerStage.STUDENT, 1000),
        (CareerStage.EARLY, CareerStage.STUDENT, 1000),
        (CareerStage.MID, CareerStage.MID, 500),
        (CareerStage.MID, CareerStage.SENIOR, 200),
        (CareerStage.STUDENT, CareerStage.SENIOR, 0),
    ],
)
def test_seniority_wants_the_mentor_ahead(mentor, mentee, points):
    found = parts(program(seniority=1), person(career_stage=mentor), person(career_stage=mentee))
    assert found == {"seniority": points}


def test_hours_count_only_for_a_call_and_the_one_at_the_conference_keeps_its_clock():
    tokyo = {"time_zone": "Asia/Tokyo"}
    hours = program(hours=1)

    # Los Angeles 8-22 is 15-5 UTC, Tokyo 8-22 is 23-13 UTC: six of fourteen hours.
    assert parts(hours, person(virtual=True, **tokyo), person()) == {"hours": 428}
    assert parts(hours, person(virtual=True, **tokyo), person(virtual=True, **tokyo)) == {
        "hours": 1000
    }
    assert parts(hours, person(**tokyo), person()) == {}


def test_two_in_another_sector_share_none():
    assert parts(program(sector=1), person(sector=OTHER), person(sector=OTHER)) == {}


def test_whoever_said_nothing_gets_the_average():
    mentors = [
        person(sector=SECTORS[0]),
        person(sector=SECTORS[1]),
        person(sector=SECTORS[1]),
        person(),
    ]
    mentees = [person(sector=SECTORS[0]), person()]

    block = Affinity(program(sector=1), mentors, mentees).block(0, 4)

    assert block.tolist() == [[1000, 333], [0, 333], [0, 333], [333, 333]]


def test_whoever_wrote_nothing_is_the_same_to_everyone_and_between_best_and_worst():
    mentors = [person(notes="lattice QCD on GPUs"), person(notes="coral reefs"), person()]
    mentees = [person(notes="GPU kernels for lattice QCD"), person(notes="reef ecology"), person()]

    block = Affinity(program(interests=1), mentors, mentees).block(0, 3)

    assert len({*block[2], *block[:, 2]}) == 1
    assert block[0, 1] < block[0, 2] < block[0, 0]
    assert block[1, 0] < block[1, 2] < block[1, 1]


def test_hopes_compare_what_is_wanted_with_what_is_offered():
    mentors = [
        person(topics_offered="writing grants", notes="compilers"),
        person(topics_offered="giving talks", notes="writing grants"),
    ]
    mentees = [person(topics_wanted="how to write a grant", notes="talks")]

    block = Affinity(program(hopes=1), mentors, mentees).block(0, 2)

    assert block[0, 0] > block[1, 0] == 0


@pytest.mark.parametrize(("mentors", "mentees"), [(0, 0), (0, 2), (2, 0)])
def test_an_empty_side_gives_an_empty_block(mentors, mentees):
    affinity = Affinity(program(), [person()] * mentors, [person()] * mentees)

    assert affinity.block(0, mentors).shape == (mentors, mentees)
    assert affinity.of_pairs([], []) == []


WORDS = st.lists(
    st.sampled_from(["genomics", "genome", "the", "talks", "Talk", "GPU", "l'été", "=1+1", "我"]),
    max_size=6,
).map(" ".join)
PEOPLE = st.lists(
    st.builds(
        person,
        virtual=st.booleans(),
        sector=st.sampled_from([None, OTHER, *SECTORS]),
        career_stage=st.sampled_from(["", *CareerStage.values]),
        time_zone=st.sampled_from(["", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Chatham"]),
        notes=WORDS,
        topics_wanted=WORDS,
        topics_offered=WORDS,
    ),
    min_size=1,
    max_size=7,
)
WEIGHTS = st.fixed_dictionaries({name: st.integers(0, 50) for name in PARTS})


@pytest.mark.slow
@given(PEOPLE, PEOPLE, WEIGHTS, st.integers(1, 7))
def test_parts_sum_to_the_affinity_whatever_the_blocks(mentors, mentees, weights, size):
    affinity = Affinity(program(**weights), mentors, mentees)
    starts = range(0, len(mentors), size)
    blocks = np.vstack([affinity.block(s, min(s + size, len(mentors))) for s in starts])
    rows, columns = (grid.ravel() for grid in np.indices(blocks.shape))
    pairs = affinity.of_pairs(rows, columns)

    assert [sum(pair.values()) for pair in pairs] == blocks.ravel().tolist()
    assert all(0 <= points <= 1000 for pair in pairs for points in pair.values())
    assert blocks.min() >= 0
    assert blocks.max() <= 1000
    turned = Affinity(program(**weights), mentors[::-1], mentees[::-1])
    assert turned.block(0, len(mentors))[::-1, ::-1].tolist() == blocks.tolist()
