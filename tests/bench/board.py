"""The board and the committee's other pages for 500 and for 5,000 people, as the server works.

`python -m tests.bench.board` prints, beside the targets, the processor time, the queries and the
bytes of each answer, and the processor time that server and Chromium need together until the board
is painted. It exits with 1 if a target is missed.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (500, 5_000)
# The most milliseconds of processor time for a page, and kilobytes.
PAGE = {500: (150, 600), 5_000: (400, 600)}
SMALL = {500: (150, 20), 5_000: (150, 20)}
# What is asked, in this order: its targets, and its address if it is a page.
ASKED = {
    "board": ({500: (150, 400), 5_000: (400, 600)}, "board/"),
    "board after an answer": ({5_000: (400, 600)}, None),
    "the next rows": (PAGE, None),
    "a mentee's card": (PAGE, None),
    "a move": (SMALL, None),
    "what drops would do": ({500: (50, 60)}, None),
    "nothing new": ({500: (20, 1), 5_000: (20, 1)}, None),
    "list of matches": (PAGE, "matching/match/"),
    "list of people": (PAGE, "mentorship/participant/"),
    "dashboard": (PAGE, ""),
    "a proposal's preview": (PAGE, "board/propose/"),
    "preview of match emails": (PAGE, "mail/send/match/"),
    "preview of invitations": (PAGE, "mail/send/survey/"),
    "kinds of emails": (PAGE, "mail/send/"),
    "outbox": (PAGE, "notifications/emaillog/"),
}
FIRST_PAINT = 1.0  # seconds


def measure() -> bool:
    """Measure on the database that is set up, print it, and say whether it is good enough."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    from tests.bench.programs import program_of

    setup_test_environment()
    # The hashed names of static files come from `collectstatic`.
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    call_command("migrate", verbosity=0)
    good = True
    queries: dict[str, list[int]] = {}
    for people in SIZES:
        member = Member(program_of(people))
        gc.collect()  # what is left of making the program is no page's work
        for name, (targets, address) in ASKED.items():
            ask = member.asks(name, address)
            ask()
            with CaptureQueriesContext(connection) as captured:
                ask()
            number = len(captured)
            queries.setdefault(name, []).append(number)
            busy = []
            for _ in range(5):
                work = time.process_time()
                answer = ask()
                busy.append(time.process_time() - work)
            # What else the machine does makes it longer and never shorter.
            milliseconds, kilobytes = 1000 * min(busy), len(answer.content) / 1000
            target = targets.get(people)
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
        if numbers[-1] > numbers[0]:
            print(f"{name}: the queries grow with people: {numbers}  MISSED")
            good = False
    return good


class Member:
    """A member of a program's committee, asking what the board's pages ask."""

    def __init__(self, program) -> None:
        from tests.bench.programs import signed_in
        from tests.factories import MembershipFactory

        self.program = program
        self.client = signed_in(MembershipFactory(program=program).user)
        self.match = program.matches.order_by("pk").first()
        self.matched = True

    def version(self) -> int:
        from matching.domain.matches.steps import version_of

        return version_of(self.program)

    def asks(self, name: str, address: str | None):
        """Return what asks this once."""
        if address is not None:
            return lambda: self.client.get(f"/committee/{address}")
        return getattr(self, name.replace(" ", "_").replace("'", ""))

    def board_after_an_answer(self):
        self.match.mentor.notes += " Again."
        self.match.mentor.save()
        return self.client.get("/committee/board/")

    def the_next_rows(self):
        return self.client.get(f"/committee/board/rows/?bin={self.match.bin_id}")

    def a_mentees_card(self):
        return self.client.get(f"/committee/board/panel/?mentee={self.match.mentee_id}")

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


def paint(client, people: int) -> bool:
    """Print what it takes until Chromium paints the board of this client; say if it is in time."""
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
        seconds, waited = [], []
        for _ in range(4):  # the first one fills the browser's cache
            page.goto("about:blank")
            before = processor_time()
            page.goto(f"{address}/committee/board/", wait_until="commit")
            page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
            seconds.append(processor_time() - before)
            waited.append(
                page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            )
            page.wait_for_load_state()
        browser.close()
    server.terminate()
    connections.close_all()
    needed, on_the_clock = min(seconds[1:]), min(waited[1:]) / 1000
    met = needed <= FIRST_PAINT
    print(
        f"{people:,} people: first paint after {needed:.2f} s of processor time of server and "
        f"browser (at most {FIRST_PAINT} s){'' if met else '  MISSED'}; "
        f"{on_the_clock:.2f} s on the clock",
        flush=True,
    )
    return met


def processor_time() -> float:
    """Return the processor time, in seconds, of this process and of all that it started."""
    children: dict[int, list[tuple[int, int]]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parts = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        ticks = int(parts[11]) + int(parts[12])
        children.setdefault(int(parts[1]), []).append((int(folder.name), ticks))
    total, looked_at = 0, [os.getpid()]
    while looked_at:
        for pid, ticks in children.get(looked_at.pop(), ()):
            total += ticks
            looked_at.append(pid)
    return time.process_time() + total / os.sysconf("SC_CLK_TCK")


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
