"""The numbers beside the entries of the sidebar, which are those of the dashboard."""

import datetime

import pytest
from django.test import RequestFactory

from committee.domain.numbers import Badges, badges, count
from committee.interfaces.sidebar import PROGRAMS_AT_MOST, programs
from matching.models import Concern
from tests.factories import (
    ConcernFactory,
    EmailLogFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_counts_what_waits_in_this_program_alone():
    program = ProgramFactory()
    ann, bo, *_ = ParticipantFactory.create_batch(4, program=program)
    ParticipantFactory(program=program, withdrawn_at="2083-06-01T12:00Z")
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
    left = ParticipantFactory(program=program, withdrawn_at="2083-06-01T12:00Z")
    EmailLogFactory(program=program, kind="survey").people.add(left)
    assert badges(program).left_to_research == 0

    EmailLogFactory(program=program, kind="survey", about=ann.pk).people.add(ann)
    assert badges(program).left_to_research == 1


def test_lists_the_newest_programs_the_one_looked_at_and_the_way_to_all():
    """A host of a hundred programs has no hundred of them on each page."""
    made = [
        ProgramFactory(
            name=f"Conf {2000 + n}",
            starts_on=datetime.date(2000 + n, 7, 12),
            ends_on=datetime.date(2000 + n, 7, 18),
        )
        for n in range(PROGRAMS_AT_MOST + 3)
    ]
    request = RequestFactory().get("/committee/")
    request.user = UserFactory(is_superuser=True)

    def titles(here):
        request.program = here
        return [(item["title"], item["icon"]) for item in programs(request)]

    newest = [(program.name, "event") for program in reversed(made)][:PROGRAMS_AT_MOST]
    every = ("All programs", "more_horiz")
    assert titles(made[-1]) == [(made[-1].name, "check"), *newest[1:], every]
    assert titles(made[0]) == [(made[0].name, "check"), *newest[:-1], every]
    for program in made[PROGRAMS_AT_MOST:]:
        program.delete()
    assert len(titles(made[0])) == PROGRAMS_AT_MOST
    assert every not in titles(made[0])
