"""Flexible people take the role where they help most: exact, proven or said not to be."""

from itertools import combinations, permutations

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from matching.domain.matches.flexible import flexible_people
from matching.domain.proposals import role_choice
from matching.domain.proposals.role_choice import (
    WithoutMatch,
    choose_roles,
    take_roles,
    without_match,
)
from matching.interfaces.board.cards import PersonCard
from mentorship.domain.people.decisions import decide_role
from mentorship.interfaces.decisions.registry import open_decisions
from mentorship.models import Participant
from tests.factories import (
    KeepApartFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return ProgramFactory()


def people(program, role, *other_roles, **more):
    return [
        ParticipantFactory(program=program, signup_role=role, other_role=other, **more)
        for other in other_roles
    ]


def names(choice):
    return [str(person) for person in choice.changed]


@st.composite
def tables(draw):
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(0, 4))
    cells = draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns))
    places = draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows))
    busy = draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
    return np.array(cells, dtype=bool).reshape(rows, columns), np.array(places), np.array(busy)


def by_trying_all(may, places, busy):
    """The fewest without a match, by looking at every matching there is."""
    slots = [i for i, count in enumerate(places) for _ in range(count)]
    found = []
    for size in range(min(len(slots), may.shape[1]) + 1):
        for rows in combinations(range(len(slots)), size):
            for columns in permutations(range(may.shape[1]), size):
                if all(may[slots[r], c] for r, c in zip(rows, columns, strict=True)):
                    met = {slots[r] for r in rows}
                    idle = sum(
                        count > 0 and not busy[i] and i not in met for i, count in enumerate(places)
                    )
                    found.append((may.shape[1] - size, idle))
    return WithoutMatch(*min(found))


@given(tables())
def test_nobody_less_can_be_without_a_match(table):
    assert without_match(*table) == by_trying_all(*table)


def test_an_idle_mentor_becomes_a_mentee_and_not_the_other_way_round(program):
    people(program, "mentor", "either", None, None)
    people(program, "mentee", None)
    choice = choose_roles(program)
    assert (choice.before, choice.after, choice.proven) == (
        WithoutMatch(0, 2),
        WithoutMatch(0, 0),
        True,
    )
    assert [person.other_role for person in choice.changed] == ["either"]


def test_who_likes_either_goes_before_who_would_only_help_out(program):
    people(program, "mentee", None, "if_short", "either", None)
    people(program, "mentor", None)
    choice = choose_roles(program)
    assert choice.before == WithoutMatch(3, 0)
    assert choice.after == WithoutMatch(1, 0)
    assert [person.other_role for person in choice.changed] == ["either"]


def test_nobody_changes_where_it_does_not_help(program):
    people(program, "mentor", "either")
    people(program, "mentee", "either")
    choice = choose_roles(program)
    assert (choice.changed, choice.proven) == ([], True)


def test_who_must_not_be_matched_does_not_help(program):
    (mentor,) = people(program, "mentor", None)
    one, other = people(program, "mentee", None, "either")
    KeepApartFactory(program=program, first=one, second=other)
    choice = choose_roles(program)
    assert (choice.before, choice.changed) == (WithoutMatch(1, 0), [])
    assert mentor not in choice.flexible


def test_announced_pairs_and_decided_roles_stay(program):
    match = MatchFactory(program=program, status="announced", announced_at="2083-07-01T12:00Z")
    Participant.objects.update(other_role="either")
    (extra,) = people(program, "mentee", "either")
    decide_role(extra, "mentee")
    choice = choose_roles(program)
    assert (choice.flexible, choice.before) == ([], WithoutMatch(1, 0))
    # Nobody is offered who could not be chosen.
    assert flexible_people(program) == []
    assert match.is_live


def test_too_many_choices_are_climbed_and_said_not_to_be_proven(program, monkeypatch):
    people(program, "mentee", *["either"] * 4)
    exact = choose_roles(program)
    monkeypatch.setattr(role_choice, "WORK", 200)
    found = choose_roles(program)
    assert (exact.proven, found.proven) == (True, False)
    assert (exact.after, found.after) == (WithoutMatch(0, 0), WithoutMatch(0, 0))


class TestPage:
    @pytest.fixture
    def member(self, client, program):
        user = MembershipFactory(program=program).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return user

    def test_shows_the_change_and_makes_it(self, client, program, member):
        people(program, "mentee", None)
        (dee,) = people(program, "mentee", "if_short", name="Dee Ito")
        (waiting,) = [one for one in open_decisions(program) if one.kind.name == "flexible_roles"]
        assert waiting.sentence == "1 person could take the role that is short"
        page = client.get(reverse("flexible_roles"))
        shown = " ".join(page.content.decode().split())
        assert "1 person would help more in the other role" in shown
        assert "<td>2</td><td>0</td>" in shown
        assert "<td>0</td><td>0</td>" in shown
        assert "Proven: no other choice" in shown
        client.post(reverse("use_roles"), {"mark": page.context["choice"].mark})
        dee.refresh_from_db()
        assert (dee.role, dee.decided_role) == ("mentor", "mentor")
        assert PersonCard(dee, "mentor", "", "").facts[-1] == "helps as a mentor, as they offered"
        assert [one for one in open_decisions(program) if one.kind.name == "flexible_roles"] == []

    def test_a_proposal_leads_there_before_it_is_saved(self, client, program, member):
        people(program, "mentee", None, "either")
        people(program, "mentor", None)
        link = f'href="{reverse("flexible_roles")}"'

        def leading():
            names = ("propose_matches", "matching_board")
            return [link in client.get(reverse(name)).content.decode() for name in names]

        one_too_many = leading()
        people(program, "mentee", None)
        two_too_many = leading()
        client.post(reverse("use_roles"), {"mark": choose_roles(program).mark})
        assert [one_too_many, two_too_many, leading()] == [[False] * 2, [True] * 2, [False] * 2]

    def test_another_choice_by_now_changes_nothing(self, client, program, member):
        (dee,) = people(program, "mentee", "either")
        people(program, "mentee", None)
        mark = choose_roles(program).mark
        people(program, "mentor", None, None)
        with pytest.raises(ValidationError, match="have changed since"):
            take_roles(program, mark)
        client.post(reverse("use_roles"), {"mark": mark})
        dee.refresh_from_db()
        assert dee.role == "mentee"

    def test_is_for_members(self, client, program):
        assert client.get(reverse("flexible_roles")).status_code == 302
        assert client.post(reverse("use_roles"), {"mark": "1"}).status_code == 302
