"""What is wrong with email as a whole, and what to do about it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import timezone

from mentorship.domain.heartbeat import BOUNCES, SENDING, is_silent, last_beat, troubles
from mentorship.models import Program
from notifications.models import Bounce, BounceKind, EmailLog

DAY = datetime.timedelta(days=1)
# A wrong address here and there is usual; what is more than this in a day is not.
FAILURES = 3
# One server that rejects us may be strict; so many in a day, and it is about us.
REJECTIONS = 5


@dataclass(frozen=True)
class Alarm:
    """What is wrong, what to do, and which view of the outbox shows more.

    `page` is the name of the page on which it is decided, `button` what its link says.
    """

    sentence: str
    what_to_do: str
    view: str = ""
    page: str = ""
    button: str = ""


def alarms(program: Program, now: datetime.datetime | None = None) -> list[Alarm]:
    """Return what is wrong with email now, in five queries or fewer."""
    now = now or timezone.now()
    troubled = troubles()
    found = [
        _restored(program),
        _silence(program, now),
        _server(program, troubled.get(SENDING)),
        _mailbox(troubled.get(BOUNCES)),
        _failures(program, now),
        _rejections(program, now),
    ]
    return [alarm for alarm in found if alarm]


def _restored(program: Program) -> Alarm | None:
    if program.restored_to is None:
        return None
    return Alarm(
        f"No email leaves: the site was restored from a backup of "
        f"{program.formats.day_and_time(program.restored_to)}.",
        "Emails may have been sent after that moment that nobody remembers here. Look at the "
        "outbox, then let emails leave again.",
        page="after_restore",
        button="Look at it",
    )


def _silence(program: Program, now: datetime.datetime) -> Alarm | None:
    seen = last_beat()
    if not is_silent(seen, now):
        return None
    since = program.formats.day_and_time(seen) or "the site was set up"
    return Alarm(
        f"The worker that sends emails has not been seen since {since}. "
        "No email is sent until it runs.",
        "Ask the person who hosts the site to start worker and beat. Nothing is lost meanwhile: "
        "what is queued will be sent once they run.",
    )


def _server(program: Program, why: str | None) -> Alarm | None:
    if not why or not program.emails.filter(state=EmailLog.State.QUEUED).exists():
        return None
    return Alarm(
        f"Emails are waiting: {why[0].lower()}{why[1:].rstrip('.')}.",
        "They are tried again by themselves. If this does not go away, tell the person who hosts "
        "the site.",
        "queued",
    )


def _mailbox(why: str | None) -> Alarm | None:
    if not why:
        return None
    return Alarm(
        f"Bounces are not read. {why.rstrip('.')}.",
        "Until it can be read, emails that bounced count as sent. Tell the person who hosts the "
        "site.",
    )


def _failures(program: Program, now: datetime.datetime) -> Alarm | None:
    failed = program.emails.filter(state=EmailLog.State.FAILED, claimed_at__gt=now - 8 * DAY)
    moments = list(failed.values_list("claimed_at", flat=True))
    today = sum(moment > now - DAY for moment in moments if moment)
    usual = (len(moments) - today) / 7
    if today < FAILURES or today <= 2 * usual:
        return None
    return Alarm(
        f"{today} emails were refused within the last day, which is more than usual.",
        "Read what the mail server said of them. If it is the same for all, tell the host of "
        "the site; if it is the addresses, correct them and send again.",
        "failed",
    )


def _rejections(program: Program, now: datetime.datetime) -> Alarm | None:
    rejected = Bounce.objects.filter(
        mail__program=program, kind=BounceKind.REJECTED, received_at__gt=now - DAY
    )
    number = rejected.values("mail").distinct().count()
    if number < REJECTIONS:
        return None
    return Alarm(
        f"Other mail servers rejected {number} of our emails within the last day.",
        "The addresses are probably right: the other servers take our emails for spam. Put bulk "
        "emails on hold and tell the host of the site, who should check SPF, DKIM, DMARC and "
        "block lists.",
        "back",
    )
