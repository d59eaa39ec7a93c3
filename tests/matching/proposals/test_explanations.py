"""Why mentees are left, what would place them, and what priorities cost, by name and in words."""

import re

import pytest
from django.urls import reverse

from matching.domain.matches.changes import create_match
from matching.domain.proposals.explanations import missing_mentors, trade_offs, why_unmatched
from matching.domain.proposals.problem import read_inputs, solve
from tests.factories import KeepApartFactory, ParticipantFactory

BOARD, PROPOSE = reverse("matching_board"), reverse("propose_matches")
WHY, COSTS = reverse("why_left"), reverse("priority_costs")
BIOLOGY, PHYSICS = "Biology/Health", "Physics/Astro/Chemistry"


def person(program, name, *fields, **kwargs):
    email = kwargs.pop("email", f"{name.lower()}@freemail.example")
    return ParticipantFactory(program=program, name=name, email=email, fields=fields, **kwargs)


@pytest.fixture
def people(program):
    program.affinity_floor, program.affinity_weights = 0, {}
    program.save()
    return {
        "ada": person(program, "Ada", BIOLOGY),
        "ben": person(program, "Ben", BIOLOGY, mentee=True),
        "di": person(program, "Di", PHYSICS, mentee=True),
        "flo": person(program, "Flo", PHYSICS, mentee=True),
    }


def result_of(program):
    return solve(read_inputs(program))


def test_those_who_compete_for_the_same_places_are_explained_together(program, people):
    left = why_unmatched(result_of(program))

    assert [(one.mentees, one.sentence) for one in left] == [
        (
            [people["di"], people["flo"]],
            "3 mentees (Ben, Di and Flo) compete for the 1 place with Ada. Unmatched: Di and Flo.",
        )
    ]


def test_whoever_is_kept_apart_from_everyone_is_explained_alone(program, people):
    KeepApartFactory(program=program, first=people["ada"], second=people["flo"])
    person(program, "Cy", PHYSICS, capacity=0)
    people["ben"].delete()

    left = why_unmatched(result_of(program))

    assert [one.sentence for one in left] == [
        "Flo is marked “do not match” with every mentor who has a place."
    ]


def test_two_of_one_name_are_told_apart(program, people):
    person(program, "Di", PHYSICS, mentee=True, email="di.other@freemail.example")

    [left] = why_unmatched(result_of(program))

    assert "(Ben, Di (di.other@freemail.example), Di (di@freemail.example) and Flo)" in (
        left.sentence
    )


def test_the_mentors_who_would_place_everyone_are_named_by_field_and_attendance(program, people):
    missing = missing_mentors(result_of(program))

    assert missing.sentence == (
        "2 more mentors would be enough: 2 in Physics/Astro/Chemistry (in person)."
    )
    assert [
        (extra.field, extra.virtual, extra.change["unmatched"]) for extra in missing.extras
    ] == [
        (PHYSICS, False, -1),
        (PHYSICS, False, -1),
    ]


def test_nobody_is_missing_where_everyone_has_a_mentor(program, people):
    people["ada"].capacity = 3
    people["ada"].save()

    assert (why_unmatched(result_of(program)), missing_mentors(result_of(program))) == ([], None)


def test_what_a_priority_costs_the_later_ones(program, people):
    people["ada"].capacity = 2
    people["ada"].save()
    person(program, "Cy", BIOLOGY, virtual=True)

    costs = {cost.name: cost.saved for cost in trade_offs(result_of(program))}

    # Without `spread` nothing changes: all three places are needed. Without `unmatched`, nobody.
    assert costs["spread"] == {"mixed": 0, "cross_field": 0, "weak": 0, "affinity": 0}
    assert costs["unmatched"] == {
        "changed": 0, "spread": 1, "mixed": 1, "cross_field": 2, "weak": 0, "affinity": 0,
    }  # fmt: skip


def paragraphs(response):
    return re.findall(r'<p class="mb-why">(.*?)</p>', response.content.decode(), re.S)


def test_board_and_proposal_say_why(signed_in, people):
    create_match(people["ada"], people["flo"])
    reason = "3 mentees (Ben, Di and Flo) compete for the 1 place with Ada. Unmatched: Di and Flo."
    would = "A new proposal would match Ben with Ada."

    assert paragraphs(signed_in.get(WHY)) == [reason, would]
    assert paragraphs(signed_in.get(BOARD, {"why": 1})) == [reason, would]
    assert paragraphs(signed_in.get(PROPOSE, {"why": 1})) == [reason, would]
    assert "2 more mentors would be enough" in signed_in.get(WHY).content.decode()


def test_the_costs_are_said_in_the_order_of_the_priorities(signed_in, people):
    text = signed_in.get(COSTS).content.decode()

    assert re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text)[:3] == [
        ("Unmatched mentees", "costs nothing"),
        ("Announced pairs changed", "costs nothing"),
        ("Pairs of mentees sharing a mentor", "costs nothing"),
    ]


def test_what_a_priority_costs_is_what_there_would_be_without_it(signed_in, program, people):
    people["ada"].capacity = 2
    people["ada"].save()
    person(program, "Cy", BIOLOGY, virtual=True)

    said = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", signed_in.get(COSTS).content.decode()))

    assert said["Unmatched mentees"] == (
        "without it, there would be 1 fewer pair of mentees sharing a mentor, 1 fewer pair with "
        "mixed attendance and 2 fewer pairs with no shared field"
    )


def test_names_are_escaped(signed_in, program, people):
    person(program, "<b>Gus</b>", PHYSICS, mentee=True, email="gus@freemail.example")

    text = signed_in.get(WHY).content.decode()

    assert "<b>Gus" not in text
    assert "&lt;b&gt;Gus&lt;/b&gt;" in text


@pytest.mark.parametrize("address", [WHY, COSTS])
def test_signed_out_nothing_is_said(client, db, address):
    assert client.get(address).url.startswith(reverse("admin:login"))
