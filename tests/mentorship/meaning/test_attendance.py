"""How somebody attends, by what tickets are called and what people answer."""

import pytest

from mentorship.domain.meaning.attendance import read_attendance
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.models import Attendance

IN_PERSON = [
    "In-Person - Professional",
    "In-Person – Student",
    "IN PERSON: speaker",
    "Conference + Tutorials (in person)",
    "On-site",
    "In person",
    "No virtual access, on site only",
    "In-person, all week",
    "Non-virtual",
    "Non virtual",
    "Konferenz – vor Ort",
    "Conference pass (in person)",
    "Conference – In person",
    "I'll be there in person",
    "SciPy 2027 in person",
    "Présentiel",
    "Sur place",
    "Presencial",
    "Ter plaatse",
    "Physical attendance",
    "Physically",
    "On site student",
    "Onsite",
]
VIRTUAL = [
    "Virtual - General",
    "Virtual – Student",
    "Online access",
    "Virtually",
    "Live stream",
    "Livestream",
    "Online",
    "Remote (can't travel in person)",
    "Only online",
    "Not in person",
    "Virtual only",
    "Konferenz – online",
    "Virtual pass",
    "Conference – Online",
    "I will attend virtually",
    "Remote participant",
    "Remote",
    "Digital ticket",
    "Digital",
    "Virtual 2027",
    "SciPy 2027 - Virtual",
    "À distance",
    "En ligne",
    "En línea",
    "A distancia",
    "Op afstand",
    "I can't attend in person",
    "Virtual (not in person)",
    "Streaming",
    "Streaming pass",
    "Online participation",
    "virtual attendee",
    "Online (livestream)",
]
# A subject that holds such a word, both at once, or neither: somebody is asked.
UNCLEAR = [
    "",
    "Sponsor pass",
    "In person or online",
    "Tutorial: Remote sensing with Python",
    "Digital humanities day",
    "Streaming data workshop + conference",
    "Online algorithms tutorial",
    "Physical sciences student",
    "Virtual reality tutorial + conference (in person)",
    "In person, but happy to meet virtually",
    "I'm not sure yet",
    "both",
    "Hybrid",
    "Conference + tutorials (hybrid)",
    "Maybe virtual",
    "not only virtual",
    "In person (virtual tutorials)",
    "Virtual machines workshop",
]


@pytest.mark.parametrize("text", IN_PERSON)
def test_in_person(text):
    assert read_attendance(text) is Attendance.IN_PERSON


@pytest.mark.parametrize("text", VIRTUAL)
def test_virtual(text):
    assert read_attendance(text) is Attendance.VIRTUAL


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_is_not_clear(text):
    with pytest.raises(NotUnderstood):
        read_attendance(text)
