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
_SAVED_MEANWHILE = (
    "Nothing was saved: somebody else changed this schedule while you were editing, see the "
    "history below. Yours is still in the form. Save again to replace theirs."
)


@transaction.atomic
def change_schedule(
    program: Program,
    kind: str,
    values: Mapping[str, Any],
    *,
    seen: int | None = None,
    by: AbstractBaseUser | None = None,
) -> Schedule:
    """Set these columns (of SETTABLE) of a program's schedule of a kind, and return it.

    `seen` is the newest version that the person who decided had before them; None if it does not
    matter. Raise ValidationError, with nothing saved, if there is a newer one by now, for values
    that no schedule may have, and if it is to be turned on for people who are anonymized.
    """
    schedule = _locked(program, kind)
    if seen is not None and seen != newest_version(schedule):
        raise ValidationError(_SAVED_MEANWHILE)
    if values.get("is_on"):
        refuse_anonymised(schedule.program)
    for name in SETTABLE:
        if name in values:
            setattr(schedule, name, values[name])
    schedule.full_clean()
    schedule._history_user = by  # type: ignore[attr-defined]
    schedule.save()
    return schedule


def newest_version(schedule: Schedule) -> int:
    """Return the key of the newest version of a schedule, 0 if it was never saved."""
    history = Schedule.history.filter(program=schedule.program_id, kind=schedule.kind)
    return history.order_by("-pk").values_list("pk", flat=True).first() or 0


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
