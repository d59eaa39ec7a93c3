"""Reading the times that shops and form tools write, in whatever order, language and zone.

dateutil reads each text. What it would guess is decided before: whether day or month comes first,
once for a whole column, and which zone a time without one is in.
"""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Iterable
from functools import cache

from babel import Locale
from dateutil import parser

from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.meaning.zones import ABBREVIATIONS, read_time_zone
from mentorship.domain.text import cached_by_text, composed

DAY_FIRST, MONTH_FIRST = "day first", "month first"
_LANGUAGES = ("en", "de", "fr", "es", "pt", "nl", "it")
# What stands around the parts of a date in these languages and means nothing by itself.
_WORDS_AROUND = {
    "at", "on", "um", "uhr", "den", "der", "de", "del", "à", "le", "às", "as", "om", "uur", "el",
    "a", "las", "la", "il", "alle", "ore", "heures", "do", "em", "klo",
}  # fmt: skip
_NUMERIC = re.compile(
    r"\s*(?:[^\W\d]+\.?,?\s+)?(\d{1,2})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})\b"
)
_YEAR_FIRST = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)")
_ISO = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:[.,]\d{1,6})?)?))?")
_CLOCK = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?")
# A clock as Italians, Danes and Finns write it, behind a date.
_DOTTED_CLOCK = re.compile(r"(?<=\s)([01]?\d|2[0-3])\.([0-5]\d)(?:\.([0-5]\d))?$")
_ONLY_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?\s*(?:[ap]\.?\s?m\.?)?", re.IGNORECASE)
_MIDNIGHT_BEFORE = re.compile(r"\s+00:00:00(?=\s+\d{1,2}[:.h]\d{2})")
_OFFSET = re.compile(
    r"\s*\(?(?:GMT|UTC)\s*(?:([+\u2212-])\s*(\d{1,2})(?::?(\d{2}))?)?\)?$", re.IGNORECASE
)
_SERIAL = re.compile(r"(\d{5})(?:[.,](\d+))?")
# Seconds, or thousandths of them, since 1970, of the years 2001 to 2286.
_UNIX = re.compile(r"([1-9]\d{9})(?:[.,]?(\d{3}))?")
# Days since this are how Excel keeps a date; these are of the years 1982 to 2119.
_FIRST_DAY, _SERIALS = datetime.datetime(1899, 12, 30), range(30_000, 80_000)
_IN_HEADING = re.compile(r"\(([^()]*)\)|\b((?:UTC|GMT)(?:\s*[+-]\s*\d{1,2}(?::?\d{2})?)?)", re.I)
_NO_DATE = datetime.datetime(1, 1, 1)


class TimeReader:
    """Reads the times of one column, all in the same order of day and month.

    `undecided` are some of the column's texts if nothing in it tells whether the day or the month
    comes first; then the month does.
    """

    def __init__(self, order: str, zone: zoneinfo.ZoneInfo, undecided: list[str]) -> None:
        self.order, self.zone, self.undecided = order, zone, undecided
        self._read = cached_by_text(5000)(self._read_once)

    def __call__(self, text: str) -> datetime.datetime:
        """Return the moment, in UTC, that a text names; else raise NotUnderstood."""
        return self._read(text)

    def _read_once(self, text: str) -> datetime.datetime:
        moment = _parse(text, day_first=self.order == DAY_FIRST)
        # In UTC, because a local time that a change of clocks leaves out equals no other time.
        try:
            aware = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
            return aware.astimezone(datetime.UTC)
        except (ValueError, OverflowError):
            raise NotUnderstood(text) from None


def time_reader(
    samples: Iterable[str],
    zone: zoneinfo.ZoneInfo,
    *,
    heading: str = "",
    latest: datetime.date | None = None,
    order: str = "",
) -> TimeReader:
    """Make the reader of a column's times, of which `samples` are all there are.

    A time without a zone of its own is in that of the `heading` ("Submitted at (UTC)"), else in
    `zone`. `order` is what a person has said, DAY_FIRST or MONTH_FIRST; without it the column
    decides, and what would be after the day `latest`.
    """
    texts = [text for text in dict.fromkeys(samples) if text and text.isprintable()]
    decided = order or _order_of(texts, latest)
    undecided = [] if decided else [text for text in texts if _NUMERIC.match(text)][:3]
    return TimeReader(decided or MONTH_FIRST, zone_of_heading(heading) or zone, undecided)


def read_time(text: str) -> datetime.datetime:
    """Return the moment that a text names in any format known, for UTC; else NotUnderstood.

    For a column use `time_reader`, which reads all its rows alike.
    """
    return time_reader([text], zoneinfo.ZoneInfo("UTC"))(text)


def is_moment(text: str) -> bool:
    """Return whether a text names a day, or a day and a time."""
    try:
        read_time(text)
    except NotUnderstood:
        return False
    return True


def is_date(text: str) -> bool:
    """Return whether a text names a day without a time."""
    return is_moment(text) and not _CLOCK.search(text.removesuffix(" 00:00:00"))


def is_clock(text: str) -> bool:
    """Return whether a text names a time without a day."""
    return bool(_ONLY_CLOCK.fullmatch(text.strip()))


@cached_by_text(200)
def zone_of_heading(heading: str) -> zoneinfo.ZoneInfo | None:
    """Return the time zone that a column's heading names, as in "Submit date (UTC)", if any."""
    for found in _IN_HEADING.finditer(heading):
        try:
            return zoneinfo.ZoneInfo(read_time_zone(found[1] or found[2]))
        except NotUnderstood:
            continue
    return None


def _order_of(texts: list[str], latest: datetime.date | None) -> str:
    """Return whether the day comes first in these texts, or "" if nothing in them tells."""
    numeric = [found for text in texts if (found := _NUMERIC.match(text))]
    pairs = {(int(found[1]), int(found[3])) for found in numeric}
    if any(found[2] == "." for found in numeric):
        return DAY_FIRST
    day_first = sum(first > 12 for first, _ in pairs)
    month_first = sum(second > 12 for _, second in pairs)
    if day_first or month_first or all(first == second for first, second in pairs):
        return DAY_FIRST if day_first > month_first else MONTH_FIRST
    if latest:
        late = {
            order: any(_day(found, day_first=order == DAY_FIRST) > latest for found in numeric)
            for order in (DAY_FIRST, MONTH_FIRST)
        }
        if late[DAY_FIRST] != late[MONTH_FIRST]:
            return MONTH_FIRST if late[DAY_FIRST] else DAY_FIRST
    return ""


def _day(found: re.Match[str], *, day_first: bool) -> datetime.date:
    day, month = int(found[1]), int(found[3])
    if not day_first:
        day, month = month, day
    year = int(found[4])
    try:
        return datetime.date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        return datetime.date.max


def _parse(text: str, *, day_first: bool) -> datetime.datetime:
    """Return the moment in a text, aware only if the text names a zone."""
    text = _MIDNIGHT_BEFORE.sub("", " ".join(text.split()))
    bare, offset = _split_offset(text)
    if iso := _ISO.fullmatch(bare):
        clock = f" {iso[4]}" if iso[4] else ""
        return _from_iso(f"{iso[1]}-{iso[2]}-{iso[3]}{clock}", text).replace(tzinfo=offset)
    if unix := _UNIX.fullmatch(bare):
        return datetime.datetime.fromtimestamp(int(unix[1]), datetime.UTC)
    if (found := _SERIAL.fullmatch(bare)) and int(found[1]) in _SERIALS:
        days = float(f"{found[1]}.{found[2] or 0}")
        serial = _FIRST_DAY + datetime.timedelta(days=days)
        return (serial + datetime.timedelta(milliseconds=500)).replace(microsecond=0)
    numeric = _NUMERIC.match(bare)
    if numeric and _day(numeric, day_first=day_first) == datetime.date.max:
        raise NotUnderstood(text)
    if numeric or _YEAR_FIRST.match(bare):
        bare = _DOTTED_CLOCK.sub(lambda clock: ":".join(filter(None, clock.groups())), bare)
    words = _in_english(bare)
    rest = _CLOCK.sub(" ", words)
    groups = len(re.findall(r"\d+", rest))
    named = bool(_month_names() & set(re.findall(r"[a-z]+", rest.casefold())))
    if groups + named < 3 and not re.search(r"\b\d{8}\b", rest):
        raise NotUnderstood(text)  # no day, month and year: dateutil would take today's
    try:
        moment = parser.parse(
            words,
            dayfirst=day_first and not _YEAR_FIRST.match(words),
            yearfirst=bool(_YEAR_FIRST.match(words)),
            default=_NO_DATE,
            tzinfos=_zone_named,
        )
    except (ValueError, OverflowError, TypeError):
        raise NotUnderstood(text) from None
    if moment.year == 1:
        raise NotUnderstood(text)
    return moment.replace(tzinfo=offset) if offset else moment


def _from_iso(iso: str, text: str) -> datetime.datetime:
    try:
        return datetime.datetime.fromisoformat(iso.replace(",", "."))
    except ValueError:
        raise NotUnderstood(text) from None


def _split_offset(text: str) -> tuple[str, datetime.timezone | None]:
    found = _OFFSET.search(text)
    if not found:
        return text, None
    sign, hours, minutes = found.groups(default="0")
    shift = datetime.timedelta(hours=int(hours), minutes=int(minutes))
    if shift >= datetime.timedelta(hours=24):
        return text, None
    return text[: found.start()], datetime.timezone(shift if sign in "+0" else -shift)


def _zone_named(name: str | None, offset: int | None) -> datetime.tzinfo | None:
    """Return the zone that dateutil found in a text; raise NotUnderstood if nobody knows it."""
    if offset is not None:
        return datetime.timezone(datetime.timedelta(seconds=offset))
    if name is None:
        return None
    hours = ABBREVIATIONS.get(name.casefold())
    if hours is None:
        raise NotUnderstood(name)
    return datetime.timezone(datetime.timedelta(hours=hours))


def _in_english(text: str) -> str:
    """Return a text with its months in English, and without the words around them."""
    text = re.sub(r"\b([ap])\.\s?m\.?", r"\1m", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(\d{1,2})\s?h\s?(\d{2})\b", r"\1:\2", text)
    text = re.sub(r"(\d)(?:er|º|ª|\.)(?=\s)", r"\1", text)
    words = re.split(r"([^\W\d_]+\.?)", text)
    months = [_months().get(composed(word).rstrip(".")) for word in words]
    several = sum(month is not None for month in months) > 1
    said = []
    for word, month in zip(words, months, strict=True):
        plain = composed(word).rstrip(".")
        if plain in _weekdays() and (month is None or several):
            word = ""
        elif month is not None:
            word = f" {month} "
        elif plain in _WORDS_AROUND:
            word = " "
        said.append(word)
    return " ".join("".join(said).split()).lstrip(", ")


@cache
def _months() -> dict[str, str]:
    """Return the names of months in all languages known: name → in English."""
    english = Locale("en").months["format"]["wide"]
    names = {}
    for language in _LANGUAGES:
        for context in Locale(language).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in context.get(width, {}).items():
                    names[composed(name).rstrip(".")] = english[number]
    return names | {"sept": "September", "mär": "March", "mrz": "March", "jänner": "January"}


@cache
def _month_names() -> set[str]:
    return {name.casefold() for name in _months().values()}


@cache
def _weekdays() -> set[str]:
    return {
        composed(name).rstrip(".")
        for language in _LANGUAGES
        for context in Locale(language).days.values()
        for width in ("wide", "abbreviated")
        for name in context.get(width, {}).values()
    }
