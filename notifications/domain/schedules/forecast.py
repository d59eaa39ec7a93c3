"""Scheduled emails to come: on which day, to how many people, computed as if nothing changed.

Numbers are upper bounds: people may answer or withdraw before. Who gets an email is asked of the
same rules that decide when it is queued.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mentorship.models import Participant, Program
from notifications.domain.outbox.queueing import CHUNK, plan
from notifications.domain.reasons.people import (
    reminder_ever,
    reminder_moment,
    survey_emails,
)
from notifications.domain.schedule_defaults import last_day, schedules_of
from notifications.domain.schedules.hours import next_moment, next_run, skipped_days, window
from notifications.models import EmailLog, Kind, Schedule, ScheduleRun

State = EmailLog.State
_ON_ITS_WAY = (State.QUEUED, State.SENDING)


@dataclass
class Planned:
    """One day of a schedule: from when on it queues (on the program's clock); and the people."""

    schedule: Schedule
    at: datetime.datetime
    people: list[Participant] = field(default_factory=list)
    skipped: ScheduleRun | None = None

    @property
    def day(self) -> datetime.date:
        return self.at.date()

    @property
    def number(self) -> int:
        """How many people at most."""
        return len(self.people)


def forecast(
    program: Program, now: datetime.datetime, *, changed: Schedule | None = None
) -> dict[str, list[Planned]]:
    """Return, by kind, the days to come of each schedule, skipped ones too, in their order.

    A schedule that is paused is told as if it were turned on; what others would bring about by
    being turned on is not counted. `changed` is one that is not saved yet, and stands in for the
    one of its kind. The number of queries depends on neither people nor days.
    """
    schedules = [
        changed if changed is not None and changed.kind == schedule.kind else schedule
        for schedule in schedules_of(program)
    ]
    runs: dict[int | None, list[ScheduleRun]] = {}
    of_program = ScheduleRun.objects.filter(schedule__program=program)
    for run in of_program.select_related("by"):
        runs.setdefault(run.schedule_id, []).append(run)
    found: dict[str, list[Planned]] = {}
    for schedule in schedules:
        mine = runs.get(schedule.pk, [])
        if schedule.is_per_person:
            planned = _reminders(schedule, now, mine, _invited_by_then(found))
        else:
            planned = _of_the_program(schedule, now, mine)
        found[schedule.kind] = sorted(
            [*planned, *_skipped(schedule, now, mine)], key=lambda one: one.at
        )
    return found


def _invited_by_then(found: Mapping[str, list[Planned]]) -> dict[int, datetime.datetime]:
    """Return when a schedule that is on will invite people who have no invitation yet."""
    return {
        person.pk: planned.at
        for planned in found.get(Kind.SURVEY, [])
        if planned.schedule.is_on
        for person in planned.people
    }


def _of_the_program(
    schedule: Schedule, now: datetime.datetime, runs: list[ScheduleRun]
) -> list[Planned]:
    at = next_run(schedule, now, runs)
    if at is None:
        return []
    due = plan(schedule.program, schedule.kind, at, [])
    people = [person for candidate in due for person in candidate.people]
    return [Planned(schedule, schedule.program.local(at), people)]


def _reminders(
    schedule: Schedule,
    now: datetime.datetime,
    runs: list[ScheduleRun],
    invited: Mapping[int, datetime.datetime],
) -> list[Planned]:
    """Return the days on which reminders would go, to each person as many as are left for them.

    `invited`: when people are going to be invited who have no invitation yet.
    """
    program, skipped, ends = schedule.program, skipped_days(runs), last_day(schedule)
    days: dict[datetime.date, Planned] = {}
    for person, last, number in _to_remind(schedule, now, invited):
        for _ in range(number):
            due = reminder_moment(program, last, schedule.after_days or 0)
            last = program.local(next_moment(schedule, max(due, now), skipped))
            if last.date() > ends:
                break
            planned = days.setdefault(last.date(), Planned(schedule, last))
            planned.at = min(planned.at, last)
            planned.people.append(person)
    return list(days.values())


def _to_remind(
    schedule: Schedule, now: datetime.datetime, invited: Mapping[int, datetime.datetime]
) -> Iterator[tuple[Participant, datetime.datetime, int]]:
    """Return each person left to remind, when the last email was sent, and how many are left."""
    program = schedule.program
    keys = list(program.participants.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        sent = survey_emails(part)
        waiting = {
            (mail.kind, mail.about, mail.which): mail.state
            for kind in (Kind.SURVEY, Kind.REMINDER)
            for mail in EmailLog.objects.like(kind, part)
            .filter(repeat=0)
            .exclude(state=State.SENT)
            .only("kind", "about", "which", "state")
        }
        for key, candidate in reminder_ever(program, part).items():
            if not candidate.is_due:
                continue
            left = (schedule.at_most or 0) - sent[key].reminders
            last = sent[key].last or invited.get(key)
            invitation = waiting.get((Kind.SURVEY, key, ""))
            if state := waiting.get((Kind.REMINDER, key, candidate.which)):
                if state not in _ON_ITS_WAY:
                    continue
                last, left = now, left - 1
            elif last is None and invitation in _ON_ITS_WAY:
                last = now
            if last is not None:
                yield candidate.people[0], last, left


def _skipped(
    schedule: Schedule, now: datetime.datetime, runs: list[ScheduleRun]
) -> Iterator[Planned]:
    today = schedule.program.local(now).date()
    for run in runs:
        if run.outcome == ScheduleRun.Outcome.SKIPPED and run.day >= today:
            opens = schedule.program.local(window(schedule, run.day)[0])
            yield Planned(schedule, opens, skipped=run)


def next_automatic(planned: Mapping[str, list[Planned]]) -> Planned | None:
    """Return the first email of a forecast whose schedule is on and that reaches somebody."""
    coming = [
        one
        for days in planned.values()
        for one in days
        if one.schedule.is_on and one.people and one.skipped is None
    ]
    return min(coming, key=lambda one: one.at, default=None)
