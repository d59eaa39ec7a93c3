"""The committee's own questions, wishes and free hours as parts of affinity."""

import datetime

import numpy as np
import pytest

from matching.domain.affinity.answers import NewestAnswers, read_newest_answers
from matching.domain.affinity.score import Affinity
from matching.domain.matches.changes import create_match
from matching.domain.proposals.problem import read_inputs
from mentorship.models import Attendance, Participant, Program, Question
from tests.factories import (
    ParticipantFactory,
    QuestionFactory,
    SurveyResponseFactory,
)

ASKED = "10"


def program(**weights):
    return Program(
        starts_on=datetime.date(2083, 7, 12),
        time_zone="America/Los_Angeles",
        affinity_weights=weights,
    )


def person(pk, name="", virtual=False, **kwargs):
    result = Participant(pk=pk, name=name, **kwargs)
    result.attendance = Attendance.VIRTUAL if virtual else Attendance.IN_PERSON
    return result


def scores(part, said, mentors, mentees):
    """Return the affinity where only one part counts; blocks and single pairs say the same."""
    affinity = Affinity(program(**{part: 1}), mentors, mentees, said)
    block = affinity.block(0, len(mentors))
    rows, columns = (grid.ravel() for grid in np.indices(block.shape))
    pairs = affinity.of_pairs(rows, columns)
    assert [sum(pair.values()) for pair in pairs] == block.ravel().tolist()
    return block.tolist()


def asked(kind, counts, mentors, mentees):
    question = Question(pk=10, kind=kind, counts=counts)
    given = dict(enumerate([*mentors, *mentees]))
    said = NewestAnswers([question], {pk: {ASKED: answer} for pk, answer in given.items()})
    people = [person(pk) for pk in given]
    return scores("questions", said, people[: len(mentors)], people[len(mentors) :])


def test_the_same_answer_counts_whole_or_not_at_all():
    assert asked("choice", "same", ["R", "C++"], ["r", "Python"]) == [[1000, 0], [0, 0]]
    assert asked("multiple", "same", [["R", "C"]], [["C", "R"], ["C"]]) == [[1000, 0]]


def test_answers_in_common_count_by_their_share_of_the_shorter_one():
    mentees = [["C"], ["R", "C"], ["C", "Go", "Ada"], ["Go"]]

    assert asked("multiple", "overlap", [["R", "C"]], mentees) == [[1000, 1000, 500, 0]]
    assert asked("text", "overlap", ["Jazz, tea"], ["Tea; chess", "chess"]) == [[500, 0]]


def test_whoever_left_a_question_out_gets_the_average():
    assert asked("choice", "same", ["R", "C", ""], ["R", None]) == [
        [1000, 500],
        [0, 500],
        [500, 500],
    ]


def test_a_question_that_one_side_was_not_asked_does_not_count():
    assert asked("choice", "same", ["", None], ["R"]) == [[0], [0]]


def test_several_questions_count_alike():
    questions = [Question(pk=pk, kind="choice", counts="same") for pk in (10, 11)]
    said = NewestAnswers(questions, {1: {"10": "R", "11": "tea"}, 2: {"10": "R", "11": "coffee"}})

    assert scores("questions", said, [person(1)], [person(2)]) == [[500]]


def test_a_wish_by_name_from_either_side_counts():
    mentors = [person(1, "Ada Lund"), person(2, "Cy Ng"), person(3, "Eve Roy")]
    mentees = [person(4, "Ben Ost"), person(5, "Zoë Moe")]
    said = NewestAnswers(
        wishes={4: "I would like to meet ADA LUND, please", 3: "zoe moe", 5: "anyone"}
    )

    # Four of six pairs have somebody who named somebody; two of them are wished for.
    assert scores("wish", said, mentors, mentees) == [[1000, 500], [0, 500], [0, 1000]]


def test_a_wish_for_nobody_here_does_not_count():
    said = NewestAnswers(wishes={2: "Ada Lovelace"})

    assert scores("wish", said, [person(1, "Ada Lund")], [person(2)]) == [[0]]


def test_stated_free_hours_take_the_place_of_waking_hours_on_the_persons_own_clock():
    tokyo = {"virtual": True, "time_zone": "Asia/Tokyo"}
    said = NewestAnswers(free_hours={1: [0, 1, 8, 9], 3: [20, 21]})

    # 0 and 1 in Tokyo are 8 and 9 in Los Angeles, where 8 and 9 in Tokyo are 16 and 17.
    found = scores("hours", said, [person(1, **tokyo)], [person(2), person(3, **tokyo)])
    assert found == [[1000, 0]]


def test_free_hours_do_not_count_between_two_who_are_there():
    said = NewestAnswers(free_hours={1: [8], 2: [20]})

    assert scores("hours", said, [person(1)], [person(2)]) == [[0]]
    assert Affinity(program(hours=1), [person(1)], [person(2)], said).of_pairs([0], [0]) == [{}]


@pytest.mark.django_db
def test_the_newest_answers_are_read_and_a_pair_keeps_its_parts(django_assert_num_queries):
    question = QuestionFactory(kind="choice", choices=["R", "C"], counts="same")
    quiet = QuestionFactory(program=question.program, text="And?")
    mentor = ParticipantFactory(program=question.program, name="Ada")
    mentee = ParticipantFactory(program=question.program, name="Ben", mentee=True)
    for day, answer, who in [(20, "C", mentor), (21, "R", mentor), (20, "R", mentee)]:
        SurveyResponseFactory(
            participant=who,
            submitted_at=datetime.datetime(2083, 6, day, tzinfo=datetime.UTC),
            other_answers={str(question.pk): answer, str(quiet.pk): "x"},
            free_hours=[day],
            wants_to_meet="Ada",
        )
    before = read_inputs(question.program).fingerprint

    with django_assert_num_queries(2):
        said = read_newest_answers(question.program)
    match = create_match(mentor, mentee)

    assert said == NewestAnswers(
        [question],
        {
            mentor.pk: {str(question.pk): "R", str(quiet.pk): "x"},
            mentee.pk: {str(question.pk): "R", str(quiet.pk): "x"},
        },
        {mentor.pk: [21], mentee.pk: [20]},
        {mentor.pk: "Ada", mentee.pk: "Ada"},
    )
    assert match.affinity_parts == {"questions": 333, "wish": 667}
    SurveyResponseFactory(
        participant=mentee,
        submitted_at=datetime.datetime(2083, 6, 25, tzinfo=datetime.UTC),
        other_answers={str(question.pk): "C"},
    )
    assert read_inputs(question.program).fingerprint != before
