"""Reading the time zones that people write: "Pacific", "CET", "GMT+2", "New York", "India"."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Iterable, Iterator
from functools import cache

from babel import Locale
from babel.core import get_global

from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.text import cached_by_text, composed, plain_letters, words_in

# What the abbreviations of zones say, in hours from UTC. Those that two parts of the world use for
# different times (CST, IST, AST) are none.
ABBREVIATIONS = {
    "utc": 0, "gmt": 0, "z": 0, "pst": -8, "pdt": -7, "mst": -7, "mdt": -6, "cdt": -5, "est": -5,
    "edt": -4, "akst": -9, "akdt": -8, "hst": -10, "wet": 0, "west": 1, "bst": 1, "cet": 1,
    "cest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "sgt": 8,
    "hkt": 8, "aest": 10, "aedt": 11, "awst": 8, "nzst": 12, "nzdt": 13, "sast": 2, "eat": 3,
    "brt": -3, "art": -3,
}  # fmt: skip
_CALLED = {
    "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles",
    "mst": "America/Denver", "mdt": "America/Denver", "mt": "America/Denver",
    "cdt": "America/Chicago", "ct": "America/Chicago", "est": "America/New_York",
    "edt": "America/New_York", "et": "America/New_York", "akst": "America/Anchorage",
    "akdt": "America/Anchorage", "hst": "Pacific/Honolulu", "west": "Europe/Lisbon",
    "bst": "Europe/London", "cest": "Europe/Paris", "mez": "Europe/Berlin",
    "mesz": "Europe/Berlin", "eest": "Europe/Athens", "msk": "Europe/Moscow",
    "jst": "Asia/Tokyo", "kst": "Asia/Seoul", "sgt": "Asia/Singapore", "hkt": "Asia/Hong_Kong",
    "aest": "Australia/Sydney", "aedt": "Australia/Sydney", "awst": "Australia/Perth",
    "nzst": "Pacific/Auckland", "nzdt": "Pacific/Auckland", "sast": "Africa/Johannesburg",
    "eat": "Africa/Nairobi", "brt": "America/Sao_Paulo",
    "art": "America/Argentina/Buenos_Aires", "z": "UTC",
    "pacific": "America/Los_Angeles", "mountain": "America/Denver", "central": "America/Chicago",
    "eastern": "America/New_York", "us pacific": "America/Los_Angeles",
    "us mountain": "America/Denver", "us central": "America/Chicago",
    "us eastern": "America/New_York", "us east coast": "America/New_York",
    "us west coast": "America/Los_Angeles", "east coast": "America/New_York",
    "west coast": "America/Los_Angeles", "central european": "Europe/Paris",
    "eastern european": "Europe/Athens", "western european": "Europe/Lisbon",
    "uk": "Europe/London", "british": "Europe/London", "india": "Asia/Kolkata",
    "indian": "Asia/Kolkata", "japan": "Asia/Tokyo", "greenwich mean": "GMT",
}  # fmt: skip
# The one zone at a distance from UTC that is no whole hour and never changes its clocks.
_BETWEEN = {
    (3, 30): "Asia/Tehran", (4, 30): "Asia/Kabul", (5, 30): "Asia/Kolkata",
    (5, 45): "Asia/Kathmandu", (6, 30): "Asia/Yangon", (8, 45): "Australia/Eucla",
    (9, 30): "Australia/Darwin", (-9, 30): "Pacific/Marquesas",
}  # fmt: skip
# Words that say that a zone is meant, not which.
_ABOUT = {"time", "timezone", "zone", "standard", "daylight", "summer", "winter", "the", "my", "in"}
_OFFSET = re.compile(
    r"\(?(?:\b(?:utc|gmt))?\s*([+\u2212\u2013-])\s*(\d{1,2})(?:[:.]?(\d{2}))?\b\s*\)?"
    r"|\(?\b(?:utc|gmt)\b\)?"
)


@cached_by_text(2000)
def read_time_zone(text: str) -> str:
    """Return the IANA name of a time zone, in its own spelling, else raise NotUnderstood.

    A zone's name, its city or country, a common abbreviation or a distance from UTC will do, and
    of several that are named together all must keep the same time.
    """
    if exact := _exactly(text):
        return exact
    offset, rest = _split_offset(text)
    named = {zone for piece in _pieces(rest) if (zone := _exactly(piece))}
    if offset is None:
        either = [piece for piece in re.split(r"\bor\b", rest) if not _exactly(piece)]
        if named and not (" or " in rest and either) and len({_clock(zone) for zone in named}) == 1:
            return min(named)
        raise NotUnderstood(text)
    fitting = sorted(zone for zone in named if offset in _clock(zone))
    if fitting and len({_clock(zone) for zone in fitting}) == 1:
        return fitting[0]
    if named or (_words(rest) - _ABOUT and not _is_place_list(text)):
        raise NotUnderstood(text)
    return _fixed(offset, text)


def _exactly(text: str) -> str | None:
    said = " ".join(word for word in words_in(plain_letters(text)))
    shorter = " ".join(word for word in said.split() if word not in _ABOUT)
    for name in (said, shorter):
        if zone := _CALLED.get(name) or _names().get(name):
            return zone
    return None


def _words(text: str) -> set[str]:
    return set(words_in(composed(text)))


def _is_place_list(text: str) -> bool:
    """Return whether a text is a distance from UTC, then places: "(GMT-03:00) Brasilia"."""
    return bool(re.match(r"\s*\((?:utc|gmt)", text, re.IGNORECASE))


def _pieces(text: str) -> Iterator[str]:
    yield re.sub(r"\([^()]*\)", " ", text)
    yield from re.findall(r"\(([^()]*)\)", text)
    yield from re.split(r"[,;/&()]|\s[\u2013-]\s|\bor\b|\band\b", text)


def _split_offset(text: str) -> tuple[datetime.timedelta | None, str]:
    found = _OFFSET.search(composed(text))
    if not found or (found[1] is None and _words(text) - {"utc", "gmt"} - _ABOUT):
        return None, text
    shift = datetime.timedelta(hours=int(found[2] or 0), minutes=int(found[3] or 0))
    rest = f"{composed(text)[: found.start()]} {composed(text)[found.end() :]}"
    return (shift if found[1] in (None, "+") else -shift), rest


def _fixed(offset: datetime.timedelta, text: str) -> str:
    """Return the zone at this distance from UTC that never changes its clocks."""
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    if rest:
        if zone := _BETWEEN.get((hours if minutes > 0 else -hours, rest)):
            return zone
    elif not minutes:
        return "UTC"
    elif -12 <= minutes // 60 <= 14:
        # The signs of these zones are the other way round, as the standard POSIX has it.
        return f"Etc/GMT{'-' if minutes > 0 else '+'}{hours}"
    raise NotUnderstood(text)


@cached_by_text(1000)
def _clock(zone: str) -> tuple[datetime.timedelta, datetime.timedelta]:
    """Return how far a zone is from UTC in January and in July."""
    info = zoneinfo.ZoneInfo(zone)
    january, july = (datetime.datetime(2027, month, 1, tzinfo=info).utcoffset() for month in (1, 7))
    assert january is not None
    assert july is not None
    return january, july


@cache
def _names() -> dict[str, str]:
    """Return all names of zones that are of one zone only: words → IANA name."""
    known = zoneinfo.available_timezones()
    english = Locale("en")
    aliases = get_global("zone_aliases")
    names: dict[str, set[str]] = {}

    def add(name: str, zones: Iterable[str]) -> None:
        said = " ".join(words_in(plain_letters(name)))
        names.setdefault(said, set()).update(zone for zone in zones if zone in known)

    for zone in known:
        if zone.startswith(("Etc/", "SystemV/", "posix", "right/")) or "/" not in zone:
            continue
        add(zone.rpartition("/")[2], [aliases.get(zone, zone)])
    for zone, words in english.time_zones.items():
        if city := words.get("city"):
            add(city, [zone])
    windows = get_global("windows_zone_mapping")
    territories: dict[str, list[str]] = {}
    for zone, territory in get_global("zone_territories").items():
        if zone in known:
            territories.setdefault(territory, []).append(zone)
    for territory, zones in territories.items():
        if name := english.territories.get(territory):
            add(name, zones)
    meta: dict[str, list[str]] = {}
    for zone, name in get_global("meta_zones").items():
        meta.setdefault(name, []).append(zone)
    for name, words in english.meta_zones.items():
        zones = [zone for zone in meta.get(name, []) if zone in windows.values()]
        for called in words.get("long", {}).values():
            add(called, zones or meta.get(name, []))
    unique = {name: _one(zones) for name, zones in names.items()}
    found = {name: zone for name, zone in unique.items() if zone}
    for name, zone in windows.items():
        if zone in known:
            found[" ".join(words_in(plain_letters(name)))] = zone
    # The zones' own names stand above what else they may mean.
    return found | {" ".join(words_in(plain_letters(zone))): zone for zone in known}


def _one(zones: set[str]) -> str | None:
    """Return one of these zones if they all keep the same time, else None."""
    if not zones or len({_clock(zone) for zone in zones}) > 1:
        return None
    return min(zones, key=lambda zone: ("/" not in zone, zone))
