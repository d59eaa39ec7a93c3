"""Queueing what schedules call for. Beat has this done every few minutes."""

from __future__ import annotations

import datetime
import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from mentorship.models import Program
from notifications.domain.outbox.queueing import queue_mail, wake_worker
from notifications.domain.schedules.hours import next_run
from notifications.models import Schedule, ScheduleRun

logger = logging.getLogger(__name__)


def run_schedules(now: datetime.datetime | None = None) -> int:
    """Queue what is due by the schedules that are on, of all programs; return how many emails.

    Safe to call as often as wanted and from several workers at once: a program is locked while
    its schedules run, a day that ran leaves a ScheduleRun, and nobody gets an email twice. A text
    that cannot be used is noted with its schedule; all others go on.
    """
    now = now or timezone.now()
    queued = 0
    for pk in _programs_with_something_due(now):
        try:
            queued += _run_program(pk, now)
        except Exception:
            # What is wrong with one program must not stop the emails of another.
            logger.exception("The schedules of program %s could not run", pk)
    return queued


def _programs_with_something_due(now: datetime.datetime) -> list[int]:
    """Return the keys of programs that have a schedule that is due; no more is asked for many.

    An installation keeps its programs for years, and most of their schedules are over.
    """
    on = Schedule.objects.filter(is_on=True, program__anonymised_at=None)
    found = set()
    for schedule in on.prefetch_related("program", "runs"):
        try:
            is_due = _is_due(schedule, now)
        except Exception:
            is_due = True  # what is wrong with it is said where it runs
        if is_due:
            found.add(schedule.program_id)
    return sorted(found)


def _is_due(schedule: Schedule, now: datetime.datetime) -> bool:
    due = next_run(schedule, now, schedule.runs.all())
    return due is not None and due <= now


@transaction.atomic
def _run_program(program_id: int, now: datetime.datetime) -> int:
    program = Program.objects.locked(program_id)
    queued = 0
    for schedule in program.schedules.filter(is_on=True).prefetch_related("runs"):
        schedule.program = program
        if _is_due(schedule, now):
            queued += _run(schedule, now)
    if queued:
        transaction.on_commit(wake_worker)
    return queued


def _run(schedule: Schedule, now: datetime.datetime) -> int:
    trouble = ""
    try:
        result = queue_mail(schedule.program, schedule.kind, rest_seconds=0, now=now)
    except ValidationError as error:
        trouble = " ".join(error.messages)
    if trouble != schedule.trouble:
        Schedule.objects.filter(pk=schedule.pk).update(trouble=trouble)
    if trouble:
        return 0
    if result.batch or not schedule.keeps_on:
        run, _ = ScheduleRun.objects.get_or_create(
            schedule=schedule, day=schedule.program.local(now).date(), defaults={"at": now}
        )
        if result.batch:
            result.batch.run = run
            result.batch.save(update_fields=["run"])
    return result.queued
