"""Each page has something sensible to say of a program that is not like others."""

import html
import re

import pytest
from django.urls import reverse

from committee.interfaces.pages import PAGES, link_to
from matching.domain.proposals.propose import propose
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LONG = ["Ada Wolfeschlegelsteinhausenbergerdorff".ljust(200, "a"), "Ben ".ljust(200, "b")]


def people(program, names, **details):
    return [ParticipantFactory(program=program, name=name, **details) for name in names.split()]


def empty(program):
    pass


def one_mentor(program):
    people(program, "Ada")


def no_mentee(program):
    people(program, "Ada Cy Eve")


def no_mentor(program):
    people(program, "Ben Di Flo", mentee=True)


def all_virtual(program):
    people(program, " ".join(f"Ada{n}" for n in range(20)), virtual=True)
    people(program, " ".join(f"Ben{n}" for n in range(20)), virtual=True, mentee=True)
    propose(program)


def ten_places(program):
    people(program, "Ada", capacity=10)
    people(program, " ".join(f"Ben{n}" for n in range(12)), mentee=True)
    propose(program)


def long_names(program):
    ParticipantFactory(program=program, name=LONG[0])
    ParticipantFactory(program=program, name=LONG[1], mentee=True)
    propose(program)


NEEDS_BOTH = "Matches need at least one mentor and one mentee."
SAID = {
    empty: {
        "dashboard": ["Nobody is in the program yet Import the ticket shop’s export"],
        "people": ["No people yet"],
        "research": ["Nobody is in the program yet. Import the sign-ups first."],
        "board": [NEEDS_BOTH, "There are no mentors yet.", "There are no mentees yet."],
        "propose": [f"{NEEDS_BOTH} Nobody is in the program yet."],
        "compare_proposals": ["There is no proposal to compare with yet."],
        "matches": ["No matches yet"],
        "announce": ["Nobody is due for this email"],
        "mentors_needed": ["Nobody has asked for a mentor yet."],
        "keep_apart": ["No do-not-match pairs yet"],
        "report": ["Signed up and taking part 0"],
        "board_history": ["Nothing has been changed on the board yet."],
    },
    one_mentor: {
        "dashboard": ["0 mentees for 1 place with 1 mentor. Nobody has asked for a mentor yet."],
        "research": ["0 of 1 looked up, 1 left"],
        "board": [NEEDS_BOTH, "1 mentor with 1 place", "There are no mentees yet."],
        "propose": [f"{NEEDS_BOTH} Nobody has asked for a mentor yet."],
        "mentors_needed": ["Nobody has asked for a mentor yet."],
    },
    no_mentee: {
        "dashboard": ["0 mentees for 3 places with 3 mentors. Nobody has asked for a mentor yet."],
        "board": [NEEDS_BOTH, "3 mentors with 3 places", "There are no mentees yet."],
        "propose": [f"{NEEDS_BOTH} Nobody has asked for a mentor yet."],
    },
    no_mentor: {
        "dashboard": ["3 mentees for 0 places with 0 mentors. Nobody has offered to mentor yet."],
        "board": [NEEDS_BOTH, "There are no mentors yet.", "Unmatched mentees 3"],
        "propose": [f"{NEEDS_BOTH} Nobody has offered to mentor yet."],
        "mentors_needed": ["3 more mentors would place everyone: 3 in Other (in person)."],
        "why_left": ["No mentor has a place for Ben."],
    },
    all_virtual: {
        "dashboard": ["20 mentees for 20 places with 20 mentors."],
        "board": ["20 pairs · 20 mentees · 20 mentors with 20 places", "Everyone has a mentor."],
        "propose": ["20 unchanged, 0 new, 0 removed."],
        "announce": ["20 emails are ready to send", "You are both attending the conference virtu"],
        "mentors_needed": ["Everyone can have a mentor."],
        "report": ["Pairs 20"],
    },
    ten_places: {
        "board": ["10/10 places taken", "Pairs of mentees sharing a mentor 45 best possible"],
        "propose": ["10 pairs from 1 mentor and 12 mentees", "Unmatched mentees Ben"],
        "why_left": ["compete for the 10 places with Ada. Unmatched: Ben"],
        "mentors_needed": ["2 more mentors would place everyone: 2 in Other (in person)."],
        "announce": ["10 emails are ready to send"],
    },
    long_names: {
        "people": LONG,
        "board": [*LONG, f"Select {LONG[0]} & {LONG[1]}"],
        "matches": LONG,
        "propose": ["1 unchanged, 0 new, 0 removed."],
        "announce": [f"{LONG[0]} and {LONG[1]}", f"Hi {LONG[0]} and {LONG[1]},"],
        "board_history": ["The program saved a proposal: 1 mentee has another mentor"],
    },
}


def words_of(page):
    """Return what a page says, also to a screen reader."""
    page = page.partition('id="content"')[2] or page
    page = re.sub(r"<script.*?</script>|<option.*?</option>|<svg.*?</svg>", " ", page, flags=re.S)
    page = re.sub(r'<span class="material-symbols-outlined[^>]*>[^<]*</span>', " ", page)
    page = re.sub(r'<[^>]*aria-label="([^"]*)"[^>]*>', r" \1 ", page)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split()).replace(" .", ".")


@pytest.mark.slow
@pytest.mark.parametrize("make", SAID)
def test_every_page_has_something_sensible_to_say(client, make):
    program = ProgramFactory()
    user = MembershipFactory(program=program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    make(program)

    missing = {}
    for page, sentences in SAID[make].items():
        response = client.get(link_to(page) if page in PAGES else reverse(page))
        assert response.status_code == 200
        said = words_of(response.content.decode())
        if any(" ".join(words.split()) not in said for words in sentences):
            missing[page] = said

    assert missing == {}
