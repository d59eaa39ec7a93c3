"""Proposals side by side: what differs, and applying all of one or one pair."""

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from matching.domain.board.undo import next_to_undo, undo
from matching.domain.matches.changes import create_match, dissolve, lock
from matching.domain.proposals.propose import propose
from matching.models import Match
from mentorship.models import Participant
from tests.factories import ProposalFactory
from tests.matching.board.test_undo import BIOLOGY, PHYSICS, make_people

COMPARE, APPLY = reverse("compare_proposals"), reverse("apply_proposal")


@pytest.fixture
def people(program):
    """Ada takes Ben and Eve, Cy takes Di: no other matching is as good."""
    people = make_people(program)
    for name, field in {"Ada": BIOLOGY, "Ben": BIOLOGY, "Eve": BIOLOGY, "Di": PHYSICS}.items():
        people[name].fields.set(program.fields.filter(name=field))
    return people


def pairs():
    return [str(match) for match in Match.objects.live().order_by("mentee__name")]


def differing(response):
    return [
        (str(row.mentee), str(row.one), str(row.other)) for row in response.context["differences"]
    ]


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_the_board_beside_a_proposal_and_two_proposals(signed_in, program, people):
    first = propose(program)
    assert pairs() == ["Ada & Ben", "Cy & Di", "Ada & Eve"]
    assert differing(signed_in.get(COMPARE)) == []
    Participant.objects.filter(name="Cy").update(capacity=0)
    second = propose(program)
    dissolve(Match.objects.live().get(mentee=people["Ben"]), "unsure")

    assert pairs() == ["Ada & Eve"]
    shown = signed_in.get(f"{COMPARE}?one={first.pk}&other={second.pk}")
    assert differing(shown) == [("Di", "Cy", "None")]
    assert differing(signed_in.get(COMPARE)) == [("Ben", "None", "Ada")]
    text = shown.content.decode()
    assert text.count('<dl class="mb-tiles">') == 2
    assert text.count(">Apply all pairs<") == 2
    assert differing(signed_in.get(f"{COMPARE}?one=0&other=0")) == []


def test_all_pairs_of_a_proposal_are_applied_in_one_step(signed_in, program, member, people):
    proposal = propose(program)
    best = pairs()
    for match in Match.objects.live():
        dissolve(match, "starting over")
    create_match(people["Cy"], people["Ben"])
    worse = list(Match.objects.order_by("pk").values())

    answer = signed_in.post(APPLY, {"proposal": proposal.pk})
    assert said(answer) == ["Applied: 3 pairs are new. You can undo this on the board."]
    assert pairs() == best
    undo(next_to_undo(program, member), member)
    assert list(Match.objects.order_by("pk").values()) == worse


def test_locked_pairs_stay_and_what_is_no_longer_possible_is_refused(signed_in, program, people):
    proposal = propose(program)
    for match in Match.objects.live():
        dissolve(match, "starting over")
    lock(create_match(people["Cy"], people["Ben"]))

    answer = signed_in.post(APPLY, {"proposal": proposal.pk})
    assert said(answer) == ["Nothing was changed. Cy has no free place: 1 of 1 taken."]
    assert pairs() == ["Cy & Ben"]


def test_one_pair_is_used(signed_in, program, people):
    propose(program)
    dissolve(Match.objects.get(mentee=people["Ben"]), "unsure")
    text = signed_in.get(COMPARE).content.decode()
    assert re.findall(r'aria-label="(Match [^"]*)"', text) == ["Match Ben with Ada on the board"]

    wish = {"mentee": people["Ben"].pk, "mentor": people["Ada"].pk, "next": COMPARE}
    answer = signed_in.post(reverse("move_mentee"), wish)
    assert (answer.url, differing(signed_in.get(COMPARE))) == (COMPARE, [])


def test_proposals_of_another_program_are_out_of_reach(signed_in, people):
    other = ProposalFactory()

    assert signed_in.get(f"{COMPARE}?one={other.pk}").status_code == 404
    assert signed_in.post(APPLY, {"proposal": other.pk}).status_code == 404
