"""The clock of schedules: on which days and between which hours an email may be queued.

Hours are those of the program's time zone. Where clocks go forward, an hour that does not exist is
the one that comes in its place; where they go back, an hour that occurs twice lasts twice as long.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from notifications.domain.schedule_defaults import first_day, last_day
from notifications.models import Schedule, ScheduleRun

_DAY = datetime.timedelta(days=1)


def window(schedule: Schedule, day: datetime.date) -> tuple[datetime.datetime, datetime.datetime]:
    """Return from when until when a schedule may queue on this day; the end is not part of it."""
    midnight = datetime.datetime.combine(day, datetime.time(), schedule.program.zone)

    def moment(hour: int) -> datetime.datetime:
        return (midnight + datetime.timedelta(hours=hour)).astimezone(datetime.UTC)

    opens, closes = moment(schedule.from_hour), moment(schedule.to_hour)
    if closes <= opens:
        closes = opens + datetime.timedelta(hours=schedule.to_hour - schedule.from_hour)
    return opens, closes


def next_moment(
    schedule: Schedule, moment: datetime.datetime, skipped: Iterable[datetime.date]
) -> datetime.datetime:
    """Return the first moment from `moment` on within the hours of a day that is not skipped."""
    passed_over = set(skipped)
    day = schedule.program.local(moment).date()
    while True:
        opens, closes = window(schedule, day)
        if day not in passed_over and moment < closes:
            return max(moment, opens)
        day += _DAY


def next_run(
    schedule: Schedule, now: datetime.datetime, runs: Iterable[ScheduleRun]
) -> datetime.datetime | None:
    """Return when a schedule looks next for people who are due; None if it is over or has no date.

    `runs` are those of this schedule. What is due already gives `now`: a day that passed while
    nothing ran is made up for, as long as it still makes sense.
    """
    moment = now
    runs = list(runs)
    if not schedule.is_per_person:
        first = first_day(schedule)
        if first is None or (not schedule.keeps_on and any(run.day >= first for run in runs)):
            return None
        moment = max(now, window(schedule, first)[0])
    moment = next_moment(schedule, moment, skipped_days(runs))
    return moment if schedule.program.local(moment).date() <= last_day(schedule) else None


def is_missed(schedule: Schedule, now: datetime.datetime, runs: Iterable[ScheduleRun]) -> bool:
    """Return whether a schedule's one day has passed, and each on which it could be made up."""
    first = first_day(schedule)
    return (
        first is not None
        and not schedule.keeps_on
        and now >= window(schedule, max(first, last_day(schedule)))[1]
        and not any(run.day >= first for run in runs)
    )


def skipped_days(runs: Iterable[ScheduleRun]) -> set[datetime.date]:
    """Return the days among these runs that a person decided to skip."""
    return {run.day for run in runs if run.outcome == ScheduleRun.Outcome.SKIPPED}
