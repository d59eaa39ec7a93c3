"""What is open before the first proposal, each with the people it concerns."""

import re

import pytest
from django.urls import reverse

from matching.domain.board.board import read_board
from matching.domain.board.readiness import open_matters
from matching.domain.proposals.propose import propose
from tests.factories import KeepApartFactory, ParticipantFactory, SurveyResponseFactory

BOARD = reverse("matching_board")


def matters(program):
    return [
        (one.kind, one.number, [(str(person), words) for person, words in one.people])
        for one in open_matters(read_board(program))
    ]


def answered(person, **answers):
    SurveyResponseFactory(participant=person, **answers)
    return person


@pytest.mark.slow
def test_each_open_matter_names_its_people_and_why(signed_in, program):
    def person(name, **kwargs):
        email = f"{name.lower()}@freemail.example"
        return ParticipantFactory(program=program, name=name, email=email, **kwargs)

    ada = answered(person("Ada"))
    answered(person("Bo", capacity=0))
    ben = answered(person("Ben", mentee=True))
    answered(person("Cy", mentee=True), rather_not_meet="my boss Ada or so")
    answered(person("Di", survey_role="mentor", mentee=True, capacity=0))
    answered(person("Eve", mentee=True), doubts=[{"field": "capacity", "value": "two or three"}])
    person("Flo", mentee=True)
    answered(person("Gus", mentee=True, other_role="if_short"))
    KeepApartFactory(program=program, first=ada, second=ben)

    assert matters(program) == [
        ("roles", 1, [("Di", "signed up as mentee, answered as mentor")]),
        ("flexible", 1, [("Gus", "mentee: if the program is short of them")]),
        ("wishes", 1, [("Cy", "“my boss Ada or so”")]),
        ("doubts", 1, [("Eve", "")]),
        ("no_mentor", 1, [("Ben", "Ada: by request")]),
        ("no_places", 2, [("Bo", ""), ("Di", "")]),
        ("unknown", 1, [("Flo", "")]),
    ]
    text = signed_in.get(BOARD).content.decode()
    part = text[text.index('id="readiness"') :]
    links = re.findall(r'href="([^"]+)"', part[: part.index("</section>")])
    assert [signed_in.get(link.replace("&amp;", "&")).status_code for link in links] == [200] * 13


def test_nothing_open_says_so_and_a_proposal_ends_it(signed_in, program):
    assert "Matches need at least one mentor" in signed_in.get(BOARD).content.decode()
    answered(ParticipantFactory(program=program))
    answered(ParticipantFactory(program=program, mentee=True))
    assert "Nothing is open." in signed_in.get(BOARD).content.decode()
    propose(program)
    assert 'id="readiness"' not in signed_in.get(BOARD).content.decode()
