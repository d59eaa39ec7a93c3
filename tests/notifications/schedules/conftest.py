"""A program in Los Angeles with its dates, people who were invited, and its schedules."""

from __future__ import annotations

import datetime
import zoneinfo

import pytest

from notifications.domain.schedules.runs import run_schedules
from notifications.models import EmailLog, Schedule
from tests.factories import (
    EmailLogFactory,
    ParticipantFactory,
    ProgramFactory,
    ScheduleFactory,
    SurveyResponseFactory,
)

PACIFIC = "America/Los_Angeles"
State = EmailLog.State
DATES = {
    "survey_opens_on": datetime.date(2083, 6, 14),
    "survey_closes_on": datetime.date(2083, 7, 4),
    "announce_on": datetime.date(2083, 7, 8),
}
REMINDER = {"kind": "reminder", "is_on": True}
SURVEY = {
    "kind": "survey", "anchor": "survey_opens_on", "after_days": None, "at_most": None,
    "is_on": True,
}  # fmt: skip
CHECK_IN = {**SURVEY, "kind": "check_in", "anchor": "starts_on", "days": 1, "keeps_on": False}
FEEDBACK = {**CHECK_IN, "kind": "feedback", "anchor": "ends_on"}


def local(month, day, hour=0, minute=0, *, zone=PACIFIC, year=2083, fold=0):
    """A moment on a program's clock."""
    return datetime.datetime(
        year, month, day, hour, minute, tzinfo=zoneinfo.ZoneInfo(zone), fold=fold
    )


def schedule(program, kind=REMINDER, **details) -> Schedule:
    return ScheduleFactory(program=program, **{**kind, **details})


def sent(person, moment, kind="survey"):
    """A mail to this person that really left at this moment."""
    number = EmailLog.objects.count()
    mail = EmailLogFactory(
        program=person.program,
        kind=kind,
        state=State.SENT,
        sent_at=moment,
        about=person.pk,
        which="" if kind == "survey" else str(number),
        recipients=[person.email],
    )
    mail.people.set([person])
    return mail


def invited(program, name, moment, **details):
    person = ParticipantFactory(program=program, name=name, **details)
    sent(person, moment)
    return person


def answers(person):
    SurveyResponseFactory(participant=person)


def leave(moment):
    """Let all that is queued leave at this moment."""
    EmailLog.objects.filter(state=State.QUEUED).update(state=State.SENT, sent_at=moment)


def queued() -> list[tuple[str, str]]:
    """Who has a mail waiting, as (kind, name)."""
    waiting = EmailLog.objects.filter(state=State.QUEUED).order_by("pk")
    return list(waiting.values_list("kind", "people__name"))


def run(*moments):
    """Have beat look at these moments, letting at once leave what it queues; give what it did."""
    done = []
    for moment in moments:
        run_schedules(moment)
        done += [(f"{moment:%d %b %H:%M}", *mail) for mail in queued()]
        leave(moment)
    return done


@pytest.fixture
def program(db):
    return ProgramFactory(slug="conf", **DATES)
