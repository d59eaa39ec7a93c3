"""Until when a program takes answers."""

from __future__ import annotations

import datetime
import enum

from django.utils import timezone

from mentorship.models import Program


class Window(enum.StrEnum):
    """Whether answers are taken on a day: in time, late, or not any more."""

    OPEN = "open"
    LATE = "late"
    CLOSED = "closed"


def window_of(program: Program, today: datetime.date | None = None) -> Window:
    """Return whether a program takes answers today, or on another day of its own clock.

    Late answers are taken until the program's last day, if the program takes any.
    """
    today = today or timezone.localdate(timezone=program.zone)
    if today > program.ends_on:
        return Window.CLOSED
    if program.survey_closes_on and today > program.survey_closes_on:
        return Window.LATE if program.accepts_late_answers else Window.CLOSED
    return Window.OPEN


def takes_answers(program: Program, today: datetime.date | None = None) -> bool:
    """Return whether a program takes answers, in time or late, today or on another day."""
    return window_of(program, today) != Window.CLOSED


def survey_is_over(program: Program) -> bool:
    """Return whether the program's last day has passed, on the program's own clock."""
    return program.is_over(timezone.now())
