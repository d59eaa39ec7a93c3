"""The field under which a pair stands, chosen by hand."""

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.urls import reverse

from matching.domain.matches.bins import change_bin
from matching.domain.matches.changes import create_match, dissolve, lock
from matching.domain.proposals.propose import propose
from tests.factories import MatchFactory, ParticipantFactory

ACT, BOARD = reverse("act_on_match"), reverse("matching_board")
BIOLOGY, PHYSICS, SOFTWARE = "Biology/Health", "Physics/Astro/Chemistry", "Software Engineering"


@pytest.fixture
def match(program):
    mentor = ParticipantFactory(program=program, name="Ada", fields=[BIOLOGY, PHYSICS])
    mentee = ParticipantFactory(
        program=program, name="Ben", mentee=True, fields=[BIOLOGY, PHYSICS, SOFTWARE]
    )
    return create_match(mentor, mentee)


def field(match, name):
    return match.program.fields.get(name=name)


def bin_of(match):
    match.refresh_from_db()
    return match.bin.name


def test_a_pair_stands_under_any_of_its_common_fields(match, member):
    assert bin_of(match) == PHYSICS

    change_bin(match, field(match, BIOLOGY).pk, by=member)

    assert bin_of(match) == BIOLOGY
    assert match.history.first().history_user == member


def test_without_a_common_one_under_any_that_either_has(match):
    match.mentee.fields.set([field(match, SOFTWARE)])

    change_bin(match, field(match, SOFTWARE).pk)

    assert bin_of(match) == SOFTWARE


def test_nowhere_else_and_not_once_dissolved(match):
    with pytest.raises(ValidationError) as refused:
        change_bin(match, field(match, SOFTWARE).pk)
    assert refused.value.messages == [
        f"Ada & Ben can only be listed under one of these fields: {PHYSICS}, {BIOLOGY}."
    ]
    dissolve(match, "moved away")
    with pytest.raises(ValidationError, match="already dissolved"):
        change_bin(match, field(match, BIOLOGY).pk)
    assert bin_of(match) == PHYSICS


def test_a_proposal_keeps_the_bin_of_a_locked_pair(match):
    for name in (BIOLOGY, PHYSICS):
        change_bin(lock(match), field(match, name).pk)
        found = propose(match.program)
        assert (bin_of(match), [pair["bin"] for pair in found.pairs]) == (name, [name])


def test_on_the_board(signed_in, match):
    page = signed_in.get(BOARD, {"mentee": match.mentee_id})
    assert [str(f) for f in page.context["card"].bins] == [PHYSICS, BIOLOGY]

    data = {"match": match.pk, "do": "bin", "bin": field(match, BIOLOGY).pk}
    done = signed_in.post(ACT, data)

    assert [str(m) for m in get_messages(done.wsgi_request)] == [f"Moved Ada & Ben to {BIOLOGY}."]
    assert bin_of(match) == BIOLOGY
    assert signed_in.post(ACT, data | {"match": MatchFactory().pk}).status_code == 404
