"""What the intake form offers to choose from: hours and days."""

from __future__ import annotations

import datetime

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


def days(program: Program) -> list[datetime.date]:
    """Return the days of the conference that the form asks about, none of a long one."""
    count = (program.ends_on - program.starts_on).days + 1
    if count > DAYS_AT_MOST:
        return []
    return [program.starts_on + datetime.timedelta(days=day) for day in range(count)]


def breakable(name: str) -> SafeString:
    """Return a name as HTML that a narrow page may break after each slash, not within a word."""
    return format_html_join(mark_safe("/<wbr>"), "{}", ([part] for part in name.split("/")))
