"""The first hour in which both people of a match said that they are free."""

import datetime

import pytest

from matching.domain.matches.meetings import (
    Availability,
    days_in_common,
    first_meetings,
    is_possible,
    on_clocks,
    read_availability,
    suggested_hours,
)
from tests.factories import MatchFactory, ParticipantFactory, ProgramFactory, SurveyResponseFactory

pytestmark = pytest.mark.django_db
LONG_BEFORE = datetime.datetime(2083, 6, 20, 19, tzinfo=datetime.UTC)


def utc(day, hour, minute=0):
    return datetime.datetime(2083, 7, day, hour, minute, tzinfo=datetime.UTC)


@pytest.fixture
def program():
    """A conference of seven days from 12 July, on the clock of Los Angeles (UTC-7)."""
    return ProgramFactory()


def pair(program, mentor_zone="Europe/Berlin", mentee_zone="America/New_York", mentor=None):
    details = {
        "mentee__time_zone": mentee_zone,
        "mentee__signup_attendance": "virtual",
        "mentor__time_zone": mentor_zone,
        "mentor__signup_attendance": "virtual",
    }
    if mentor:
        details = {k: v for k, v in details.items() if k.startswith("mentee")} | {"mentor": mentor}
    return MatchFactory(program=program, **details)


def meetings(hours, *matches, now=LONG_BEFORE):
    """When they meet, in the matches' order; `hours` are the mentor's and each mentee's."""
    for match in matches:
        match.mentor.refresh_from_db()
        match.mentee.refresh_from_db()
    people = [matches[0].mentor, *(match.mentee for match in matches)]
    free = {person.pk: Availability(stated) for person, stated in zip(people, hours, strict=True)}
    found = first_meetings(matches, free, now)
    return [found.get(match.pk) for match in matches]


@pytest.mark.parametrize(
    ("mentor_zone", "mentee_zone", "mentor_hours", "mentee_hours", "expected"),
    [
        # 15:00 in Berlin is 09:00 in New York; the first one that is in the conference's days.
        ("Europe/Berlin", "America/New_York", [14, 15, 16], [9, 10], utc(12, 13)),
        # Half an hour and three quarters off the full hour: both must be free for the whole hour.
        ("Asia/Kolkata", "Europe/Berlin", [18, 19], [15], utc(12, 13)),
        ("Asia/Kathmandu", "Asia/Kathmandu", [8], [8], utc(13, 2, 15)),
        ("Asia/Kolkata", "Europe/Berlin", [18], [15], None),
        # Nobody is asked to meet in the evening, even who is free then.
        ("Europe/Berlin", "Europe/Berlin", [20, 21], [20, 21], None),
        ("Europe/Berlin", "America/New_York", [8], [9], None),
        ("Europe/Berlin", "America/New_York", [], [9], None),
        ("Europe/Berlin", "America/New_York", [15], [], None),
        ("", "America/New_York", [15], [9], None),
        # The first morning of the conference in Auckland begins before its first day.
        ("Pacific/Auckland", "Pacific/Auckland", [8], [8], utc(12, 20)),
    ],
)
def test_is_the_first_hour_of_the_conference_in_which_both_are_free(
    program, mentor_zone, mentee_zone, mentor_hours, mentee_hours, expected
):
    match = pair(program, mentor_zone, mentee_zone)
    assert meetings([mentor_hours, mentee_hours], match) == [expected]


def test_keeps_the_conferences_clock_for_whoever_is_there(program):
    match = MatchFactory(
        program=program,
        mentor__time_zone="Asia/Tokyo",
        mentee__signup_attendance="virtual",
        mentee__time_zone="Europe/Berlin",
    )
    assert meetings([[9], [18]], match) == [utc(12, 16)]


@pytest.mark.parametrize(
    ("announced", "now", "expected"),
    [
        (None, utc(12, 13), utc(13, 13)),
        (None, utc(12, 14), utc(14, 13)),
        (utc(12, 13), utc(13, 12), utc(13, 13)),
        (utc(12, 13), utc(13, 14), utc(14, 13)),
        (None, utc(18, 14), None),
    ],
    ids=["a day ahead", "not sooner", "stays", "is past", "conference is over"],
)
def test_leaves_a_day_to_answer_and_is_never_past(program, announced, now, expected):
    match = pair(program)
    match.announced_at = announced
    assert meetings([[15], [9]], match, now=now) == [expected]


def test_mentor_of_two_meets_them_one_after_the_other(program):
    one = pair(program)
    other = pair(program, mentor=one.mentor)
    assert meetings([[15, 16], [9, 10], [9, 10]], one, other) == [utc(12, 13), utc(12, 14)]
    assert meetings([[15], [9], [9]], one, other) == [utc(12, 13), utc(13, 13)]


def test_clocks_change_in_the_middle_of_a_conference():
    program = ProgramFactory(
        starts_on=datetime.date(2083, 10, 30),
        ends_on=datetime.date(2083, 10, 31),
        time_zone="Europe/Berlin",
    )
    match = pair(program, "Europe/Berlin", "UTC")
    # Summer time ends on the 31st, when 09:00 in Berlin is 08:00 UTC.
    assert meetings([[9], [8]], match) == [datetime.datetime(2083, 10, 31, 8, tzinfo=datetime.UTC)]


def test_reads_the_newest_answer_of_each_in_one_query(program, django_assert_num_queries):
    people = ParticipantFactory.create_batch(2, program=program)
    for day, hours in ((2, [1]), (3, [2, 3]), (1, [4])):
        SurveyResponseFactory(
            participant=people[0],
            free_hours=hours,
            days_there=["2083-07-13"],
            submitted_at=utc(day, 0),
        )
    with django_assert_num_queries(1):
        found = read_availability([person.pk for person in people])
    assert found == {people[0].pk: Availability([2, 3], ["2083-07-13"])}


def moments(match, mentor=(), mentee=(), **more):
    """Return the hours suggested to a match whose people gave (hours, days)."""
    for person in (match.mentor, match.mentee):
        person.refresh_from_db()
    said = {match.mentor.pk: Availability(*mentor), match.mentee.pk: Availability(*mentee)}
    return suggested_hours(match, said, LONG_BEFORE, **more)


def test_three_hours_on_three_days_in_the_daytime_of_both(program):
    # 08:00 in New York is 14:00 in Berlin; from 20:00 in Berlin nobody is asked to call.
    expected = [utc(12, 12), utc(13, 12), utc(14, 12)]
    assert moments(pair(program)) == expected
    wide = pair(program, "Europe/Berlin", "America/Los_Angeles")
    assert moments(wide) == [utc(12, 15), utc(13, 15), utc(14, 15)]
    assert moments(pair(program, "Asia/Tokyo", "America/Los_Angeles")) == [
        utc(12, 23),  # 16:00 and, on the next day, 08:00
        utc(13, 23),
        utc(14, 23),
    ]


def test_no_hour_is_suggested_at_night_whatever_they_gave(program):
    match = pair(program, "Europe/Berlin", "Europe/Berlin")
    assert moments(match, ([6, 7, 21, 22],), ([6, 7, 21, 22],)) == []


def test_hours_are_on_the_days_when_both_are_there(program):
    match = pair(program)
    monday, tuesday = "2083-07-12", "2083-07-13"
    both = {
        match.mentor.pk: Availability((), [monday, tuesday]),
        match.mentee.pk: Availability((), [tuesday]),
    }
    assert days_in_common(match, both) == [datetime.date(2083, 7, 13)]
    assert days_in_common(match, both | {match.mentee.pk: Availability()}) == []
    # On one day, three hours that do not overlap.
    assert moments(match, ((), [monday, tuesday]), ((), [tuesday])) == [
        utc(13, 12),
        utc(13, 13),
        utc(13, 14),
    ]


def test_hours_that_are_taken_or_gone_are_not_suggested(program):
    match = pair(program)
    assert moments(match, taken=[utc(12, 12)], most=1) == [utc(12, 13)]
    assert suggested_hours(match, {}, utc(18, 15), most=1) == [utc(18, 17)]
    assert suggested_hours(match, {}, utc(18, 18)) == []


def test_nothing_is_suggested_while_a_clock_is_unknown(program):
    assert moments(pair(program, mentee_zone="")) == []


def test_only_a_possible_hour_can_be_proposed(program):
    match = pair(program)
    for person in (match.mentor, match.mentee):
        person.refresh_from_db()
    tried = [utc(12, 12), utc(12, 12, 15), utc(12, 12, 20), utc(12, 11), utc(20, 12)]
    assert [is_possible(match, moment, LONG_BEFORE) for moment in tried] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert not is_possible(match, utc(12, 12), utc(12, 13))


@pytest.mark.parametrize(
    ("clocks", "said"),
    [
        (["Europe/Berlin", "Europe/Berlin"], "Tuesday, July 13, 9:00 AM to 10:00 AM in Berlin"),
        (["Europe/Berlin", ""], "Tuesday, July 13, 9:00 AM to 10:00 AM in Berlin"),
        (
            ["Europe/Berlin", "Asia/Kolkata"],
            "Tuesday, July 13, 9:00 AM to 10:00 AM in Berlin, which is 12:30 PM to 1:30 PM in "
            "Kolkata",
        ),
        (
            ["Etc/UTC", "America/Los_Angeles"],
            "Tuesday, July 13, 7:00 AM to 8:00 AM (UTC), which is 12:00 AM to 1:00 AM in Los "
            "Angeles",
        ),
        (
            ["Pacific/Auckland", "Pacific/Honolulu"],
            "Tuesday, July 13, 7:00 PM to 8:00 PM in Auckland, which is Monday, July 12, 9:00 PM "
            "to 10:00 PM in Honolulu",
        ),
    ],
)
def test_an_hour_is_said_on_the_clock_of_each(clocks, said):
    program = ProgramFactory.build()

    assert on_clocks(program, utc(13, 7), clocks) == said
