"""The response rate over time as a plot, on the dashboard and in the report."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from committee.domain.statistics.responses import USUAL, ResponseRate
from committee.interfaces.plots.lines import Line, LinePlot
from matching.engine.sentences import listed
from mentorship.models import Formats, Program

_DAYS_NAMED = 4


def response_plot(
    program: Program, rate: ResponseRate, today: datetime.date
) -> dict[str, Any] | None:
    """Return the drawing of the response rate; None while nobody is invited or has answered."""
    happened = [*rate.invited, *rate.reminded, *rate.answered]
    if not happened:
        return None
    closes = program.survey_closes_on or today
    last = max([*happened, min(max(today, closes), program.ends_on)])
    lowest, highest = USUAL
    return LinePlot(
        "Response rate",
        [Line("Answered", rate.percents)],
        min(happened),
        last,
        program.formats,
        unit="%",
        top=100,
        band=(lowest, highest, f"Usual: {lowest} to {highest}%"),
        marks=list(rate.reminded),
        marks_name="Reminders",
    ).drawing()


def response_sentence(program: Program, rate: ResponseRate) -> str:
    """Return how many have answered, and when they were invited and reminded."""
    answered = max(rate.answered.values(), default=0)
    parts = [f"{answered} of {rate.people} answered."]
    if rate.invited:
        parts.append(f"Invited on {_days(rate.invited, program.formats)}.")
    if rate.reminded:
        parts.append(f"Reminded (▼) on {_days(rate.reminded, program.formats)}.")
    return " ".join(parts)


def _days(days: Mapping[datetime.date, int], formats: Formats) -> str:
    return listed([formats.short_day(day) for day in days], _DAYS_NAMED)
