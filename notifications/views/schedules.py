"""The calendar of mail, and when each kind of mail goes by itself."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mentorship.models import Program
from notifications.domain.outbox.preview import CONFIRM_ABOVE, title_of
from notifications.domain.schedule_defaults import last_day, schedule_of, schedules_of
from notifications.domain.schedules.calendar import Day, Went, days_of
from notifications.domain.schedules.changes import (
    change_schedule,
    pause_all,
    skip_day,
    unskip_day,
)
from notifications.domain.schedules.forecast import Planned, forecast
from notifications.domain.schedules.sentences import describe, short_moment, to_whom
from notifications.domain.schedules.summary import full_sentence, missed
from notifications.interfaces.admin import TONES
from notifications.interfaces.schedule_form import ScheduleForm
from notifications.models import AUTOMATIC, Schedule
from notifications.views.send import SENDABLE, is_confirmed, page, program_of

SHOWN = 100


@require_GET
def show_calendar(request: HttpRequest) -> HttpResponse:
    """Show what went and what will go, day by day, and each schedule with its switch."""
    program, now = program_of(request), timezone.now()
    planned = forecast(program, now)
    schedules = schedules_of(program)
    gone_by = missed(schedules, now)
    today = program.local(now).date()
    days = [_shown(day, now) for day in days_of(program, planned, now)]
    return page(
        request,
        "notifications/schedules/calendar.html",
        "Calendar",
        today=today,
        past=[shown for shown in days if shown["day"].date < today],
        coming=[shown for shown in days if shown["day"].date >= today],
        schedules=[
            {
                "schedule": schedule,
                "about": SENDABLE[schedule.kind],
                "when": describe(schedule),
                "is_over": today > last_day(schedule),
                "is_missed": schedule in gone_by,
            }
            for schedule in schedules
        ],
        any_on=any(schedule.is_on for schedule in schedules),
        full=full_sentence(program, now),
    )


def _shown(day: Day, now: datetime.datetime) -> dict[str, Any]:
    return {
        "day": day,
        "went": [_went(went) for went in day.went],
        "planned": [
            (one, to_whom(one), "soon" if one.at <= now else f"{one.at.hour}:{one.at:%M}")
            for one in day.planned
        ],
    }


def _went(went: Went) -> dict[str, Any]:
    by = went.batch.created_by if went.batch else None
    return {
        "title": title_of(went.kind),
        "at": f"{went.at.hour}:{went.at:%M}",
        "how": "by its schedule" if went.run else f"by {by}" if by else "by hand",
        "batch": went.batch,
        "states": [(number, state, TONES[state]) for number, state in went.states],
    }


@require_http_methods(["GET", "POST"])
def edit_schedule(request: HttpRequest, kind: str) -> HttpResponse:
    """Show when a kind goes and what happens next; on POST save that, or turn it on as well."""
    program, now = program_of(request), timezone.now()
    schedule = _schedule(program, kind)
    form = ScheduleForm(schedule, request.POST if request.method == "POST" else None)
    problem = ""
    typed = schedule
    if request.method == "POST":
        turns_on = request.POST.get("do") == "turn_on"
        if form.is_valid():
            typed = _typed(schedule, form)
        try:
            _save(request, program, typed, form, turns_on)
        except ValidationError as error:
            problem = " ".join(error.messages)
        else:
            messages.success(
                request,
                f"{schedule} goes by itself from now on."
                if turns_on
                else f"{schedule}: saved. It {'stays on' if schedule.is_on else 'is paused'}.",
            )
            return redirect("mail_calendar")
    history = Schedule.history.filter(program=program, kind=kind)
    return page(
        request,
        "notifications/schedules/schedule.html",
        str(schedule),
        schedule=schedule,
        about=SENDABLE[kind],
        form=form,
        problem=problem,
        versions=[
            (describe(_of(program, row.instance)), row, program.local(row.history_date))
            for row in history.select_related("history_user").order_by("-history_date")[:20]
        ],
        **_previewed(program, typed, now),
    )


@require_POST
def preview_schedule(request: HttpRequest, kind: str) -> HttpResponse:
    """Show what would happen next by what is typed so far."""
    program = program_of(request)
    schedule = _schedule(program, kind)
    form = ScheduleForm(schedule, request.POST)
    context: dict[str, Any] = {"schedule": schedule, "unfinished": not form.is_valid()}
    if form.is_valid():
        context |= _previewed(program, _typed(schedule, form), timezone.now())
    return TemplateResponse(request, "notifications/schedules/preview.html", context)


@require_POST
def pause_schedules(request: HttpRequest, kind: str = "") -> HttpResponse:
    """Pause one schedule, or all."""
    program = program_of(request)
    by: Any = request.user
    if kind:
        schedule = _schedule(program, kind)
        change_schedule(program, kind, {"is_on": False}, by=by)
        messages.success(request, f"{schedule} is paused. What is queued already still leaves.")
    elif number := pause_all(program, by=by):
        schedules = "1 schedule" if number == 1 else f"{number} schedules"
        messages.success(request, f"Paused: {schedules}. What is queued already still leaves.")
    else:
        messages.info(request, "All schedules were paused already.")
    return redirect("mail_calendar")


@require_POST
def skip(request: HttpRequest, kind: str) -> HttpResponse:
    """Skip the posted day of a schedule, or take that back."""
    program = program_of(request)
    schedule = _schedule(program, kind)
    try:
        day = datetime.date.fromisoformat(request.POST.get("day", ""))
    except ValueError as error:
        raise Http404("There is no such day.") from error
    words = f"{schedule} on {day.day} {day:%B}"
    try:
        if request.POST.get("do") == "undo":
            unskip_day(program, kind, day)
            messages.success(request, f"{words} goes after all.")
        else:
            skip_day(program, kind, day, by=request.user)  # type: ignore[arg-type]
            messages.success(request, f"Skipped: {words}.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("mail_calendar")


def _schedule(program: Program, kind: str) -> Schedule:
    if kind not in AUTOMATIC:
        raise Http404("This kind of mail never goes by itself.")
    return _of(program, schedule_of(program, kind))


def _of(program: Program, schedule: Schedule) -> Schedule:
    schedule.program = program
    return schedule


def _typed(schedule: Schedule, form: ScheduleForm) -> Schedule:
    """Return the schedule as the form says, unsaved."""
    columns = {f.attname: getattr(schedule, f.attname) for f in Schedule._meta.concrete_fields}
    return _of(schedule.program, Schedule(**{**columns, **form.values()}))


def _save(
    request: HttpRequest, program: Program, typed: Schedule, form: ScheduleForm, turns_on: bool
) -> None:
    """Save what is typed, and turn it on. Raise ValidationError, with nothing saved."""
    if not form.is_valid():
        raise ValidationError("Nothing is saved yet: see what is marked below.")
    now = timezone.now()
    number = _at_once(forecast(program, now, changed=typed)[typed.kind], now)
    if (typed.is_on or turns_on) and not is_confirmed(request, number):
        raise ValidationError(f"Type {number} to confirm that as many mails may go at once.")
    values = {**form.values(), **({"is_on": True} if turns_on else {})}
    change_schedule(program, typed.kind, values, by=request.user)  # type: ignore[arg-type]


def _at_once(planned: list[Planned], now: datetime.datetime) -> int:
    return sum(one.number for one in planned if not one.skipped and one.at <= now)


def _previewed(program: Program, schedule: Schedule, now: datetime.datetime) -> dict[str, Any]:
    """Return what the preview shows: the days to come, and who is first."""
    days = forecast(program, now, changed=schedule)[schedule.kind]
    coming = [one for one in days if not one.skipped]
    first = coming[0] if coming else None
    number = _at_once(days, now)
    return {
        "when": describe(schedule),
        "is_over": program.local(now).date() > last_day(schedule),
        "days": [(short_moment(one.at), to_whom(one), one.at <= now, one.skipped) for one in days],
        "people": [(str(person), person.email) for person in (first.people if first else [])][
            :SHOWN
        ],
        "more": max(0, (first.number if first else 0) - SHOWN),
        "confirm": number if number > CONFIRM_ABOVE else 0,
    }
