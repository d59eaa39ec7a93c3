"""10,000 mails queued, and 1,000 of them delivered to a mail server here, by one worker.

`python -m tests.bench.outbox` prints seconds, memory and mails a minute, on SQLite and on
PostgreSQL, and exits with 1 if queueing takes 10 s or more of processor time, if its memory grows
with the number of mails, or if fewer than 1,000 mails leave in a minute of processor time. What
they take on the clock depends on what else the machine does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

from tests.databases import PostgreSQL
from tests.services import free_port

MAILS = 10_000
DELIVERED = 1_000
QUEUE_SECONDS = 10
A_MINUTE = 1_000
MEGABYTES = 50


def prepare(people: int):
    """Make a program of its own with so many people."""
    from mentorship.models import Participant
    from tests.factories import ProgramFactory

    program = ProgramFactory(mails_per_minute=0, mails_per_day=0)
    Participant.objects.bulk_create(
        Participant(
            program=program,
            email=f"person{number}@freemail.example",
            name=f"Person {number}",
            signup_role="mentor" if number % 2 else "mentee",
        )
        for number in range(people)
    )
    return program


def peak_megabytes(people: int) -> float:
    """Return how much memory queueing so many mails takes at its peak."""
    from notifications.domain.outbox.queueing import queue_mail

    program = prepare(people)
    tracemalloc.start()
    queue_mail(program, "survey")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def measure() -> bool:
    """Measure on the database that is set up, print it, and say whether it is good enough."""
    import django

    django.setup()
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Sink
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from notifications.domain.outbox.queueing import queue_mail
    from notifications.domain.outbox.worker import deliver_due
    from notifications.models import EmailLog

    call_command("migrate", verbosity=0)
    program = prepare(MAILS)
    began, busy = time.perf_counter(), time.process_time()
    queued = queue_mail(program, "survey").queued
    queueing, busy = time.perf_counter() - began, time.process_time() - busy

    EmailLog.objects.filter(pk__in=EmailLog.objects.order_by("pk").values("pk")[DELIVERED:]).update(
        state=EmailLog.State.HELD
    )
    server = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    began, work = time.perf_counter(), time.process_time()
    sent = deliver_due(program=program).sent
    rate = sent / (time.process_time() - work) * 60
    rate_on_clock = sent / (time.perf_counter() - began) * 60
    server.stop()

    few, many = peak_megabytes(MAILS // 5), peak_megabytes(MAILS)
    print(
        f"{connection.vendor}: {queued} queued in {queueing:.1f} s, of which {busy:.1f} s at work "
        f"(less than {QUEUE_SECONDS}), {few:.0f} MB at the peak for {MAILS // 5}, {many:.0f} for "
        f"{MAILS} (at most {MEGABYTES} more); {sent} delivered, {rate:,.0f} a minute of work (at "
        f"least {A_MINUTE:,}), {rate_on_clock:,.0f} on the clock",
        flush=True,
    )
    return busy < QUEUE_SECONDS and many < few + MEGABYTES and rate >= A_MINUTE


def main() -> int:
    if "DATABASE_URL" in os.environ:
        return 0 if measure() else 1
    good = True
    with tempfile.TemporaryDirectory() as folder:
        server = PostgreSQL(Path(folder))
        for name, url in (("sqlite", ""), ("postgresql", server.start())):
            environment = os.environ | {
                "DJANGO_SETTINGS_MODULE": "mentorship.settings",
                "VAR_DIR": f"{folder}/{name}",
                "DATABASE_URL": url,
                "EMAIL_URL": "",
                "LOG_LEVEL": "WARNING",
            }
            good &= not subprocess.call([sys.executable, "-m", __spec__.name], env=environment)
        server.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
