"""A line over time, with a band of what is usual and marks for what happened on a day."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from committee.interfaces.plots.axes import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Tick,
    across,
    day_steps,
    round_top,
    up,
)
from mentorship.models import Formats

_SAID_AT_MOST = 8


@dataclass(frozen=True)
class Line:
    """One line: its name and, day by day in order, how high it is from then on."""

    name: str
    values: Mapping[datetime.date, int]


@dataclass(frozen=True)
class LinePlot:
    """What a line plot shows. `top` is the end of the upright axis (None: a round number).

    `band` is (lowest, highest, what it is); `marks` are days with a name in common.
    """

    title: str
    lines: Sequence[Line]
    first: datetime.date
    last: datetime.date
    formats: Formats
    unit: str = ""
    top: int | None = None
    band: tuple[int, int, str] | None = None
    marks: Sequence[datetime.date] = field(default_factory=list)
    marks_name: str = ""

    @property
    def words(self) -> str:
        """The plot in words: what it shows, and its numbers."""
        parts = [f"{self.title}."]
        for line in self.lines:
            days = _spread(list(line.values), _SAID_AT_MOST)
            said = ", ".join(
                f"{line.values[day]}{self.unit} by {self.formats.short_day(day)}" for day in days
            )
            named = f"{line.name}: " if len(self.lines) > 1 else ""
            parts.append(f"{named}{said or 'nothing yet'}.")
        if self.band:
            parts.append(f"{self.band[2]}.")
        if self.marks:
            days_said = ", ".join(self.formats.short_day(day) for day in self.marks)
            parts.append(f"{self.marks_name}: {days_said}.")
        return " ".join(parts)

    def drawing(self) -> dict[str, Any]:
        """Return what the template draws, in units of the drawing."""
        highest = max((max(line.values.values(), default=0) for line in self.lines), default=0)
        top, step = round_top(max(1, highest)) if self.top is None else (self.top, self.top // 5)
        first, last = self.first, max(self.last, self.first + datetime.timedelta(days=1))
        return {
            "plot": self,
            "width": WIDTH,
            "height": HEIGHT,
            "left": LEFT,
            "right": RIGHT,
            "top": TOP,
            "bottom": BOTTOM,
            "upright": [Tick(up(n, top), f"{n}{self.unit}") for n in range(0, top + 1, step)],
            "along": [
                Tick(across(day, first, last), self.formats.short_day(day))
                for day in day_steps(first, last)
            ],
            "lines": [self._line(line, top, first, last) for line in self.lines],
            "marks": [across(day, first, last) for day in self.marks if first <= day <= last],
            "band": self.band
            and {
                "at": up(self.band[1], top),
                "height": round(up(self.band[0], top) - up(self.band[1], top), 1),
                "words": self.band[2],
                "words_at": round(up(self.band[1], top) + 12, 1),
            },
        }

    def _line(
        self, line: Line, top: int, first: datetime.date, last: datetime.date
    ) -> dict[str, Any]:
        """Return a line as steps: it keeps its height until the next day that changes it."""
        points, height = [(float(LEFT), up(0, top))], up(0, top)
        for day, value in line.values.items():
            at = across(day, first, last)
            points.append((at, height))
            height = up(value, top)
            points.append((at, height))
        points.append((float(RIGHT), height))
        end = list(line.values.values())[-1:] or [0]
        return {
            "name": line.name,
            "points": " ".join(f"{x:g},{y:g}" for x, y in points),
            "end": Tick(height, f"{end[0]}{self.unit}"),
        }


def _spread(days: list[datetime.date], most: int) -> list[datetime.date]:
    """Return `most` of these days at about even distances, the first and the last among them."""
    if len(days) <= most:
        return days
    return [days[round(number * (len(days) - 1) / (most - 1))] for number in range(most)]
