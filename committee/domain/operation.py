"""Whether the site does its work: what it needs, what works in the background, what waits."""

from __future__ import annotations

import datetime
import platform
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import django
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Min
from django.utils import timezone

from mentorship.domain.heartbeat import (
    BACKUP,
    BEAT,
    BOUNCES,
    SENDING,
    WORKER,
    is_silent,
    last_beat,
    troubles,
)
from mentorship.domain.queue import QueueUnreachable, check_queue
from mentorship.installation import FREE_AT_LEAST, free_bytes
from mentorship.models import Program
from notifications.domain.outbox.limits import full_until
from notifications.domain.outbox.worker import due_now
from notifications.models import EmailLog

OK = "ok"
UNKNOWN = "unknown"
LATE_AFTER = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class Condition:
    """One thing that has to be well: its name, `ok` or what is wrong in a word, and what to do."""

    name: str
    state: str
    what_to_do: str = ""

    @property
    def is_well(self) -> bool:
        return self.state == OK


def vital() -> list[Condition]:
    """Return what the pages cannot do without: database, queue, and room on the disk."""
    return [_database(), _queue(), _disk()]


def background(now: datetime.datetime | None = None) -> list[Condition]:
    """Return how the worker is, and what it talks to; raise DatabaseError if nobody can tell."""
    troubled = troubles()
    return [
        Condition(
            WORKER,
            "silent" if is_silent(last_beat(), now) else OK,
            "Start the worker and beat; without them no email leaves.",
        ),
        Condition("email", *_trouble(troubled.get(SENDING))),
        Condition(BOUNCES, *_trouble(troubled.get(BOUNCES))),
    ]


def readiness(now: datetime.datetime | None = None) -> list[Condition]:
    """Return everything that the site needs to do all of its work."""
    now = now or timezone.now()
    needed = vital()
    names = ("migrations", BEAT, "oldest_due_email", WORKER, "email", BOUNCES)
    if not needed[0].is_well:
        return [*needed, *(Condition(name, UNKNOWN) for name in names)]
    try:
        return [*needed, _migrations(), _beat(now), _oldest_due(now), *background(now)]
    except DatabaseError:  # it is there, but not its tables
        migrations = Condition("migrations", "behind", "Run `python manage.py migrate`.")
        return [*needed, migrations, *(Condition(name, UNKNOWN) for name in names[1:])]


def _database() -> Condition:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Condition("database", "unreachable", "Start the database, or see DATABASE_URL.")
    return Condition("database", OK)


def _queue() -> Condition:
    try:
        check_queue()
    except QueueUnreachable:
        return Condition("queue", "unreachable", "Start the queue; emails wait in the database.")
    return Condition("queue", OK)


def _disk() -> Condition:
    state = OK if free_bytes() >= FREE_AT_LEAST else "full"
    return Condition("disk", state, "Make room; what people send cannot be saved.")


def _migrations() -> Condition:
    applied = MigrationRecorder(connection).applied_migrations()
    state = OK if _known_migrations() <= applied.keys() else "behind"
    return Condition("migrations", state, "Run `python manage.py migrate`.")


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations of the code that runs; they are read from files, so only once."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _beat(now: datetime.datetime) -> Condition:
    return Condition(
        BEAT,
        "silent" if is_silent(last_beat(BEAT), now) else OK,
        "Start beat; without it no email leaves and no schedule runs.",
    )


def _oldest_due(now: datetime.datetime) -> Condition:
    late = due_now(now).filter(not_before__lt=now - LATE_AFTER)
    programs = Program.objects.filter(pk__in=late.values("program"))
    # A limit that is reached holds emails back on purpose.
    waits = any(full_until(program, now) is None for program in programs)
    return Condition(
        "oldest_due_email",
        "late" if waits else OK,
        "An email has been due for more than an hour. Look at the worker's log.",
    )


def _trouble(why: str | None) -> tuple[str, str]:
    return ("trouble", why) if why else (OK, "")


@dataclass(frozen=True)
class Operation:
    """The site in numbers, for its host; nobody's name is in it."""

    versions: dict[str, str]
    emails: dict[str, int]
    due_since: datetime.datetime | None
    seen: dict[str, datetime.datetime | None]
    last_backup: datetime.datetime | None
    free_bytes: int
    database_bytes: int


def read_operation(now: datetime.datetime | None = None) -> Operation:
    """Return the site in numbers."""
    states = EmailLog.objects.order_by().values_list("state").annotate(number=Count("pk"))
    return Operation(
        versions=versions(),
        emails=dict.fromkeys(EmailLog.State.values, 0) | dict(states),
        due_since=due_now(now).aggregate(first=Min("not_before"))["first"],
        seen={part: last_beat(part) for part in (WORKER, BEAT)},
        last_backup=last_beat(BACKUP),
        free_bytes=free_bytes(),
        database_bytes=_database_bytes(),
    )


def versions() -> dict[str, str]:
    """Return the versions of the application and of what it stands on."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            (server,) = cursor.fetchone()
        else:
            cursor.execute("SELECT sqlite_version()")
            (server,) = cursor.fetchone()
    return {
        "application": project["project"]["version"],
        "python": platform.python_version(),
        "django": django.get_version(),
        connection.vendor: str(server),
    }


def _database_bytes() -> int:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    file = Path(connection.settings_dict["NAME"])
    return sum(path.stat().st_size for path in file.parent.glob(f"{file.name}*"))
