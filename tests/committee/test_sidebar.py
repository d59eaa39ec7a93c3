"""The numbers beside the entries of the sidebar, which are those of the dashboard."""

import pytest

from committee.domain.numbers import Badges, badges, count
from matching.models import Concern
from tests.factories import (
    ConcernFactory,
    EmailLogFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db


def test_counts_what_waits_in_this_program_alone():
    program = ProgramFactory()
    ann, bo, *_ = ParticipantFactory.create_batch(4, program=program)
    ParticipantFactory(program=program, withdrawn_at="2027-06-01T12:00Z")
    ParticipantFactory()
    SurveyResponseFactory(participant=ann, doubts=[{"field": "role", "value": "perhaps"}])
    SurveyResponseFactory(participant=bo)
    for state in ("failed", "uncertain", "queued"):
        EmailLogFactory(program=program, state=state)
    for kind in (Concern.Kind.CANNOT_REACH, Concern.Kind.NOT_RIGHT):
        ConcernFactory(participant=ann, kind=kind)

    assert badges(program) == Badges(4, 2, 1, 2, 1)
    assert badges(program, chair=True) == Badges(4, 2, 1, 2, 2)
    numbers = count(program, chair=True)
    assert badges(program, chair=True) == Badges(
        numbers.people,
        numbers.left_to_research,
        numbers.doubtful_answers,
        numbers.emails_in_trouble,
        numbers.open_concerns,
    )


def test_nobody_is_left_to_research_before_anybody_was_asked():
    program = ProgramFactory()
    ann = ParticipantFactory(program=program)
    left = ParticipantFactory(program=program, withdrawn_at="2027-06-01T12:00Z")
    EmailLogFactory(program=program, kind="survey").people.add(left)
    assert badges(program).left_to_research == 0

    EmailLogFactory(program=program, kind="survey", about=ann.pk).people.add(ann)
    assert badges(program).left_to_research == 1
