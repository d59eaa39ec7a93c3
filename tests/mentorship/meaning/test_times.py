"""Times as shops, form tools and people write them, and the order of day and month."""

import datetime
import zoneinfo

import pytest

from mentorship.domain.meaning.times import DAY_FIRST, MONTH_FIRST, is_clock, is_date, time_reader
from mentorship.domain.meaning.understanding import NotUnderstood

PACIFIC = zoneinfo.ZoneInfo("America/Los_Angeles")
CONFERENCE_ENDS = datetime.date(2027, 7, 18)


def read(text: str, *others: str, **options) -> str:
    moment = time_reader([text, *others], PACIFIC, **options)(text)
    return moment.astimezone(PACIFIC).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    "text",
    [
        "2027-06-16 14:05:00",
        "2027-06-16T14:05:00-07:00",
        "2027-06-16T21:05:00.000Z",
        "2027-06-16 21:05:00 UTC",
        "2027/06/16 2:05:00 PM GMT-7",
        "2027/06/16 2:05:00 PM MDT".replace("2:05", "3:05"),
        "6/16/2027 14:05:00",
        "06/16/2027 02:05:00 PM",
        "6/16/27 14:05",
        "16.06.2027 14:05",
        "16.6.27, 14:05 Uhr",
        "16-06-2027 14:05",
        "16/06/2027 à 14h05",
        "16 June 2027, 2:05 pm",
        "Wed, 16 Jun 2027 14:05:00",
        "June 16th, 2027 at 2:05 PM",
        "16. Juni 2027 um 14:05",
        "Mittwoch, 16. Juni 2027, 14:05",
        "16 juin 2027 14:05",
        "mer. 16 juin 2027 14:05",
        "16 de junio de 2027, 2:05 p. m.",
        "16 jun. 2027 14:05",
        "16 de junho de 2027 às 14:05",
        "16 juni 2027 om 14:05",
        "16 giugno 2027 14:05",
        "16/06/2027 14.05.00",
        "16.6.2027 klo 14.05",
        "46554.5868055556",
    ],
)
def test_one_moment_in_many_writings(text):
    assert read(text)[:16] == "2027-06-16 14:05"


@pytest.mark.parametrize(
    ("text", "day"),
    [("1. März 2027", 1), ("3 août 2027", 3), ("1er mars 2027", 1), ("2 mei 2027", 2),
     ("5 dic 2027", 5), ("2027-12-05", 5), ("20270605", 5), ("12/05/27", 5)],
)  # fmt: skip
def test_days_without_a_time(text, day):
    assert read(text)[8:] == f"{day:02} 00:00:00"
    assert is_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "yesterday", "10:00", "Monday", "June 2027", "2027", "16", "31/31/2027", "6/16", "",
        "16 June 2027 14:05 XYZ", "Donnerstag, 17. Juni 2027 um 13:39 Mitteleuropäische Sommerzeit",
        "2027-13-01", "2027-06-16 25:00", "June 16 at 2 pm", "1 2 3 4 5 6",
    ],
)  # fmt: skip
def test_what_is_no_day_is_not_guessed(text):
    with pytest.raises(NotUnderstood):
        read(text)


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (["05/06/2027", "25/06/2027"], DAY_FIRST),
        (["05/06/2027", "06/25/2027"], MONTH_FIRST),
        (["05.06.2027"], DAY_FIRST),
        (["05-06-2027 10:00", "30-06-2027 10:00"], DAY_FIRST),
        # September would be after the conference.
        (["06/09/2027 10:00", "07/09/2027 10:00"], MONTH_FIRST),
        (["09/06/2027 10:00", "09/07/2027 10:00"], DAY_FIRST),
    ],
)
def test_one_order_for_a_whole_column(column, order):
    reader = time_reader(column, PACIFIC, latest=CONFERENCE_ENDS)
    assert (reader.order, reader.undecided) == (order, [])


def test_what_nothing_decides_is_asked():
    column = ["05/06/2027", "06/05/2027", "2027-06-01"]
    reader = time_reader(column, PACIFIC, latest=CONFERENCE_ENDS)
    assert reader.undecided == ["05/06/2027", "06/05/2027"]
    assert read(*column, order=DAY_FIRST)[:10] == "2027-06-05"
    assert read(*column, order=MONTH_FIRST)[:10] == "2027-05-06"
    assert time_reader(column, PACIFIC, order=DAY_FIRST).undecided == []
    assert time_reader(["05/05/2027"], PACIFIC).undecided == []


def test_a_row_in_the_other_order_is_not_swapped():
    reader = time_reader(["25/06/2027", "26/06/2027", "06/27/2027"], PACIFIC)
    with pytest.raises(NotUnderstood):
        reader("06/27/2027")
    assert reader("2027-06-05").day == 5


@pytest.mark.parametrize(
    ("heading", "hour"),
    [
        ("Submit Date (UTC)", 7),
        ("Time, UTC", 7),
        ("Recorded Date (America/Denver)", 13),
        ("Submitted (Eastern Time)", 11),
        ("Timestamp (GMT+2)", 5),
        ("Timestamp (required)", 14),
        ("Timestamp", 14),
    ],
)
def test_a_zone_in_the_heading_counts(heading, hour):
    assert read("2027-06-16 14:05", heading=heading)[11:13] == f"{hour:02}"
    assert read("2027-06-16 14:05 GMT-7", heading=heading)[11:13] == "14"


def test_a_day_and_a_time_of_two_cells():
    assert read("2027-06-16 00:00:00 14:05:00") == "2027-06-16 14:05:00"
    assert [is_clock(text) for text in ("14:05", "2:05 pm", "14:05:00", "14h05", "2027")] == [
        True, True, True, True, False,
    ]  # fmt: skip
    assert not is_date("2027-06-16 14:05")
