"""Understanding what is written into cells."""

import datetime
import zoneinfo

import pytest

from mentorship.domain.meaning.cells import (
    read_capacity,
    read_career_stage,
    read_choice,
    read_choices,
)
from mentorship.domain.meaning.times import time_reader
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.meaning.zones import read_time_zone
from mentorship.models import CareerStage

PACIFIC = zoneinfo.ZoneInfo("America/Los_Angeles")
FIELDS = {
    "Physics/Astro/Chemistry": 1,
    "CompSci/DS/ML": 2,
    "Software Engineering": 3,
    "Arts, music and theatre": 4,
    "Arts": 5,
}


@pytest.mark.parametrize(
    ("text", "capacity"),
    [
        ("1", 1),
        ("2.0", 2),
        ("two", 2),
        ("Two mentees", 2),
        ("1-2", 2),
        ("2 – 3", 3),
        ("2 to 3", 3),
        ("up to 3", 3),
        ("one or two", 2),
        ("no more than 2 please", 2),
        ("uno o dos", 2),
        ("até 2", 2),
        ("höchstens zwei", 2),
        ("maximaal 2", 2),
        ("no more than 2", 2),
        ("max. 4", 4),
        ("a couple", 2),
        ("none", 0),
        ("0", 0),
    ],
)
def test_capacities(text, capacity):
    assert read_capacity(text) == capacity


@pytest.mark.parametrize(
    "text",
    [
        "as many as you need!",
        "2+",
        "at least 2",
        "more than 2",
        "1, maybe 2",
        "-1",
        "100",
        "2027-02-03 00:00:00",
        "lots",
        "",
    ],
)
def test_capacities_that_are_not_clear(text):
    with pytest.raises(NotUnderstood):
        read_capacity(text)


@pytest.mark.parametrize(
    ("text", "chosen", "rest"),
    [
        ("CompSci/DS/ML, Physics/Astro/Chemistry", [2, 1], []),
        ("compsci / ds / ml;software  engineering", [2, 3], []),
        ("Arts, music and theatre, CompSci/DS/ML", [4, 2], []),
        ("Arts\nSoftware Engineering", [5, 3], []),
        ("Arts, Arts, Dance, CompSci/DS/ML", [5, 2], ["Dance"]),
        ("", [], []),
    ],
)
def test_multiple_choices(text, chosen, rest):
    assert read_choices(text, FIELDS) == (chosen, rest)


def test_one_choice():
    assert read_choice(" software engineering", FIELDS) == 3
    for text in ("Dance", "Arts, CompSci/DS/ML"):
        with pytest.raises(NotUnderstood):
            read_choice(text, FIELDS)


def test_career_stages_and_time_zones():
    assert read_career_stage("Mid career") is CareerStage.MID
    assert read_career_stage("PhD student") is CareerStage.STUDENT
    assert read_time_zone("america/los angeles") == "America/Los_Angeles"
    for read in (read_career_stage, read_time_zone):
        with pytest.raises(NotUnderstood):
            read("somewhere")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("06/06/2027 03:28", "2027-06-06T10:28:00+00:00"),
        ("2027/06/16 04:30:00 PM", "2027-06-16T23:30:00+00:00"),
        ("6/16/2027 16:30:00", "2027-06-16T23:30:00+00:00"),
        ("2027/06/16 4:30:00 PM GMT+2", "2027-06-16T14:30:00+00:00"),
        ("2027-06-16T16:30:00Z", "2027-06-16T16:30:00+00:00"),
        ("2027-06-16 16:30:00", "2027-06-16T23:30:00+00:00"),
        ("16.06.2027 16:30", "2027-06-16T23:30:00+00:00"),
        ("16/06/2027 16:30", "2027-06-16T23:30:00+00:00"),
        ("2027-01-16", "2027-01-16T08:00:00+00:00"),
    ],
)
def test_times_are_read_in_the_programs_zone(text, utc):
    moment = time_reader([text], PACIFIC)(text)
    assert moment.astimezone(datetime.UTC).isoformat() == utc


def test_one_column_has_one_order_of_day_and_month():
    column = ["03/04/2027 10:00", "25/04/2027 10:00"]
    read = time_reader(column, PACIFIC)
    assert [read(text).date() for text in column] == [
        datetime.date(2027, 4, 3),
        datetime.date(2027, 4, 25),
    ]
    for text in ("soon", "04/25/2027 10:00", ""):
        with pytest.raises(NotUnderstood):
            read(text)
