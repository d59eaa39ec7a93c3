"""What would be if, and which announced pairs stand in the way; nothing of it is saved."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from matching.domain.matches.changes import announce, create_match, lock
from matching.domain.proposals.problem import read_inputs, solve
from matching.domain.proposals.what_if import Scenario, announced_in_the_way, what_if
from matching.engine import NewMentors
from matching.models import Match
from mentorship.models import Participant
from tests.factories import KeepApartFactory, MatchFactory, ParticipantFactory

PROPOSE, WHAT_IF, WHY = reverse("propose_matches"), reverse("what_if"), reverse("why_left")
BIOLOGY, PHYSICS = "Biology/Health", "Physics/Astro/Chemistry"


def person(program, name, *fields, **kwargs):
    email = f"{name.lower()}@freemail.example"
    return ParticipantFactory(program=program, name=name, email=email, fields=fields, **kwargs)


def result_of(program):
    return solve(read_inputs(program))


def changed(difference):
    return {name: amount for name, amount in difference.tiers.items() if amount}


@pytest.fixture
def people(program):
    program.affinity_floor, program.affinity_weights = 0, {}
    program.save()
    return {
        "ada": person(program, "Ada", BIOLOGY),
        "cy": person(program, "Cy", PHYSICS),
        "ben": person(program, "Ben", BIOLOGY, mentee=True),
        "di": person(program, "Di", PHYSICS, mentee=True),
        "flo": person(program, "Flo", PHYSICS, mentee=True),
    }


def test_more_mentors_in_a_field(program, people):
    found = what_if(result_of(program), Scenario(more=NewMentors(PHYSICS, False, 1)))

    assert changed(found) == {"unmatched": -1}
    assert [mentor for mentor, _ in found.new][-1] == f"new mentor 1 ({PHYSICS}, in person)"


def test_a_raised_capacity(program, people):
    found = what_if(result_of(program), Scenario(mentor=people["cy"].pk, capacity=2))

    assert changed(found) == {"unmatched": -1, "spread": 1}
    assert (found.new, found.gone) == ([("Cy", "Di")], [])


def test_a_freed_pair(program, people):
    match = lock(create_match(people["cy"], people["ben"]))

    found = what_if(result_of(program), Scenario(unlock=match.pk))

    assert changed(found) == {"cross_field": -2}
    assert ("Cy", "Ben") in found.gone


def test_what_cannot_be_is_refused_in_words(program, people):
    create_match(people["ada"], people["di"])
    lock(create_match(people["cy"], people["ben"]))
    result = result_of(program)

    for wish, words in [
        (Scenario(unlock=0), "Choose a pair that is locked or announced."),
        (Scenario(mentor=people["ben"].pk), "Choose a mentor who is taking part."),
        (
            Scenario(mentor=people["cy"].pk),
            "Cy has 1 locked mentee but a capacity of 0; unlock a pair or raise the capacity.",
        ),
    ]:
        with pytest.raises(ValidationError) as refused:
            what_if(result, wish)
        assert refused.value.messages == [words]


@pytest.fixture
def in_the_way(program, people):
    """Ben can only go to Cy, who was announced to Di, who could as well go to Ada."""
    people["flo"].delete()
    KeepApartFactory(program=program, first=people["ada"], second=people["ben"])
    announce([create_match(people["cy"], people["di"])])
    return "Di, announced with Cy, would go to Ada; keeping the pair means 1 more unmatched"


def test_announced_pairs_that_leave_somebody_out_are_named_and_kept(program, in_the_way):
    result = result_of(program)

    assert announced_in_the_way(result) == [f"{in_the_way} mentee."]
    assert result.mentor_of[result.inputs.mentees[-1].pk].name == "Cy"


def test_a_locked_pair_is_not_among_them(program, in_the_way):
    lock(Match.objects.get())

    assert announced_in_the_way(result_of(program)) == []


def test_nothing_is_in_the_way_where_changing_helps_nobody(program, people):
    announce([create_match(people["cy"], people["flo"])])

    assert announced_in_the_way(result_of(program)) == []


def test_the_proposals_page_names_them(signed_in, in_the_way):
    text = signed_in.get(WHY).content.decode()

    assert re.findall(r'mb-in-the-way"><li>(.*?)</li>', text) == [f"{in_the_way} mentee."]


def asked(client, address=WHAT_IF, **wish):
    said = {f"if-{name}": value for name, value in wish.items()}
    text = client.get(address, said | {"ask": 1}).content.decode()
    answers = re.findall(r"this proposal:</strong> (.*?)\.</p>", text)
    return answers + re.findall(r'cm-danger"[^>]*>(.*?)</p>', text)


def test_the_form_answers_in_words_and_saves_nothing(signed_in, people):
    match = lock(create_match(people["cy"], people["ben"]))
    more = {"count": 2, "field": PHYSICS, "attendance": "virtual"}
    before = list(Participant.objects.values()), list(Match.objects.values())

    assert asked(signed_in, mentor=people["cy"].pk, places=2) == [
        "1 fewer unmatched mentee, 1 more pair of mentees sharing a mentor"
    ]
    assert asked(signed_in, PROPOSE, **more) == [
        "1 fewer unmatched mentee, 1 more pair with mixed attendance"
    ]
    assert asked(signed_in, unlock=match.pk) == ["2 fewer pairs with no shared field"]
    assert asked(signed_in) == []
    assert (list(Participant.objects.values()), list(Match.objects.values())) == before


def test_a_question_that_cannot_be_says_why(signed_in, program, people):
    lock(create_match(people["cy"], people["ben"]))
    stranger = MatchFactory(locked=True)

    assert asked(signed_in, mentor=people["cy"].pk) == [
        "Enter how many mentees this mentor would take."
    ]
    assert asked(signed_in, mentor=people["cy"].pk, places=0) == [
        "Cy has 1 locked mentee but a capacity of 0; unlock a pair or raise the capacity."
    ]
    assert asked(signed_in, count=51, field=PHYSICS) == [
        "Ensure this value is less than or equal to 50."
    ]
    assert len(asked(signed_in, unlock=stranger.pk)) == 1


def test_signed_out_nothing_is_answered(client, db):
    assert client.get(WHAT_IF).url.startswith(reverse("admin:login"))
