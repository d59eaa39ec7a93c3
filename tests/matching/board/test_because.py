"""Why two people are matched, in words."""

import pytest

from matching.domain.matches.people import read_people
from matching.interfaces.board.because import because
from tests.factories import ParticipantFactory

BIOLOGY = "Biology/Health"


@pytest.mark.parametrize(
    ("fields", "virtual", "parts", "sentence"),
    [
        (
            [BIOLOGY], False, {"hopes": 300, "interests": 100, "sector": 0},
            "Matched because both are in Biology/Health, both attend in person and Ada offers "
            "what Ben hopes for.",
        ),
        ([], True, {"hopes": 10}, ""),
        ([], False, {}, "Matched because both attend in person."),
        (
            [], True, {"interests": 400, "seniority": 120},
            "Matched because what they wrote about themselves has much in common and Ada is "
            "further along in their career.",
        ),
    ],
)  # fmt: skip
def test_what_speaks_for_a_pair(program, fields, virtual, parts, sentence):
    mentor = ParticipantFactory(program=program, name="Ada", fields=[BIOLOGY])
    mentee = ParticipantFactory(
        program=program, name="Ben", mentee=True, virtual=virtual, fields=fields
    )

    people = read_people(program)
    both = people.by_pk[mentor.pk], people.by_pk[mentee.pk]
    assert because(people, *both, parts) == sentence
