"""What people write about being a mentor or wanting one, in the words of real programs' forms.

`willingness.tsv` has what a person would understand, a tab, and the phrase: mentor, mentee, no,
undecided (both, either, maybe), or unclear (about somebody else, another time, or turned around).
"""

from collections import Counter
from pathlib import Path

import pytest

from mentorship.domain.meaning import willingness
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.meaning.willingness import (
    Undecided,
    direction_of,
    read_answer,
    read_pair,
    read_role,
    read_yes_no,
)
from mentorship.models import Role

LINES = (Path(__file__).parent / "willingness.tsv").read_text(encoding="utf-8").splitlines()
PHRASES = [tuple(line.split("\t")) for line in LINES]
# Understood by a person, and asked about here: a word in them could turn them around.
ASKED = {
    "I'd never say no to being a mentor",
    "J'aimerais avoir une mentore",
    "Me gustaría que me asignen un mentor",
    "Mentorship program: mentor, mentee or no?",
    "Share my experience as a mentor",
    "I'd like someone experienced to mentor me",
}


def reading(text, read=read_role):
    """Return what is read, in the words of the table."""
    try:
        return (read(text) or "no") and str(read(text) or "no")
    except Undecided:
        return "undecided"
    except NotUnderstood:
        return "unclear"


def wrong(phrases, read=read_role):
    """Return the phrases that are taken for something they do not say."""
    found = [(said, reading(text, read), text) for said, text in phrases]
    return [
        (said, taken, text)
        for said, taken, text in found
        if taken != said and taken not in ("unclear", "undecided")
    ]


def test_no_phrase_is_taken_for_what_it_does_not_say():
    assert wrong(PHRASES) == []
    kinds = Counter(said for said, _ in PHRASES)
    assert min(kinds[said] for said in ("mentor", "mentee")) >= 100
    assert sum(kinds.values()) >= 200


def test_what_a_person_understands_is_asked_about_only_where_it_could_be_turned_around():
    asked = {text for said, text in PHRASES if reading(text) != said}
    assert asked == ASKED


@pytest.mark.parametrize(
    ("taken_out", "at_least"),
    [
        # Without the phrases of one direction, its people would be taken for the other, or asked.
        (True, 60),
        (False, 40),
    ],
)
def test_each_direction_rests_on_its_phrases(monkeypatch, taken_out, at_least):
    left = [(is_mentee, phrase) for is_mentee, phrase in willingness.PHRASES]
    monkeypatch.setattr(willingness, "PHRASES", [pair for pair in left if pair[0] != taken_out])
    role = "mentee" if taken_out else "mentor"
    read = read_role.__wrapped__
    lost = [text for said, text in PHRASES if said == role and reading(text, read) != role]
    assert len(lost) >= at_least


@pytest.mark.parametrize(
    ("text", "heading", "role"),
    [
        ("Yes", "Would you like to be a mentor?", Role.MENTOR),
        ("Yes", "Would you like to have a mentor?", Role.MENTEE),
        ("Yes please", "Would you like to have a mentor?", Role.MENTEE),
        ("x", "Mentee", Role.MENTEE),
        ("Mentor", "Mentor", Role.MENTOR),
        ("No", "Would you like to have a mentor?", None),
        ("I want a mentor", "Would you like to be a mentor?", Role.MENTEE),
    ],
)
def test_a_yes_means_what_its_heading_asks(text, heading, role):
    assert read_answer(text, heading) == role


def test_a_yes_to_the_program_says_nothing_of_the_role():
    for heading in ("Do you want to sign up for the mentorship program?", "Mentoring"):
        assert direction_of(heading) is None
        with pytest.raises(NotUnderstood):
            read_answer("Yes", heading)


@pytest.mark.parametrize(
    ("can", "wants", "role"),
    [
        ("Yes", "No", Role.MENTOR),
        ("No", "Yes", Role.MENTEE),
        ("", "x", Role.MENTEE),
        ("I can mentor", "", Role.MENTOR),
        ("No", "No", None),
        ("", "", None),
    ],
)
def test_two_questions_give_one_role(can, wants, role):
    assert read_pair(("Can you mentor?", can), ("Do you want a mentor?", wants)) == role


def test_two_questions_that_do_not_give_one_role():
    with pytest.raises(Undecided):
        read_pair(("Can you mentor?", "Yes"), ("Do you want a mentor?", "Yes"))
    for can in ("Maybe", "I want a mentor", "What?"):
        with pytest.raises(NotUnderstood):
            read_pair(("Can you mentor?", can), ("Do you want a mentor?", "No"))


def test_yes_and_no():
    said = ("Yes", "ja", "Sí", "✓", "No", "nee", "I can't attend")
    assert [read_yes_no(text) for text in said] == [True] * 4 + [False] * 3
    with pytest.raises(NotUnderstood):
        read_yes_no("Perhaps")
