"""What a person does to a program's schedules: change, turn on, pause, skip a day."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from mentorship.models import Program
from notifications.domain.outbox.queueing import refuse_anonymised
from notifications.domain.schedule_defaults import schedule_of
from notifications.models import Schedule, ScheduleRun

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

SETTABLE = (
    "is_on", "anchor", "days", "keeps_on", "after_days", "at_most", "from_hour", "to_hour",
)  # fmt: skip


@transaction.atomic
def change_schedule(
    program: Program, kind: str, values: Mapping[str, Any], *, by: AbstractBaseUser | None = None
) -> Schedule:
    """Set these columns (of SETTABLE) of a program's schedule of a kind, and return it.

    Raise ValidationError, with nothing saved, for values that no schedule may have, and if it is
    to be turned on for people who are anonymized.
    """
    schedule = _locked(program, kind)
    if values.get("is_on"):
        refuse_anonymised(schedule.program)
    for name in SETTABLE:
        if name in values:
            setattr(schedule, name, values[name])
    schedule.full_clean()
    schedule._history_user = by  # type: ignore[attr-defined]
    schedule.save()
    return schedule


def pause_all(program: Program, *, by: AbstractBaseUser | None = None) -> int:
    """Pause every schedule of a program that is on; return their number."""
    with transaction.atomic():
        Program.objects.locked(program.pk)
        kinds = list(program.schedules.filter(is_on=True).values_list("kind", flat=True))
        for kind in kinds:
            change_schedule(program, kind, {"is_on": False}, by=by)
    return len(kinds)


@transaction.atomic
def skip_day(
    program: Program,
    kind: str,
    day: datetime.date,
    *,
    by: AbstractBaseUser | None = None,
    now: datetime.datetime | None = None,
) -> ScheduleRun:
    """Skip one day of a schedule, on the program's own clock, and return the record of it.

    Skipping twice does no harm. Raise ValidationError if the day is over or its emails are
    queued.
    """
    now = now or timezone.now()
    schedule = _locked(program, kind)
    if day < program.local(now).date():
        raise ValidationError("That day is over, so there is nothing left to skip.")
    if schedule.pk is None:
        schedule.save()
    run, _ = ScheduleRun.objects.get_or_create(
        schedule=schedule,
        day=day,
        defaults={
            "outcome": ScheduleRun.Outcome.SKIPPED,
            "at": now,
            "by_id": by.pk if by else None,
        },
    )
    if run.outcome != ScheduleRun.Outcome.SKIPPED:
        raise ValidationError("It is too late to skip that day: its emails are queued already.")
    return run


@transaction.atomic
def unskip_day(program: Program, kind: str, day: datetime.date) -> None:
    """Undo the skipping of a day. Raise ValidationError if it is not skipped."""
    schedule = _locked(program, kind)
    skipped = ScheduleRun.objects.filter(
        schedule__program=program,
        schedule__kind=schedule.kind,
        day=day,
        outcome=ScheduleRun.Outcome.SKIPPED,
    )
    if not skipped.delete()[0]:
        raise ValidationError("That day is not skipped.")


def _locked(program: Program, kind: str) -> Schedule:
    """Return a schedule as it is now, with its program locked until the transaction ends."""
    program = Program.objects.locked(program.pk)
    schedule = schedule_of(program, kind)
    schedule.program = program
    return schedule
