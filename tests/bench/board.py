"""The board and its neighbors for 500 and for 5,000 people, as the server works for them.

`python -m tests.bench.board` prints, beside the targets, the processor time, the queries and the
bytes of each answer, and how soon Chromium paints the board. It exits with 1 if a target is missed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (500, 5_000)
NAMES = ("board", "a move", "what drops would do", "nothing new", "list of matches", "send preview")
# Milliseconds of processor time and kilobytes, by what is asked and for how many people.
TARGETS = {
    ("board", 500): (150, 400),
    ("board", 5_000): (400, 600),
    ("a move", 500): (150, 20),
    ("a move", 5_000): (150, 20),
    ("what drops would do", 500): (50, 60),
    ("nothing new", 500): (20, 1),
    ("nothing new", 5_000): (20, 1),
    ("list of matches", 500): (400, 600),
    ("list of matches", 5_000): (400, 600),
}
FIRST_PAINT = {500: 1.0, 5_000: 1.0}  # seconds


def measure() -> bool:
    """Measure on the database that is set up, print it, and say whether it is good enough."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    from tests.bench.programs import program_of

    setup_test_environment()
    # The hashed names of static files come from `collectstatic`.
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    call_command("migrate", verbosity=0)
    good = True
    queries: dict[str, set[int]] = {}
    for people in SIZES:
        member = Member(program_of(people), Client())
        for name in NAMES:
            ask = getattr(member, name.replace(" ", "_"))
            ask()
            with CaptureQueriesContext(connection) as captured:
                ask()
            number = len(captured)
            queries.setdefault(name, set()).add(number)
            busy = []
            for _ in range(5):
                work = time.process_time()
                answer = ask()
                busy.append(time.process_time() - work)
            milliseconds, kilobytes = 1000 * statistics.median(busy), len(answer.content) / 1000
            target = TARGETS.get((name, people))
            met = not target or (milliseconds <= target[0] and kilobytes <= target[1])
            good &= met
            wanted = f"(at most {target[0]} ms, {target[1]} kB)" if target else ""
            print(
                f"{connection.vendor}, {people:,} people, {name}: {milliseconds:.0f} ms of "
                f"processor time, {number} queries, {kilobytes:.1f} kB {wanted}"
                f"{'' if met else '  MISSED'}",
                flush=True,
            )
        good &= paint(member.client, people)
    for name, numbers in queries.items():
        if len(numbers) > 1:
            print(f"{name}: the queries grow with people: {sorted(numbers)}  MISSED")
            good = False
    return good


class Member:
    """A member of a program's committee, asking what the board's pages ask."""

    def __init__(self, program, client) -> None:
        from tests.factories import MembershipFactory

        self.program, self.client = program, client
        user = MembershipFactory(program=program).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        self.match = program.matches.order_by("pk").first()
        self.matched = True

    def version(self) -> int:
        from matching.domain.matches.steps import version_of

        return version_of(self.program)

    def board(self):
        return self.client.get("/committee/board/")

    def a_move(self):
        self.matched = not self.matched
        to = {"mentor": self.match.mentor_id} if self.matched else {"nobody": 1}
        data = {"mentee": self.match.mentee_id, "seen": self.version(), "read": 1, **to}
        return self.client.post("/committee/board/move/", data, headers={"HX-Request": "true"})

    def what_drops_would_do(self):
        address = f"/committee/board/consequences/?mentee={self.match.mentee_id}"
        return self.client.get(address)

    def nothing_new(self):
        version = self.version()
        tag = {"If-None-Match": f'"{version}"'}
        return self.client.get(f"/committee/board/changes/?since={version}", headers=tag)

    def list_of_matches(self):
        return self.client.get("/committee/matching/match/")

    def send_preview(self):
        return self.client.get("/committee/mail/send/match/")


def paint(client, people: int) -> bool:
    """Print how soon Chromium paints the board that this client sees; say if that is in time."""
    from django.conf import settings
    from django.db import connections
    from django.test.testcases import LiveServerThread
    from playwright.sync_api import sync_playwright

    from tests import chromium

    server = LiveServerThread("127.0.0.1", _handler())
    server.daemon = True
    server.start()
    server.is_ready.wait()
    address = f"http://127.0.0.1:{server.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": address}
        context.add_cookies([cookie])
        page = context.new_page()
        seconds = []
        for _ in range(3):
            page.goto(f"{address}/committee/board/")
            page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
            seconds.append(
                page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
                / 1000
            )
        browser.close()
    server.terminate()
    connections.close_all()
    met = statistics.median(seconds) <= FIRST_PAINT[people]
    print(
        f"{people:,} people: first paint after {statistics.median(seconds):.2f} s "
        f"(at most {FIRST_PAINT[people]} s){'' if met else '  MISSED'}",
        flush=True,
    )
    return met


def _handler():
    from django.contrib.staticfiles.handlers import StaticFilesHandler

    return StaticFilesHandler


def main() -> int:
    if "BENCH_BOARD" in os.environ:
        return 0 if measure() else 1
    from tests.databases import PostgreSQL

    with tempfile.TemporaryDirectory() as folder:
        server = PostgreSQL(Path(folder))
        environment = os.environ | {
            "BENCH_BOARD": "1",
            "DJANGO_SETTINGS_MODULE": "mentorship.settings",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
            "VAR_DIR": f"{folder}/var",
            "DATABASE_URL": server.start(),
            "EMAIL_URL": "",
            "LOG_LEVEL": "ERROR",
        }
        missed = subprocess.call([sys.executable, "-m", __spec__.name], env=environment)
        server.stop()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
