"""Language and region: how a program writes its dates and times, on pages, in emails and in files.

The patterns are those of Unicode's locale data (LDML, UTS #35), written by Babel; no other place
spells a date for people.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass

from babel.dates import format_date, format_time
from django.db import models


class Region(models.TextChoices):
    """English as it is written in one part of the world."""

    EN_US = "en-us", "English (United States): Thursday, July 8, 4:30 PM"
    EN_GB = "en-gb", "English (United Kingdom): Thursday 8 July, 16:30"
    ISO = "iso", "English with ISO dates: Thursday, 2027-07-08, 16:30"


_LOCALE = {Region.EN_US: "en_US", Region.EN_GB: "en_GB", Region.ISO: "en"}
# For each way to write a date, or a time, its pattern in each region.
_PATTERNS = {
    Region.EN_US: {
        "day": "MMMM d",
        "date": "MMMM d, y",
        "weekday": "EEEE, MMMM d",
        "weekday_date": "EEEE, MMMM d, y",
        "short_day": "MMM d",
        "short_date": "MMM d, y",
        "short_weekday": "EEE, MMM d",
        "time": "h:mm a",
        "hour": "h a",
    },
    Region.EN_GB: {
        "day": "d MMMM",
        "date": "d MMMM y",
        "weekday": "EEEE d MMMM",
        "weekday_date": "EEEE d MMMM y",
        "short_day": "d MMM",
        "short_date": "d MMM y",
        "short_weekday": "EEE d MMM",
        "time": "HH:mm",
        "hour": "HH:mm",
    },
    Region.ISO: {
        "day": "y-MM-dd",
        "date": "y-MM-dd",
        "weekday": "EEEE, y-MM-dd",
        "weekday_date": "EEEE, y-MM-dd",
        "short_day": "y-MM-dd",
        "short_date": "y-MM-dd",
        "short_weekday": "EEE, y-MM-dd",
        "time": "HH:mm",
        "hour": "HH:mm",
    },
}


@dataclass(frozen=True)
class Formats:
    """Writes dates and times as one region does, on one clock.

    A moment is an aware datetime and is shown on that clock; a date is shown as it is. None gives
    an empty text.
    """

    region: str
    zone: zoneinfo.ZoneInfo

    def day(self, value: datetime.date | None) -> str:
        """Return "July 8"."""
        return self._date("day", value)

    def date(self, value: datetime.date | None) -> str:
        """Return "July 8, 2027"."""
        return self._date("date", value)

    def weekday(self, value: datetime.date | None) -> str:
        """Return "Thursday, July 8"."""
        return self._date("weekday", value)

    def weekday_date(self, value: datetime.date | None) -> str:
        """Return "Thursday, July 8, 2027"."""
        return self._date("weekday_date", value)

    def short_day(self, value: datetime.date | None) -> str:
        """Return "Jul 8"."""
        return self._date("short_day", value)

    def short_date(self, value: datetime.date | None) -> str:
        """Return "Jul 8, 2027"."""
        return self._date("short_date", value)

    def short_weekday(self, value: datetime.date | None) -> str:
        """Return "Thu, Jul 8"."""
        return self._date("short_weekday", value)

    def span(self, first: datetime.date, last: datetime.date) -> str:
        """Return "July 12 to 18, 2027": two dates, what they share said once."""
        if first == last or self.region == Region.ISO:
            return " to ".join(dict.fromkeys([self.date(first), self.date(last)]))
        if first.year != last.year:
            return f"{self.date(first)} to {self.date(last)}"
        if first.month != last.month:
            return f"{self.day(first)} to {self.date(last)}"
        if self.region == Region.EN_US:
            return f"{self.day(first)} to {last.day}, {last.year}"
        return f"{first.day} to {self.date(last)}"

    def short_span(self, first: datetime.date, last: datetime.date) -> str:
        """Return "Jul 12 to 18": two dates of about the same time, without the year."""
        if first == last:
            return self.short_day(first)
        if (first.year, first.month) == (last.year, last.month):
            if self.region == Region.EN_US:
                return f"{self.short_day(first)} to {last.day}"
            if self.region == Region.EN_GB:
                return f"{first.day} to {self.short_day(last)}"
        return f"{self.short_day(first)} to {self.short_day(last)}"

    def time(self, moment: datetime.datetime | datetime.time | None) -> str:
        """Return "4:30 PM"."""
        return self._time("time", moment)

    def hour(self, hour: int) -> str:
        """Return "4 PM" for 16; 24 is midnight at the end of the day."""
        return self._time("hour", datetime.time(hour % 24))

    def hours(self, hours: Iterable[int]) -> str:
        """Return "9 AM to noon, 6 PM to 9 PM" for the hours that start at 9, 10, 11, 18, 19, 20."""
        spans: list[list[int]] = []
        for hour in sorted(set(hours)):
            if spans and spans[-1][1] == hour:
                spans[-1][1] = hour + 1
            else:
                spans.append([hour, hour + 1])
        # "12 PM" is read as either.
        named = {0: "midnight", 12: "noon", 24: "midnight"}
        return ", ".join(
            " to ".join(named.get(hour) or self.hour(hour) for hour in span) for span in spans
        )

    def moment(self, moment: datetime.datetime | None) -> str:
        """Return "July 8, 2027, 4:30 PM"."""
        return f"{self.date(moment)}, {self.time(moment)}" if moment else ""

    def short_moment(self, moment: datetime.datetime | None) -> str:
        """Return "Jul 8, 2027, 4:30 PM"."""
        return f"{self.short_date(moment)}, {self.time(moment)}" if moment else ""

    def day_and_time(self, moment: datetime.datetime | None) -> str:
        """Return "July 8, 4:30 PM"."""
        return f"{self.day(moment)}, {self.time(moment)}" if moment else ""

    def weekday_and_time(self, moment: datetime.datetime | None) -> str:
        """Return "Thursday, July 8, 4:30 PM"."""
        return f"{self.weekday(moment)}, {self.time(moment)}" if moment else ""

    def on_clock(self, zone: zoneinfo.ZoneInfo) -> Formats:
        """Return the same region's way of writing, on another clock."""
        return Formats(self.region, zone)

    @property
    def _locale(self) -> str:
        return _LOCALE[Region(self.region)]

    def _pattern(self, style: str) -> str:
        return _PATTERNS[Region(self.region)][style]

    def _date(self, style: str, value: datetime.date | None) -> str:
        if not value:
            return ""
        day = value.astimezone(self.zone).date() if isinstance(value, datetime.datetime) else value
        return format_date(day, self._pattern(style), locale=self._locale)

    def _time(self, style: str, moment: datetime.datetime | datetime.time | None) -> str:
        if moment is None:
            return ""
        shown = (
            moment.astimezone(self.zone).timetz()
            if isinstance(moment, datetime.datetime)
            else moment
        )
        return format_time(shown, self._pattern(style), locale=self._locale)
