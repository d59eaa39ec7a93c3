"""A first name is used where it is certain, and never guessed."""

import pytest

from mentorship.domain.people.greeting import first_name, first_name_of, greeting
from mentorship.models import Participant
from notifications.domain.content.placeholders import of_person
from notifications.domain.content.templates import default_text


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ana Lima", "Ana"),
        ("José Lima", "José"),
        ("Zoë O’Brien-Smith", "Zoë"),
        ("Anna-Maria Rossi", "Anna-Maria"),
        ("Daniel J. Green", "Daniel"),
        ("Daniel J R Green", "Daniel"),
        ("Sophie van der Berg", "Sophie"),
        ("Ana da Silva", "Ana"),
        ("Emily Martin", "Emily"),
        ("David Wang", "David"),
        ("Ana LIMA", "Ana"),
    ],
)
def test_takes_a_first_name_that_is_certain(name, first):
    assert first_name(name) == first


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Ana",
        "Madonna",
        "Lima, Ana",
        "Dr. Ana Lima",
        "Prof Ana Lima",
        "Ana Lima, PhD",
        "Ana Lima (she/her)",
        "A. Lima",
        "S. Ramanujan",
        "Wang Wei",
        "Kim Minjun",
        "Nguyen Van Anh",
        "Nagy Anna",
        "Tanaka Keiko",
        "Lima Ana",
        "László Zsófia",  # Either may be the first name.
        "Maria Rosa",
        "Martin Green",  # Martin is as common as a family name.
        "MARTIN Anna",
        "María del Carmen Ruiz",
        "Mary Ann Green",
        "Juan Carlos Ruiz",
        "Ana Lima Costa",
        "ana lima",
        "ANA LIMA",
        "ana.lima@mail.example",
        "Ana 2",
        "Ana L.",
        "王伟",
        "김 민준",
        "Ana\u202e Lima",
        "'; DROP TABLE",
    ],
)
def test_never_guesses(name):
    assert first_name(name) == ""


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("Wei", "Wang", "Wei"),
        ("Anne Marie", "de Jong", "Anne Marie"),
        ("John Q.", "Public", "John"),
        ("J.", "Public", ""),
        ("Dr. Ana", "Lima", ""),
        ("Ana Lima", "Lima", ""),
        ("Ana", "", ""),
        ("", "Lima", ""),
        ("Ana\u202e", "Lima", ""),
        ("A" * 101, "Lima", ""),
    ],
)
def test_a_list_with_a_column_for_it_is_certain(first, last, expected):
    assert first_name_of(first, last) == expected


@pytest.mark.parametrize(
    ("short_name", "name", "expected"),
    [
        ("Ani", "Ana Lima", "Ani"),
        ("", "Ana Lima", "Ana"),
        ("", "Wang Wei", "Wang Wei"),
        ("", "Dr. Ana Lima", "Dr. Ana Lima"),
        ("", "", "there"),
    ],
)
def test_what_a_person_asked_for_comes_first_and_the_whole_name_last(short_name, name, expected):
    person = Participant(name=name, short_name=short_name, email="ana@mail.example", link_key="key")
    person.__dict__ |= {"role": "mentor"}
    assert of_person(person)["called"] == expected
    assert greeting(person) == expected.replace("there", "")


def test_every_text_greets_by_it():
    assert default_text("survey").body.startswith("Hi {{ person.called }},\n\n")
    assert default_text("match_call").body.startswith(
        "Hi {{ mentor.called }} and {{ mentee.called }},\n\n"
    )
