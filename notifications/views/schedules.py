"""The email schedule: what was sent and what is to come, and when each kind of email is sent."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from mentorship.models import Program
from notifications.domain.outbox.preview import CONFIRM_ABOVE, title_of
from notifications.domain.schedule_defaults import last_day, schedule_of, schedules_of
from notifications.domain.schedules.calendar import Day, Went, days_of
from notifications.domain.schedules.changes import (
    change_schedule,
    newest_version,
    pause_all,
    skip_day,
    unskip_day,
)
from notifications.domain.schedules.forecast import Planned, forecast
from notifications.domain.schedules.sentences import describe, short_moment, to_whom
from notifications.domain.schedules.summary import full_sentence, missed
from notifications.interfaces.schedule_form import SaveForm, ScheduleForm, SkipForm
from notifications.models import AUTOMATIC, Schedule
from notifications.models.states import STATES
from notifications.views.send import SENDABLE

SHOWN = 100
STILL_SENT = "Emails that are queued already will still be sent."


@committee_view
@require_GET
def show_calendar(request: CommitteeRequest) -> HttpResponse:
    """Show what was sent and what is to come, day by day, and each schedule with its switch."""
    program, now = request.program, timezone.now()
    planned = forecast(program, now)
    schedules = schedules_of(program)
    gone_by = missed(schedules, now)
    today = program.local(now).date()
    days = [_shown(program, day, now) for day in days_of(program, planned, now)]
    return committee_page(
        request,
        "notifications/schedules/calendar.html",
        "Email schedule",
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


def _shown(program: Program, day: Day, now: datetime.datetime) -> dict[str, Any]:
    return {
        "day": day,
        "went": [_went(program, went) for went in day.went],
        "planned": [
            (one, to_whom(one), "soon" if one.at <= now else program.formats.time(one.at))
            for one in day.planned
        ],
    }


def _went(program: Program, went: Went) -> dict[str, Any]:
    by = went.batch.created_by if went.batch else None
    return {
        "title": title_of(went.kind),
        "at": program.formats.time(went.at),
        "how": "by schedule" if went.run else f"by {by}" if by else "by hand",
        "batch": went.batch,
        "states": [(number, state, STATES[state].tone) for number, state in went.states],
    }


@committee_view
@require_http_methods(["GET", "POST"])
def edit_schedule(request: CommitteeRequest, kind: str) -> HttpResponse:
    """Show when a kind is sent and what comes next; on POST save that, or turn it on as well."""
    program, now = request.program, timezone.now()
    schedule = _schedule(program, kind)
    form = ScheduleForm(schedule, request.POST if request.method == "POST" else None)
    problem = ""
    typed = schedule
    if request.method == "POST":
        save = SaveForm(request.POST)
        if form.is_valid():
            typed = _typed(schedule, form)
        try:
            _save(request, typed, form, save)
        except ValidationError as error:
            problem = " ".join(error.messages)
        else:
            messages.success(request, _saved(schedule, save))
            return redirect("mail_calendar")
    history = Schedule.history.filter(program=program, kind=kind)
    return committee_page(
        request,
        "notifications/schedules/schedule.html",
        str(schedule),
        schedule=schedule,
        about=SENDABLE[kind],
        form=form,
        problem=problem,
        newest=newest_version(schedule),
        versions=[
            (describe(_of(program, row.instance)), row)
            for row in history.select_related("history_user").order_by("-history_date")[:20]
        ],
        **_previewed(program, typed, now),
    )


@committee_view
@require_POST
def preview_schedule(request: CommitteeRequest, kind: str) -> HttpResponse:
    """Show what would happen next with what is typed so far."""
    program = request.program
    schedule = _schedule(program, kind)
    form = ScheduleForm(schedule, request.POST)
    context: dict[str, Any] = {"schedule": schedule, "unfinished": not form.is_valid()}
    if form.is_valid():
        context |= _previewed(program, _typed(schedule, form), timezone.now())
    return TemplateResponse(request, "notifications/schedules/preview.html", context)


@committee_view
@require_POST
def pause_schedules(request: CommitteeRequest, kind: str = "") -> HttpResponse:
    """Pause one schedule, or all."""
    program = request.program
    if kind:
        schedule = _schedule(program, kind)
        change_schedule(program, kind, {"is_on": False}, by=request.user)
        messages.success(request, f"{schedule} is paused. {STILL_SENT}")
    elif number := pause_all(program, by=request.user):
        paused = ngettext("Paused 1 schedule.", "Paused %(number)d schedules.", number)
        messages.success(request, f"{paused % {'number': number}} {STILL_SENT}")
    else:
        messages.info(request, "Every schedule is paused already.")
    return redirect("mail_calendar")


@committee_view
@require_POST
def skip(request: CommitteeRequest, kind: str) -> HttpResponse:
    """Skip the posted day of a schedule, or undo that."""
    program = request.program
    schedule = _schedule(program, kind)
    sent = SkipForm(request.POST).values_or_404()
    words = f"{schedule} on {program.formats.day(sent['day'])}"
    try:
        if sent["do"] == "undo":
            unskip_day(program, kind, sent["day"])
            messages.success(request, f"Undone: {words} is no longer skipped.")
        else:
            skip_day(program, kind, sent["day"], by=request.user)
            messages.success(request, f"Skipped: {words}.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("mail_calendar")


def _schedule(program: Program, kind: str) -> Schedule:
    if kind not in AUTOMATIC:
        raise Http404("This kind of email has no schedule.")
    return _of(program, schedule_of(program, kind))


def _of(program: Program, schedule: Schedule) -> Schedule:
    schedule.program = program
    return schedule


def _typed(schedule: Schedule, form: ScheduleForm) -> Schedule:
    """Return the schedule as the form says, unsaved."""
    columns = {f.attname: getattr(schedule, f.attname) for f in Schedule._meta.concrete_fields}
    return _of(schedule.program, Schedule(**{**columns, **form.values()}))


def _save(request: CommitteeRequest, typed: Schedule, form: ScheduleForm, save: SaveForm) -> None:
    """Save what is typed, and turn it on if asked to. Raise ValidationError, with nothing saved."""
    if not form.is_valid():
        raise ValidationError("Nothing is saved yet: see what is marked below.")
    now = timezone.now()
    number = _at_once(forecast(request.program, now, changed=typed)[typed.kind], now)
    runs = typed.is_on or save.turns_on
    if runs and number > CONFIRM_ABOVE and not save.confirms(number):
        raise ValidationError(f"Type {number} to confirm that this many emails are sent at once.")
    values = {**form.values(), **({"is_on": True} if save.turns_on else {})}
    seen = save.cleaned_data.get("version")
    change_schedule(request.program, typed.kind, values, seen=seen, by=request.user)


def _saved(schedule: Schedule, save: SaveForm) -> str:
    if save.turns_on:
        return f"{schedule} is scheduled from now on."
    return f"Saved: {schedule}. It {'stays on' if schedule.is_on else 'is paused'}."


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
        "days": [
            (short_moment(program, one.at), to_whom(one), one.at <= now, one.skipped)
            for one in days
        ],
        "people": [(str(person), person.email) for person in (first.people if first else [])][
            :SHOWN
        ],
        "more": max(0, (first.number if first else 0) - SHOWN),
        "confirm": number if number > CONFIRM_ABOVE else 0,
    }
