"""What the intake form offers to choose from: hours, days, time zones."""

from __future__ import annotations

import datetime
import functools
import zoneinfo

from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from mentorship.models import Program

# A program with more days than this asks for none: nobody ticks thirty boxes.
DAYS_AT_MOST = 14
# What people can tick, and the hours on their own clock for which it stands.
HOURS = {
    "early": range(6, 9),
    "morning": range(9, 12),
    "midday": range(12, 15),
    "afternoon": range(15, 18),
    "evening": range(18, 21),
    "late": range(21, 24),
}
REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip


@functools.lru_cache(maxsize=8)
def time_zone_choices(on: datetime.date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the zones by region, each with its distance from UTC at noon of this day."""
    noon = datetime.datetime.combine(on, datetime.time(12))
    grouped: dict[str, list[tuple[str, str]]] = {region: [] for region in REGIONS}
    for name in sorted(zoneinfo.available_timezones()):
        region, _, place = name.partition("/")
        if place and region in grouped:
            offset = f"{noon.replace(tzinfo=zoneinfo.ZoneInfo(name)):%z}"
            label = f"{place.replace('_', ' ')} (UTC{offset[:3]}:{offset[3:5]})"
            grouped[region].append((name, label))
    return [*grouped.items(), ("No region", [("UTC", "UTC")])]


def days(program: Program) -> list[datetime.date]:
    """Return the days of the conference that the form asks about, none of a long one."""
    count = (program.ends_on - program.starts_on).days + 1
    if count > DAYS_AT_MOST:
        return []
    return [program.starts_on + datetime.timedelta(days=day) for day in range(count)]


def breakable(name: str) -> SafeString:
    """Return a name as HTML that a narrow page may break after each slash, not within a word."""
    return format_html_join(mark_safe("/<wbr>"), "{}", ([part] for part in name.split("/")))
