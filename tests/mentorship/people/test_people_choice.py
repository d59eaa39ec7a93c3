"""Choosing a person in a form of the committee's."""

import pytest
from django.urls import reverse

from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db


def choices(client, name, field):
    form = client.get(reverse(f"admin:matching_{name}_add")).context["adminform"].form
    return [label for value, label in form.fields[field].choices if value]


@pytest.fixture
def program(client):
    program = ProgramFactory()
    user = MembershipFactory(program=program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return program


def test_two_who_share_a_name_have_their_addresses_after_it(client, program):
    for name, address, role in [
        ("Jo Lee", "jo@a.example", "mentor"),
        ("Jo Lee", "jo@b.example", "mentor"),
        ("Jo Lee", "jo@c.example", "mentee"),
        ("Ann", "ann@a.example", "mentee"),
        ("", "nobody@a.example", "mentee"),
    ]:
        ParticipantFactory(program=program, name=name, email=address, signup_role=role)
    ParticipantFactory(name="Ann")  # of another program

    mentees = ["Ann", "Jo Lee", "nobody@a.example"]
    mentors = ["Jo Lee <jo@a.example>", "Jo Lee <jo@b.example>"]
    everyone = [*mentors, "Ann", "Jo Lee <jo@c.example>", "nobody@a.example"]
    assert sorted(choices(client, "keepapart", "second")) == sorted(everyone)
    assert sorted(choices(client, "concern", "participant")) == sorted(everyone)
    assert sorted(choices(client, "match", "mentee")) == mentees
    assert sorted(choices(client, "match", "mentor")) == [
        f"{mentor} (1 of 1 place free)" for mentor in mentors
    ]


def test_what_no_key_opens_is_not_there(client, program):
    """A menu beside each choice, for the pages of what is chosen, was for the mouse alone."""
    for name in ("keepapart", "concern", "match"):
        page = client.get(reverse(f"admin:matching_{name}_add")).content.decode()
        assert ("related-widget-wrapper" in page, "<select" in page) == (False, True)
