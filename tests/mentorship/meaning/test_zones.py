"""The time zones that people write."""

import pytest

from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.meaning.zones import read_time_zone


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("america/los angeles", "America/Los_Angeles"),
        ("Pacific", "America/Los_Angeles"),
        ("Pacific time", "America/Los_Angeles"),
        ("US/Pacific", "America/Los_Angeles"),
        ("PST", "America/Los_Angeles"),
        ("PST/PDT", "America/Los_Angeles"),
        ("EST", "America/New_York"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("(UTC-08:00) Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("(GMT-03:00) Brasilia", "Etc/GMT+3"),
        ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Central European Summer Time", "Europe/Berlin"),
        ("CET", "CET"),
        ("CET (UTC+1)", "CET"),
        ("MESZ", "Europe/Berlin"),
        ("GMT+2", "Etc/GMT-2"),
        ("UTC-5", "Etc/GMT+5"),
        ("+02:00", "Etc/GMT-2"),
        ("-0700", "Etc/GMT+7"),
        ("UTC+5:30", "Asia/Kolkata"),
        ("GMT+0545", "Asia/Kathmandu"),
        ("UTC", "UTC"),
        ("New York", "America/New_York"),
        ("Berlin", "Europe/Berlin"),
        ("London, UK", "Europe/London"),
        ("UTC+2 (Berlin)", "Europe/Berlin"),
        ("São Paulo", "America/Sao_Paulo"),
        ("India", "Asia/Kolkata"),
        ("Germany", "Europe/Berlin"),
        ("Pacific Time - Los Angeles", "America/Los_Angeles"),
    ],
)
def test_a_zone_as_people_write_it(text, zone):
    assert read_time_zone(text) == zone


@pytest.mark.parametrize(
    "text",
    [
        "CST", "IST", "United States", "Brazil", "EST or CST", "Los Angeles/Berlin", "UTC+9:45",
        "UTC-3:30", "GMT+25", "UTC+2 (New York)", "mine", "2", "morning", "here and there",
    ],
)  # fmt: skip
def test_what_may_be_several_zones_is_not_guessed(text):
    with pytest.raises(NotUnderstood):
        read_time_zone(text)
