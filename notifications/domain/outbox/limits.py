"""How many emails a program may hand to its mailbox provider, a minute and within 24 hours."""

from __future__ import annotations

import datetime

from mentorship.models import Program
from notifications.domain.transport.smtp import Postman

MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(hours=24)


def full_until(program: Program, now: datetime.datetime) -> datetime.datetime | None:
    """Return when the next email may leave; None if one may now.

    A place is taken from when a worker claims an email, whatever becomes of it, so providers that
    count attempts are satisfied too. To decide by this, hold the program's row.
    """
    frees = [
        _full_until(program, now, program.mails_per_minute, MINUTE),
        _full_until(program, now, program.mails_per_day, DAY),
    ]
    return max((moment for moment in frees if moment), default=None)


def day_full_until(program: Program, now: datetime.datetime) -> datetime.datetime | None:
    """Return when email goes on after the limit of a day; None if that limit is not reached.

    Files have no limit.
    """
    if not Postman().is_metered:
        return None
    return _full_until(program, now, program.mails_per_day, DAY)


def _full_until(
    program: Program, now: datetime.datetime, limit: int, span: datetime.timedelta
) -> datetime.datetime | None:
    if not limit:
        return None
    # What a clock that was an hour ahead has dated takes a place of the day, not of the minute.
    claimed = program.emails.filter(claimed_at__gt=now - span, claimed_at__lte=now + span)
    taken = claimed.order_by("-claimed_at")
    # The newest but `limit - 1`: once it is older than the span, one more may leave.
    moment = taken.values_list("claimed_at", flat=True)[limit - 1 : limit].first()
    return moment and moment + span
