"""Each region's dates and times, on the program's clock, in Python and in templates."""

import datetime

import pytest
from django.template import Context, Template

from mentorship.models import Program, Region

DAY = datetime.date(2027, 7, 8)
# Half past two in the night of July 9 in UTC is still July 8 in Tacoma.
LATE = datetime.datetime(2027, 7, 9, 2, 30, 5, tzinfo=datetime.UTC)
METHODS = [
    "day",
    "date",
    "weekday",
    "weekday_date",
    "short_day",
    "short_date",
    "short_weekday",
    "time",
    "moment",
    "short_moment",
    "day_and_time",
    "weekday_and_time",
]
WRITTEN = {
    Region.EN_US: [
        "July 8",
        "July 8, 2027",
        "Thursday, July 8",
        "Thursday, July 8, 2027",
        "Jul 8",
        "Jul 8, 2027",
        "Thu, Jul 8",
        "7:30 PM",
        "July 8, 2027, 7:30 PM",
        "Jul 8, 2027, 7:30 PM",
        "July 8, 7:30 PM",
        "Thursday, July 8, 7:30 PM",
    ],
    Region.EN_GB: [
        "8 July",
        "8 July 2027",
        "Thursday 8 July",
        "Thursday 8 July 2027",
        "8 Jul",
        "8 Jul 2027",
        "Thu 8 Jul",
        "19:30",
        "8 July 2027, 19:30",
        "8 Jul 2027, 19:30",
        "8 July, 19:30",
        "Thursday 8 July, 19:30",
    ],
    Region.ISO: [
        "2027-07-08",
        "2027-07-08",
        "Thursday, 2027-07-08",
        "Thursday, 2027-07-08",
        "2027-07-08",
        "2027-07-08",
        "Thu, 2027-07-08",
        "19:30",
        "2027-07-08, 19:30",
        "2027-07-08, 19:30",
        "2027-07-08, 19:30",
        "Thursday, 2027-07-08, 19:30",
    ],
}


def program(region):
    return Program(region=region, time_zone="America/Los_Angeles")


@pytest.mark.parametrize("region", Region)
def test_a_moment_is_written_on_the_programs_clock(region):
    formats = program(region).formats

    assert [getattr(formats, method)(LATE) for method in METHODS] == WRITTEN[region]


@pytest.mark.parametrize("region", Region)
def test_a_date_is_written_as_it_is_and_nothing_as_nothing(region):
    formats = program(region).formats

    assert [getattr(formats, method)(DAY) for method in METHODS[:7]] == WRITTEN[region][:7]
    assert {getattr(formats, method)(None) for method in METHODS} == {""}


@pytest.mark.parametrize(
    ("region", "spans"),
    [
        (Region.EN_US, ["July 12, 2027", "July 12 to 18, 2027", "July 28 to August 2, 2027",
                        "December 30, 2027 to January 2, 2028"]),
        (Region.EN_GB, ["12 July 2027", "12 to 18 July 2027", "28 July to 2 August 2027",
                        "30 December 2027 to 2 January 2028"]),
        (Region.ISO, ["2027-07-12", "2027-07-12 to 2027-07-18", "2027-07-28 to 2027-08-02",
                      "2027-12-30 to 2028-01-02"]),
    ],
)  # fmt: skip
def test_a_span_says_once_what_both_days_share(region, spans):
    days = [
        ((2027, 7, 12), (2027, 7, 12)),
        ((2027, 7, 12), (2027, 7, 18)),
        ((2027, 7, 28), (2027, 8, 2)),
        ((2027, 12, 30), (2028, 1, 2)),
    ]
    formats = program(region).formats

    assert [formats.span(datetime.date(*a), datetime.date(*b)) for a, b in days] == spans


@pytest.mark.parametrize(
    ("region", "spans"),
    [
        (Region.EN_US, ["Jul 12", "Jul 12 to 18", "Jul 28 to Aug 2"]),
        (Region.EN_GB, ["12 Jul", "12 to 18 Jul", "28 Jul to 2 Aug"]),
        (Region.ISO, ["2027-07-12", "2027-07-12 to 2027-07-18", "2027-07-28 to 2027-08-02"]),
    ],
)
def test_a_short_span_leaves_the_year_out(region, spans):
    days = [((7, 12), (7, 12)), ((7, 12), (7, 18)), ((7, 28), (8, 2))]
    formats = program(region).formats

    assert [
        formats.short_span(datetime.date(2027, *a), datetime.date(2027, *b)) for a, b in days
    ] == spans


@pytest.mark.parametrize(
    ("region", "hours"),
    [
        (Region.EN_US, ["12 AM", "9 AM", "12 PM", "5 PM", "12 AM"]),
        (Region.EN_GB, ["00:00", "09:00", "12:00", "17:00", "00:00"]),
        (Region.ISO, ["00:00", "09:00", "12:00", "17:00", "00:00"]),
    ],
)
def test_hours_of_a_day(region, hours):
    formats = program(region).formats

    assert [formats.hour(hour) for hour in (0, 9, 12, 17, 24)] == hours


@pytest.mark.parametrize(
    ("region", "spans"),
    [
        (Region.EN_US, "midnight to 2 AM, 9 AM to noon, 9 PM to midnight"),
        (Region.EN_GB, "midnight to 02:00, 09:00 to noon, 21:00 to midnight"),
        (Region.ISO, "midnight to 02:00, 09:00 to noon, 21:00 to midnight"),
    ],
)
def test_free_hours_are_joined(region, spans):
    formats = program(region).formats

    assert formats.hours([23, 9, 10, 11, 0, 1, 21, 22, 22]) == spans
    assert formats.hours([]) == ""


def test_templates_write_them_too():
    template = Template(
        "{% load dates %}{{ day|day:program }} | {{ day|full_date:program }} | "
        "{{ day|weekday:program }} | {{ day|weekday_date:program }} | "
        "{{ day|short_date:program }} | {{ day|short_weekday:program }} | "
        "{{ late|clock_time:program }} | {{ late|moment:program }} | "
        "{{ late|short_moment:program }} | {{ none|moment:program }}"
    )
    context = Context({"program": program(Region.EN_US), "day": DAY, "late": LATE, "none": None})

    assert template.render(context).split(" | ") == [
        "July 8",
        "July 8, 2027",
        "Thursday, July 8",
        "Thursday, July 8, 2027",
        "Jul 8, 2027",
        "Thu, Jul 8",
        "7:30 PM",
        "July 8, 2027, 7:30 PM",
        "Jul 8, 2027, 7:30 PM",
        "",
    ]
