import datetime

import pytest

from committee.domain.statistics.responses import percent, response_rate
from committee.interfaces.response_plot import response_plot, response_sentence
from notifications.models import Kind
from tests.factories import (
    EmailLogFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, 0), (0, 7, 0), (1, 300, 1), (2, 3, 67), (299, 300, 99), (7, 7, 100)],
)
@pytest.mark.unit
def test_percents_are_0_and_100_only_for_none_and_all(part, whole, shown):
    assert percent(part, whole) == shown


def moment(day, hour=20):
    return datetime.datetime(2083, 6, day, hour, tzinfo=datetime.UTC)


def june(day):
    return datetime.date(2083, 6, day)


@pytest.fixture
def program(db):
    """Four people, of whom three have answered, in a program in Los Angeles."""
    program = ProgramFactory(survey_closes_on=june(30))
    people = ParticipantFactory.create_batch(4, program=program)
    gone = ParticipantFactory(program=program, withdrawn_at=moment(21))
    for person, *days in ((people[0], 16, 18), (people[1], 18), (gone, 18)):
        for day in days:
            SurveyResponseFactory(participant=person, submitted_at=moment(day))
    # In Los Angeles it is still the 20th.
    SurveyResponseFactory(participant=people[2], submitted_at=moment(21, hour=3))
    SurveyResponseFactory()  # of another program
    for kind, day, state in (
        (Kind.SURVEY, 14, "sent"),
        (Kind.SURVEY, 14, "sent"),
        (Kind.REMINDER, 19, "sent"),
        (Kind.REMINDER, 22, "cancelled"),
    ):
        sent = moment(day) if state == "sent" else None
        EmailLogFactory(program=program, kind=kind, state=state, sent_at=sent)
    return program


def test_each_person_counts_on_the_day_of_their_first_answer(program, django_assert_num_queries):
    with django_assert_num_queries(3):
        rate = response_rate(program, 4)

    assert rate.answered == {june(16): 1, june(18): 2, june(20): 3}
    assert rate.percents == {june(16): 25, june(18): 50, june(20): 75}
    assert rate.invited == {june(14): 2}
    assert rate.reminded == {june(19): 1}
    assert response_sentence(program, rate) == (
        "3 of 4 answered. Invited on Jun 14. Reminded (▼) on Jun 19."
    )


def test_the_plot_says_its_numbers_and_marks_the_reminders(program):
    drawing = response_plot(program, response_rate(program, 4), june(24))

    assert drawing["plot"].words == (
        "Response rate. 25% by Jun 16, 50% by Jun 18, 75% by Jun 20. Usual: 60 to 80%. "
        "Reminders: Jun 19."
    )
    # From the 14th (34) to the 30th (366), from 0% (172) to 100% (14).
    assert drawing["lines"][0]["points"] == (
        "34,172 75.5,172 75.5,132.5 117,132.5 117,93 158.5,93 158.5,53.5 366,53.5"
    )
    assert drawing["marks"] == [137.8]
    assert [tick.words for tick in drawing["along"]] == ["Jun 14", "Jun 21", "Jun 28"]


def test_there_is_no_plot_before_anybody_was_asked(db):
    program = ProgramFactory()

    assert response_plot(program, response_rate(program, 0), june(1)) is None
