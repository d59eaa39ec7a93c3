"""The axes of a plot: round numbers, days at even distances, and where they are in the drawing."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

# The drawing's size in units of its own; a page shows it as wide as there is room.
WIDTH, HEIGHT = 400, 200
LEFT, RIGHT, TOP, BOTTOM = 34, 366, 14, 172
_STEPS = (1, 2, 5)
_DAYS = (1, 2, 3, 7, 14, 28, 56, 91, 182, 365)


@dataclass(frozen=True)
class Tick:
    """A place on an axis, in units of the drawing, and what stands there."""

    at: float
    words: str


def round_top(highest: int) -> tuple[int, int]:
    """Return the end of an axis that has room for this number, and the step between its ticks."""
    scale = 1
    while True:
        for step in (each * scale for each in _STEPS):
            if highest <= 5 * step:
                return max(step, -(-highest // step) * step), step
        scale *= 10


def up(value: float, top: int) -> float:
    """Return how high a value is drawn, on an axis that ends at `top`."""
    return round(BOTTOM - (BOTTOM - TOP) * value / top, 1)


def across(day: datetime.date, first: datetime.date, last: datetime.date) -> float:
    """Return where a day is drawn, on an axis from the first day to the last."""
    days = max(1, (last - first).days)
    return round(LEFT + (RIGHT - LEFT) * (day - first).days / days, 1)


def day_steps(first: datetime.date, last: datetime.date, most: int = 5) -> list[datetime.date]:
    """Return days at even distances from the first on, `most` of them or fewer."""
    days = (last - first).days
    step = next((each for each in _DAYS if days // each < most), days)
    return [first + datetime.timedelta(days=number) for number in range(0, days + 1, step)]
