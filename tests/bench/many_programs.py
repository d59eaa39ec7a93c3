"""What a hundred programs in one installation do to the committee's pages and to what beat starts.

`python -m tests.bench.many_programs` asks for pages and runs the periodic tasks, first with 2
programs and then with 100 of them, each with people, emails and an email schedule of last year's.
It prints queries, kilobytes and processor time, for a member of two of them and for the host, and
exits with 1 if queries or bytes grow.
"""

from __future__ import annotations

import datetime
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.programs import signed_in
from tests.databases import PostgreSQL

FEW, MANY = 2, 100
PEOPLE = 40  # in each program
# What is apart by chance, and the switch between programs, which lists twelve at most.
BYTES_APART = 8_000
# Its rows are programs, fifty a page.
LISTS_PROGRAMS = "programs, host"
PAGES = {
    "dashboard": "",
    "people": "mentorship/participant/",
    "board": "board/",
    "outbox": "notifications/emaillog/",
    "programs": "mentorship/program/",
}


def make_programs(number: int, first: int) -> list[Any]:
    """Make programs of earlier years, with people who were sent an email and schedules that are on.

    `first` is the number of the first one, so that all are of one width.
    """
    from mentorship.models import Participant
    from notifications.domain.outbox.queueing import queue_mail
    from notifications.domain.schedule_defaults import schedules_of
    from tests.factories import ProgramFactory

    made = []
    for n in range(first, first + number):
        starts = datetime.date(2026, 7, 13) - datetime.timedelta(days=365 * (n % 3))
        program = ProgramFactory(
            slug=f"program-{n:03}",
            name=f"Program {n:03}",
            starts_on=starts,
            ends_on=starts + datetime.timedelta(days=6),
            kept_months=120,
        )
        Participant.objects.bulk_create(
            Participant(
                program=program,
                name=f"Person {k:03}",
                email=f"person{k:03}@freemail.example",
                signup_role="mentor" if k % 2 else "mentee",
            )
            for k in range(PEOPLE)
        )
        queue_mail(program, "survey")
        program.emails.update(state="sent", sent_at=program.created_at)
        for schedule in schedules_of(program):
            schedule.is_on = True
            schedule.save()
        made.append(program)
    return made


def measured(do: Callable[[], Any]) -> tuple[int, int, float]:
    """Return the queries, bytes and processor seconds of something, done once before."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    do()
    with CaptureQueriesContext(connection) as captured:
        done = do()
    queries = len(captured)
    # A full collection takes 0.2 s here, and would count for what happens to be measured then.
    gc.collect()
    work = time.process_time()
    do()
    return queries, len(getattr(done, "content", b"")), time.process_time() - work


def measure() -> bool:
    """Measure on the database that is set up, print it, and say whether nothing grows."""
    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import setup_test_environment

    from committee.tasks import keep_promises
    from mentorship.tasks import read_sources
    from notifications.tasks import deliver_due, read_bounces, run_schedules
    from tests.factories import MembershipFactory, UserFactory

    setup_test_environment()
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    programs = make_programs(FEW, 0)
    user = UserFactory(username="member")
    for program in programs:
        MembershipFactory(program=program, user=user)
    host = signed_in(UserFactory(username="host", is_superuser=True))
    member = signed_in(user)
    asked: dict[str, Callable[[], Any]] = {}
    for who, client in (("member", member), ("host", host)):
        for name, path in PAGES.items():
            asked[f"{name}, {who}"] = lambda c=client, p=path: c.get(f"/committee/{p}")
    for task in (deliver_due, run_schedules, read_bounces, read_sources, keep_promises):
        asked[task.__name__] = task
    few = {name: measured(do) for name, do in asked.items()}
    make_programs(MANY - FEW, FEW)
    many = {name: measured(do) for name, do in asked.items()}
    print(f"| what | queries {FEW} / {MANY} programs | KB | ms of processor |\n|---|---|---|---|")
    grown = []
    for name, (queries, size, seconds) in few.items():
        queries_then, size_then, seconds_then = many[name]
        print(
            f"| {name} | {queries} / {queries_then} | {size / 1000:.0f} / {size_then / 1000:.0f} "
            f"| {1000 * seconds:.0f} / {1000 * seconds_then:.0f} |",
            flush=True,
        )
        larger = size_then > size + BYTES_APART and name != LISTS_PROGRAMS
        if queries_then > queries or larger:
            grown.append(name)
    if grown:
        print(f"Grown: {', '.join(grown)}", file=sys.stderr)
    return not grown


def main() -> int:
    """Measure on a PostgreSQL of its own; return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own when this runs as root
        server = PostgreSQL(folder)
        try:
            environment = os.environ | {
                "DJANGO_SETTINGS_MODULE": "mentorship.settings",
                "DATABASE_URL": server.start(),
                "VAR_DIR": str(folder / "var"),
                "EMAIL_URL": "",
                "LOG_LEVEL": "ERROR",
                "PYTHONWARNINGS": "ignore",
            }
            command = [sys.executable, "-m", __spec__.name, "--here"]
            return subprocess.run(command, env=environment).returncode
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(not measure() if sys.argv[1:] == ["--here"] else main())
