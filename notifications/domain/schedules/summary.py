"""What the dashboard says about scheduled emails."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils.translation import ngettext

from mentorship.models import Program
from notifications.domain.outbox.limits import day_full_until
from notifications.domain.schedule_defaults import schedules_of
from notifications.domain.schedules.forecast import forecast, next_automatic
from notifications.domain.schedules.hours import is_missed
from notifications.domain.schedules.sentences import sentence_of, short_moment
from notifications.models import EmailLog, Schedule


@dataclass(frozen=True)
class Summary:
    """`coming`: the next email in a sentence; `full`: when sending resumes after a day's limit.

    Both are "" where there is nothing to say. `missed` went by while nothing ran.
    """

    coming: str
    on: list[Schedule]
    paused: list[Schedule]
    missed: list[Schedule]
    in_trouble: list[Schedule]
    full: str


def summary(program: Program, now: datetime.datetime) -> Summary:
    """Return what is sent next by a schedule, and what keeps emails from being sent."""
    schedules = schedules_of(program)
    on = [schedule for schedule in schedules if schedule.is_on]
    coming = next_automatic(forecast(program, now)) if on else None
    return Summary(
        coming=sentence_of(coming, now) if coming else "",
        on=on,
        paused=[schedule for schedule in schedules if not schedule.is_on],
        missed=missed(on, now),
        in_trouble=[schedule for schedule in on if schedule.trouble],
        full=full_sentence(program, now),
    )


def missed(schedules: list[Schedule], now: datetime.datetime) -> list[Schedule]:
    """Return the schedules among these that are on and whose only day passed without a run."""
    return [
        schedule
        for schedule in schedules
        if schedule.is_on and is_missed(schedule, now, schedule.runs.all())
    ]


def full_sentence(program: Program, now: datetime.datetime) -> str:
    """Return a sentence on the day's limit and when sending resumes; "" if nothing waits for it."""
    until = day_full_until(program, now)
    waiting = (
        until and program.emails.filter(state=EmailLog.State.QUEUED, not_before__lte=now).count()
    )
    if not until or not waiting:
        return ""
    emails = ngettext("1 email is waiting", "%(number)d emails are waiting", waiting)
    return (
        f"Daily limit of {program.mails_per_day} emails reached. {emails % {'number': waiting}}; "
        f"sending resumes {short_moment(program, until)}."
    )
