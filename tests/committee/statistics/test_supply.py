import datetime

import pytest

from committee.domain.dashboard.needed import MentorsNeeded, mentors_needed
from committee.domain.statistics.supply import read_supply
from tests.factories import ParticipantFactory, ProgramFactory, SurveyResponseFactory

pytestmark = pytest.mark.django_db

NOON = datetime.datetime(2083, 6, 20, 12, tzinfo=datetime.UTC)
BIOLOGY, SOFTWARE = "Biology/Health", "Software Engineering"


@pytest.fixture
def program():
    return ProgramFactory()


def answered(program, number=1, **about):
    people = ParticipantFactory.create_batch(number, program=program, **about)
    for person in people:
        SurveyResponseFactory(participant=person)
    return people


def table(program):
    """Return (field, attendance, places, mentees, now, expected) of each row, and of the total."""
    supply = read_supply(program)
    rows = [
        (
            row.field,
            row.attendance,
            row.places,
            row.mentees,
            row.now.number,
            row.expected.number,
        )
        for row in [*supply.rows, supply.total]
    ]
    return rows, supply.mentors, supply.silent


def test_who_has_several_fields_counts_in_each_and_once_in_total(program):
    answered(program, fields=[BIOLOGY, SOFTWARE], capacity=2)
    answered(program, 2, mentee=True, fields=[BIOLOGY])
    answered(program, mentee=True, virtual=True, fields=[SOFTWARE])
    ParticipantFactory(program=program, withdrawn_at=NOON)
    ParticipantFactory()  # of another program

    assert table(program) == (
        [
            (BIOLOGY, "in_person", 2, 2, 0, 0),
            (SOFTWARE, "in_person", 2, 0, 2, 2),
            (SOFTWARE, "virtual", 0, 1, -1, -1),
            ("", "", 2, 3, -1, -1),
        ],
        1,
        0,
    )


def test_who_said_nothing_is_expected_to_answer_as_their_like_did(program):
    # Of four mentors who answered two keep a place in biology, one is a mentee, one is out.
    answered(program, 2, fields=[BIOLOGY])
    answered(program, survey_role="mentee", fields=[SOFTWARE])
    answered(program, withdrawn_at=NOON)
    # Eight more are expected to be four places in biology and two mentees of software.
    ParticipantFactory.create_batch(8, program=program)
    # Nobody who signed up like these has answered: they count as what they are.
    ParticipantFactory.create_batch(3, program=program, mentee=True, virtual=True)
    # What the committee found out counts as known.
    ParticipantFactory(
        program=program, mentee=True, fields=[BIOLOGY], detail_sources={"fields": "research"}
    )

    assert table(program) == (
        [
            (BIOLOGY, "in_person", 2, 1, 1, 5),
            (SOFTWARE, "in_person", 0, 1, -1, -3),
            ("Other", "in_person", 8, 0, 8, 0),
            ("Other", "virtual", 0, 3, -3, -3),
            ("", "", 10, 5, 5, -1),
        ],
        10,
        11,
    )


def test_queries_do_not_grow_with_the_people(program, django_assert_num_queries):
    answered(program, 3, fields=[BIOLOGY])
    ParticipantFactory.create_batch(30, program=program, mentee=True, virtual=True)

    with django_assert_num_queries(3):
        read_supply(program)


def test_nobody_is_a_table_without_rows(program):
    assert table(program) == ([("", "", 0, 0, 0, 0)], 0, 0)


class TestMentorsNeeded:
    def test_the_missing_mentors_and_a_text_that_asks_for_them(self, program):
        ParticipantFactory(program=program, fields=[BIOLOGY])
        ParticipantFactory.create_batch(3, program=program, mentee=True, fields=[BIOLOGY])

        assert mentors_needed(program) == MentorsNeeded(
            "2 more mentors would place everyone: 2 in Biology/Health (in person).",
            f"{program}: 3 people want a mentor, and there is room for 1. 2 more mentors would "
            "place everyone: 2 in Biology/Health (in person). Do you know somebody? Please ask "
            "them to sign up as a mentor, or to write to mentors@conf.example.",
        )

    def test_any_field_does_where_a_mentee_is_at_home_in_each(self, program):
        names = list(program.fields.values_list("name", flat=True))
        ParticipantFactory(program=program, mentee=True, virtual=True, fields=names)

        assert mentors_needed(program).sentence == (
            "1 more mentor would place everyone: 1 in any field (virtual)."
        )

    def test_not_all_of_very_many_are_named(self, program):
        ParticipantFactory.create_batch(12, program=program, mentee=True, fields=[BIOLOGY])

        assert mentors_needed(program).sentence == (
            "10 more mentors would help most: 10 in Biology/Health (in person)."
        )

    def test_nobody_is_missing(self, program):
        assert mentors_needed(program) == MentorsNeeded("Nobody has asked for a mentor yet.")

        for mentee in (False, True):
            ParticipantFactory(program=program, mentee=mentee, fields=[BIOLOGY])

        assert mentors_needed(program) == MentorsNeeded("Everyone can have a mentor.")
