"""The schedules of a program, the defaults it starts with, and the first and last day of each."""

from __future__ import annotations

import datetime
from typing import Any

from mentorship.models import Program
from notifications.models import AUTOMATIC, Anchor, Kind, Schedule

# What a program starts with; all of it is paused until somebody turns it on.
_DEFAULTS: dict[str, dict[str, Any]] = {
    Kind.SURVEY: {"anchor": Anchor.SURVEY_OPENS, "keeps_on": True},
    Kind.REMINDER: {"after_days": 5, "at_most": 2, "keeps_on": True},
    Kind.ROLE: {"anchor": Anchor.SURVEY_OPENS, "days": 1, "keeps_on": True},
    Kind.ASK_MENTOR_AGAIN: {"anchor": Anchor.SURVEY_OPENS, "days": 1, "keeps_on": True},
    Kind.CHECK_IN: {"anchor": Anchor.STARTS, "days": 1},
    Kind.FEEDBACK: {"anchor": Anchor.ENDS, "days": 1},
}


def schedule_of(program: Program, kind: str) -> Schedule:
    """Return a program's schedule of a kind of AUTOMATIC: its row, else the default, unsaved."""
    return program.schedules.filter(kind=kind).first() or _default(program, kind)


def schedules_of(program: Program) -> list[Schedule]:
    """Return all schedules of a program, in the order in which it needs them."""
    rows = {row.kind: row for row in program.schedules.all()}
    kinds = [kind for kind in AUTOMATIC if kind != Kind.ASK_MENTOR_AGAIN or program.mentors_first]
    schedules = [rows.get(kind) or _default(program, kind) for kind in kinds]
    for schedule in schedules:
        schedule.program = program
    return schedules


def _default(program: Program, kind: str) -> Schedule:
    return Schedule(program=program, kind=kind, **_DEFAULTS[kind])


def first_day(schedule: Schedule) -> datetime.date | None:
    """Return the day on which a schedule begins; None if the program does not have that date.

    One that counts from each person's own invitation has no such day.
    """
    date: datetime.date | None = getattr(schedule.program, schedule.anchor or "", None)
    return date and date + datetime.timedelta(days=schedule.days)


def last_day(schedule: Schedule) -> datetime.date:
    """Return the last day on which a schedule still makes sense."""
    program = schedule.program
    if schedule.kind == Kind.FEEDBACK:
        return program.feedback_until
    if schedule.kind in (Kind.CHECK_IN, Kind.ASK_MENTOR_AGAIN):
        return program.ends_on
    ends = schedule.kind == Kind.SURVEY or (
        schedule.kind == Kind.REMINDER and not program.accepts_late_answers
    )
    if ends and program.survey_closes_on:
        return program.survey_closes_on
    return program.announce_on or program.starts_on
