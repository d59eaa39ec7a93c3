"""The day until which a program keeps people's data: reminding the chairs of it, and keeping it."""

from __future__ import annotations

import datetime
import logging

from django.core.exceptions import ValidationError
from django.utils import timezone

from committee.domain.anonymise import anonymise_program
from committee.domain.traces import clean_up
from mentorship.domain.imports.records import forget_old_drafts
from mentorship.models import Program
from notifications.domain.outbox.to_chairs import remind_chairs, reminded_at

logger = logging.getLogger(__name__)
# Days before the last one on which chairs are reminded, and the least between the last reminder
# and what the program does by itself.
FIRST, LAST = 14, 3
_BLOCKED = "blocked"


def keep_promises(now: datetime.datetime | None = None) -> int:
    """Do what the day until which data is kept asks for, in all programs; return how many ended.

    Chairs are reminded 14 and 3 days before. A program that says so is anonymized after its last
    day, but never sooner than three days after a chair was sent the last reminder. What is in the
    way of it is told to the chairs once, and tried again. What was left to be cleaned up is done,
    too. Safe to call as often as wanted and from several workers at once.
    """
    now = now or timezone.now()
    ended = 0
    for program in Program.objects.filter(kept_months__isnull=False, anonymised_at=None):
        try:
            ended += _keep_promise(program, now)
        except Exception:
            # What is wrong with one program must not keep another one's people waiting.
            logger.exception("People's data of program %s could not be looked at", program.pk)
    forget_old_drafts()
    clean_up()
    return ended


def goes_on(program: Program, now: datetime.datetime) -> datetime.date | None:
    """Return the day on which a program is anonymized by itself; None if it is not.

    Without a reminder that was sent it is the first day that is possible, should one go out now.
    """
    until = program.kept_until
    if until is None or not program.anonymises_itself or program.anonymised_at:
        return None
    sent = reminded_at(program, f"{until} {LAST}")
    reminded = program.local(sent or now).date()
    return max(until, reminded + datetime.timedelta(days=LAST - 1)) + datetime.timedelta(days=1)


def _keep_promise(program: Program, now: datetime.datetime) -> bool:
    until = program.kept_until
    assert until is not None
    today = program.local(now).date()
    left = (until - today).days
    if left > FIRST:
        return False
    step = FIRST if left > LAST else LAST
    day = program.formats.date(until)
    is_past = "was" if left < 0 else "is"
    remind_chairs(
        program,
        f"{until} {step}",
        now,
        what=f"people’s data is kept until {day}",
        sentence=f"The last day on which the data of the people in {program} is kept {is_past} "
        f"{day}. Its pages promise that.",
        then=_what_happens(program, now),
    )
    sent = reminded_at(program, f"{until} {LAST}")
    if not program.anonymises_itself or left >= 0 or sent is None:
        return False
    if now - sent < datetime.timedelta(days=LAST):
        return False
    try:
        anonymise_program(program)
    except ValidationError as error:
        remind_chairs(
            program,
            f"{until} {_BLOCKED}",
            now,
            what="people’s data could not be anonymized",
            sentence=f"The data of the people in {program} was due to be anonymized after {day}, "
            f"and something is in the way: {' '.join(error.messages)}",
            then="It is tried again every hour.",
        )
        return False
    return True


def _what_happens(program: Program, now: datetime.datetime) -> str:
    day = goes_on(program, now)
    if day is None:
        return "Please anonymize the program after that day. Nothing happens by itself."
    return f"It will be anonymized by itself on {program.formats.date(day)}. It cannot be undone."
