"""200 people open, fill in and send the form within a minute, on SQLite and on PostgreSQL.

`python -m tests.bench.intake_load` starts the web server with the settings it ships with, and a
process that sends the receipts meanwhile. Each person opens the form, has what they type kept three
times, sends it with a double tap and reads the thanks. It exits with 1 unless each of them has one
response and one receipt, no draft is left, and the 95th percentile of all requests is below 500 ms.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from tests.databases import PostgreSQL
from tests.services import free_port, wait_for_port

PEOPLE = 200
SECONDS = 60
TARGET_MS = 500
STEPS = 7
# What the worker does all the time; the limit on emails a minute is lifted below.
SENDER = """
import django
django.setup()
import time
from notifications.domain.outbox.worker import deliver_due
while True:
    deliver_due()
    time.sleep(0.2)
"""
ROOT = Path(__file__).parent.parent.parent


def visit(port: int, person: tuple[str, dict], wait: float, spent: list[float]) -> None:
    """Be one person: after `wait` seconds open, send and read; add each request's seconds."""
    path, typed = person
    time.sleep(wait)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    state = {"seen": 0, "version": 0}
    kept = [
        urlencode(typed | state | {"version": version, "notes": words}, doseq=True)
        for version, words in enumerate(("I use", "I use Python for", typed["notes"]))
    ]
    sent = urlencode(typed | state | {"version": 3}, doseq=True)
    steps = (
        ("GET", path, None, {}, 200),
        *(("POST", f"{path}draft/", words, form, 200) for words in kept),
        ("POST", f"{path}answers/", sent, form, 302),
        ("POST", f"{path}answers/", sent, form, 302),
        ("GET", f"{path}thanks/", None, {}, 200),
    )
    for method, address, body, headers, expected in steps:
        began = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", port, timeout=300)
        connection.request(method, address, body, headers)
        response = connection.getresponse()
        response.read()
        connection.close()
        spent.append(time.perf_counter() - began)
        if response.status != expected:
            raise RuntimeError(f"{method} answered {response.status}")


def prepare() -> list[tuple[str, dict]]:
    """Make the database and its people; give each one's path and what they send."""
    import django

    django.setup()
    from django.core.management import call_command

    from tests.factories import ParticipantFactory, ProgramFactory

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    program = ProgramFactory(
        starts_on="2090-07-10", ends_on="2090-07-16", mails_per_minute=0, mails_per_day=0
    )
    sectors, fields = list(program.sectors.all()), list(program.fields.all())
    return [
        (
            person.personal_path,
            {
                "name": person.name,
                "short_name": "",
                "role": random.choice(["mentor", "mentee", "either"]),
                "attendance": random.choice(["in_person", "virtual"]),
                "expertise": [field.pk for field in random.sample(fields, 2)],
                "sector": random.choice(sectors).pk,
                "capacity": 1,
                "notes": "I use Python for ocean gliders and like to talk about it. " * 5,
            },
        )
        for person in ParticipantFactory.create_batch(PEOPLE, program=program)
    ]


def measure(database: str) -> bool:
    """Run it on the database of DATABASE_URL, print what was found, and say whether it is good."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mentorship.settings"
    random.seed(0)
    people = prepare()
    from mentorship.models import Draft, SurveyResponse
    from notifications.domain.outbox.worker import deliver_due
    from notifications.models import EmailLog

    port = free_port()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "mentorship.wsgi"),
            *("--bind", f"127.0.0.1:{port}", "--log-level", "warning"),
        ],
        cwd=ROOT,
    )
    sender = subprocess.Popen([sys.executable, "-c", SENDER], cwd=ROOT)
    spent: list[float] = []
    try:
        wait_for_port(port)
        threads = [
            threading.Thread(
                target=visit, args=[port, person, random.uniform(0, SECONDS - 1), spent]
            )
            for person in people
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for process in (server, sender):
            process.terminate()
            process.wait()
    # All of the server's processes and the sender: what does not depend on how busy a machine is.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    deliver_due()
    kept = SurveyResponse.objects.count()
    people_kept = SurveyResponse.objects.values("participant").distinct().count()
    receipts = EmailLog.objects.filter(kind="receipt", state="sent").count()
    median = 1000 * statistics.median(spent)
    p95 = 1000 * statistics.quantiles(spent, n=20)[-1]
    print(
        f"{database}: {kept} answers of {people_kept} people kept (wanted: {PEOPLE}), "
        f"{receipts} receipts sent, {Draft.objects.count()} drafts left, {len(spent)} requests, "
        f"median {median:.0f} ms, p95 {p95:.0f} ms (target < {TARGET_MS} ms), "
        f"{used.ru_utime + used.ru_stime:.0f} s of processor time in {SECONDS} s",
        flush=True,
    )
    complete = kept == people_kept == receipts == PEOPLE and not Draft.objects.exists()
    return complete and len(spent) == STEPS * PEOPLE and p95 < TARGET_MS


def main() -> int:
    """Measure on each database in a process of its own; give the exit code."""
    good = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own when this runs as root
        server = PostgreSQL(folder)
        try:
            urls = {"SQLite": f"sqlite:///{folder}/db.sqlite3", "PostgreSQL": server.start()}
            for database, url in urls.items():
                environment = os.environ | {
                    "DATABASE_URL": url,
                    "VAR_DIR": str(folder / "var"),
                    "LOG_LEVEL": "WARNING",
                }
                run = subprocess.run(
                    [sys.executable, "-m", "tests.bench.intake_load", database],
                    cwd=ROOT,
                    env=environment,
                )
                good = good and run.returncode == 0
        finally:
            server.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(not measure(sys.argv[1]) if len(sys.argv) > 1 else main())
