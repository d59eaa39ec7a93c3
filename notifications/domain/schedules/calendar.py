"""The email schedule day by day: what was sent, by schedule or by hand, and what is to come."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count

from mentorship.models import Program
from notifications.domain.schedule_defaults import first_day
from notifications.domain.schedules.forecast import Planned
from notifications.domain.schedules.sentences import milestones
from notifications.models import EmailBatch, EmailLog, ScheduleRun

PAST = datetime.timedelta(days=30)


@dataclass(frozen=True)
class Went:
    """Emails that were queued together, by state; or a run of a schedule that found nobody.

    `run` is None for what a person queued, `batch` for what nobody was due for.
    """

    kind: str
    at: datetime.datetime
    batch: EmailBatch | None
    run: ScheduleRun | None
    states: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Day:
    date: datetime.date
    marks: list[str] = field(default_factory=list)
    went: list[Went] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)


def days_of(
    program: Program, planned: Mapping[str, list[Planned]], now: datetime.datetime
) -> list[Day]:
    """Return the days with emails, sent or to come, and the dates of the program, in order.

    Goes back 30 days. A day on which nobody is due is left out, unless a schedule begins on it.
    """
    days: dict[datetime.date, Day] = {}

    def day(date: datetime.date) -> Day:
        return days.setdefault(date, Day(date))

    since = now - PAST
    for date, mark in milestones(program):
        if date >= program.local(since).date():
            day(date).marks.append(mark)
    for went in sorted(_went(program, since), key=lambda went: went.at):
        day(program.local(went.at).date()).went.append(went)
    for ones in planned.values():
        for one in ones:
            begins = one.at > now and one.day == first_day(one.schedule)
            if one.people or one.skipped or begins:
                day(one.day).planned.append(one)
    for one_day in days.values():
        one_day.planned.sort(key=lambda one: one.at)
    return [days[date] for date in sorted(days)]


def _went(program: Program, since: datetime.datetime) -> list[Went]:
    batches = program.email_batches.filter(leaves_at__gte=since)
    states: dict[int, Counter[str]] = {}
    for pk, state, number in (
        EmailLog.objects.filter(batch__in=batches)
        .values_list("batch", "state")
        .annotate(number=Count("pk"))
        .order_by()
    ):
        states.setdefault(pk, Counter())[state] = number
    found = [
        Went(
            batch.kind,
            program.local(batch.leaves_at),
            batch,
            batch.run,
            [
                (states[batch.pk][state], state)
                for state in EmailLog.State.values
                if states.get(batch.pk, Counter())[state]
            ],
        )
        for batch in batches.select_related("created_by", "run")
    ]
    empty = ScheduleRun.objects.filter(
        schedule__program=program, outcome=ScheduleRun.Outcome.RAN, batches=None, at__gte=since
    )
    found += [
        Went(run.schedule.kind, program.local(run.at), None, run)
        for run in empty.select_related("schedule")
    ]
    return found
