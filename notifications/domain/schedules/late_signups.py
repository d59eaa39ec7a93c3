"""What the survey's schedule does for late sign-ups."""

from __future__ import annotations

import datetime

from django.utils import timezone

from mentorship.models import Program
from notifications.domain.schedule_defaults import schedule_of
from notifications.domain.schedules.hours import next_run
from notifications.models import EmailLog, Kind


def invites_as_they_come(
    program: Program, joining: int, now: datetime.datetime | None = None
) -> str:
    """Return in a sentence when so many new people would be invited to the survey by its schedule.

    Gives "" as long as nobody has been invited and no schedule would, and says that somebody has
    to invite them if the others were invited.
    """
    now = now or timezone.now()
    schedule = schedule_of(program, Kind.SURVEY)
    people = "1 new person" if joining == 1 else f"{joining} new people"
    when = None
    if schedule.is_on:
        schedule.program = program
        when = next_run(schedule, now, schedule.runs.all())
    if when is not None and when <= now:
        return f"{people} will be invited to the survey at once, by its schedule."
    if when is not None:
        day = f"{program.local(when):%-d %B at %H:%M}"
        return f"{people} will be invited to the survey by its schedule, on {day}."
    invited = EmailLog.objects.filter(program=program, kind=Kind.SURVEY, state=EmailLog.State.SENT)
    if invited.exists() and program.local(now).date() <= program.ends_on:
        return (
            f"{people} will not be invited to the survey by themselves: the others were. "
            "Send the survey again after the import, or turn its schedule on."
        )
    return ""
