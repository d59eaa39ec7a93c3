"""What the survey's schedule does for late sign-ups."""

from __future__ import annotations

import datetime

from django.utils import timezone
from django.utils.translation import ngettext

from mentorship.domain.survey.window import takes_answers
from mentorship.models import Program
from notifications.domain.schedule_defaults import schedule_of
from notifications.domain.schedules.hours import next_run
from notifications.domain.schedules.sentences import short_moment
from notifications.models import EmailLog, Kind


def invites_as_they_come(
    program: Program, joining: int, now: datetime.datetime | None = None
) -> str:
    """Return a sentence on when this many late sign-ups will be invited to the survey.

    It names the next run of the survey's schedule, or says that somebody has to invite them if
    others were invited already. Return "" while nobody has been invited and no schedule is on.
    """
    now = now or timezone.now()
    schedule = schedule_of(program, Kind.SURVEY)
    people = ngettext("1 new person", "%(number)d new people", joining) % {"number": joining}
    when = None
    if schedule.is_on:
        schedule.program = program
        when = next_run(schedule, now, schedule.runs.all())
    if when is not None and when <= now:
        return f"{people} will be invited to the survey right away, by its schedule."
    if when is not None:
        moment = short_moment(program, when)
        return f"{people} will be invited to the survey on {moment}, by its schedule."
    invited = EmailLog.objects.filter(program=program, kind=Kind.SURVEY, state=EmailLog.State.SENT)
    if invited.exists() and takes_answers(program, program.local(now).date()):
        return (
            f"{people} will not be invited to the survey automatically, as the others were. "
            "Send the survey again after the import, or turn its schedule on."
        )
    return ""
