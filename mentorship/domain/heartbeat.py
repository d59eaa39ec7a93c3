"""Whether what works in the background is alive, and what keeps it from working."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from mentorship.models import Heartbeat

# The parts: the worker, its connection to the mail server, the mailbox for bounces, what starts
# the worker on schedule, and the backup.
WORKER, SENDING, BOUNCES, BEAT, BACKUP = "worker", "sending", "bounces", "beat", "backup"
# The outbox is looked into every 20 seconds, and one look takes no longer than that.
SILENT_AFTER = datetime.timedelta(minutes=5)
# Minutes to wait after each time that a server did not let us in; the last one stays. Servers lock
# out who tries a wrong password five times in ten minutes.
BACK_OFF = (3, 5, 10, 15)
# Who has left no sign for so long has lost its turn. Beat leaves one every five seconds.
TURN_LASTS = datetime.timedelta(seconds=20)


def beat(now: datetime.datetime | None = None, part: str = WORKER) -> None:
    """Leave a sign that a part is at work, which ends its trouble."""
    Heartbeat.objects.update_or_create(
        part=part,
        defaults={
            "seen_at": now or timezone.now(),
            "trouble": "",
            "tries": 0,
            "retry_at": None,
        },
    )


def take_turn(part: str, who: str) -> bool:
    """Leave a sign of a part that only one process at a time may be; return whether it is `who`.

    Another one's turn begins when that one has ended its own, or has left no sign for `TURN_LASTS`.
    It goes by the clock of the database, since those of several machines differ; if that is set
    back, no turn lasts any longer.
    """
    Heartbeat.objects.get_or_create(part=part)
    is_free = (
        Q(holder__in=("", who))
        | Q(seen_at=None)
        | Q(seen_at__lt=Now() - TURN_LASTS)
        | Q(seen_at__gt=Now() + TURN_LASTS)
    )
    signs = Heartbeat.objects.filter(is_free, part=part)
    return signs.update(holder=who, seen_at=Now(), trouble="", tries=0, retry_at=None) == 1


def end_turn(part: str, who: str) -> None:
    """Let another process have its turn at once, if it is that of `who`."""
    Heartbeat.objects.filter(part=part, holder=who).update(holder="")


def whose_turn(part: str) -> str:
    """Return which process it is that is a part at the moment; "" if none is."""
    return Heartbeat.objects.filter(part=part).values_list("holder", flat=True).first() or ""


def note_trouble(
    part: str, why: str, now: datetime.datetime | None = None, *, back_off: bool = False
) -> int:
    """Note what keeps a part from working, and return how often in a row it did.

    With `back_off` it is to wait longer each time; see `waits_until`.
    """
    now = now or timezone.now()
    row, _ = Heartbeat.objects.get_or_create(part=part)
    tries = min(row.tries, len(BACK_OFF) - 1)
    wait = datetime.timedelta(minutes=BACK_OFF[tries]) if back_off else None
    Heartbeat.objects.filter(pk=row.pk).update(
        trouble=why, tries=F("tries") + 1, retry_at=now + wait if wait else None
    )
    return row.tries + 1


def waits_until(part: str, now: datetime.datetime | None = None) -> datetime.datetime | None:
    """Return until when a part that backs off is not to be tried; None if it may be now."""
    waiting = Heartbeat.objects.filter(part=part, retry_at__gt=now or timezone.now())
    return waiting.values_list("retry_at", flat=True).first()


def troubles(parts: Sequence[str] = (SENDING, BOUNCES)) -> dict[str, str]:
    """Return what keeps each of these parts from working; those that work are left out."""
    troubled = Heartbeat.objects.filter(~Q(trouble=""), part__in=parts)
    return dict(troubled.values_list("part", "trouble"))


def last_beat(part: str = WORKER) -> datetime.datetime | None:
    """Return when a part was last seen at work; None if it never was."""
    return Heartbeat.objects.filter(part=part).values_list("seen_at", flat=True).first()


def is_silent(seen: datetime.datetime | None, now: datetime.datetime | None = None) -> bool:
    """Return whether a worker that was last seen then has been silent for five minutes, or ever."""
    return seen is None or (now or timezone.now()) - seen > SILENT_AFTER
