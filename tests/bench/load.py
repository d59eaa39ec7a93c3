"""Committee pages and answered forms for two minutes, by the services of docker-compose.yml.

`python -m tests.bench.load` starts PostgreSQL, which writes to the disk as in real use, Redis, and
then web, worker and beat with the commands and environment that stand there. Each second, members
look at 10 pages (people, board, emails) of a program of 500 people, and 20 of these send their
form. Each request goes out when its time has come, whether those before it were answered or not,
and its time counts from then on. It prints how long each address took, what came back, and what
processor time each part needed, and exits with 1 unless nothing failed and the 95th percentile is
below 500 ms. All of it, and what sends the requests, shares two processors.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
import psycopg

from tests.databases import PostgreSQL
from tests.mentorship.deployment.compose import FROM_PROXY, ROOT, SERVICES, Installation
from tests.services import Redis, free_port, wait_for_port

PEOPLE = 500
VIEWS, POSTS = 10, 20  # a second
SECONDS = 120
TARGET_MS = 500
PROCESSORS = 2
COMMITTEE = {
    "people": "/committee/mentorship/participant/",
    "board": "/committee/board/",
    "emails": "/committee/notifications/emaillog/",
}
FORM = "form"
# As PostgreSQL does it unless it is told otherwise; for tests it writes nothing through.
REAL_USE = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True)
class Visit:
    """One request: what it is counted as, and what is sent. A form is answered by a redirect."""

    name: str
    path: str
    body: bytes = b""
    cookie: str = ""

    @property
    def expected(self) -> int:
        return 302 if self.body else 200

    @property
    def message(self) -> bytes:
        """What goes over the wire; the connection is closed after it, as with a plain proxy."""
        headers = {**FROM_PROXY, "Connection": "close", "Cookie": self.cookie}
        if self.body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Content-Length"] = str(len(self.body))
        method = "POST" if self.body else "GET"
        lines = [f"{method} {self.path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True)
class Answered:
    """What came of a visit, and its seconds from when its time had come."""

    visit: Visit
    status: int
    seconds: float


def prepare() -> None:
    """Make the program, in a process of its own; print its session and its people as JSON."""
    import django

    django.setup()
    from django.conf import settings

    from notifications.domain.outbox.queueing import queue_mail
    from tests.bench.programs import program_of, signed_in
    from tests.factories import MembershipFactory

    program = program_of(PEOPLE)
    queue_mail(program, "survey")
    client = signed_in(MembershipFactory(program=program).user)
    sectors = list(program.sectors.values_list("pk", flat=True))
    fields = list(program.fields.values_list("pk", flat=True))
    people = []
    for number, person in enumerate(program.participants.order_by("pk")):
        typed = {
            "name": person.name,
            "short_name": "",
            "role": person.signup_role,
            "attendance": person.signup_attendance,
            "expertise": [fields[number % len(fields)], fields[(number + 1) % len(fields)]],
            "sector": sectors[number % len(sectors)],
            "capacity": 1 + number % 2,
        }
        people.append((f"{person.personal_path}answers/", typed))
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"
    print(json.dumps({"cookie": cookie, "people": people}))


def visits(made: dict[str, Any]) -> tuple[Iterator[Visit], Iterator[Visit]]:
    """Return the committee's visits and the participants', both without an end."""

    def posts() -> Iterator[Visit]:
        for number, (path, typed) in enumerate(cycle(made["people"])):
            notes = f"I use Python for ocean gliders, {number} of them by now. " * 5
            yield Visit(FORM, path, urlencode(typed | {"notes": notes}, doseq=True).encode())

    views = (Visit(name, path, cookie=made["cookie"]) for name, path in COMMITTEE.items())
    return cycle(views), posts()


async def ask(port: int, visit: Visit, due: float) -> Answered:
    """Send a visit whose time has come, and read the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(visit.message)
    answer = await reader.read()
    writer.close()
    status = int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0
    return Answered(visit, status, time.perf_counter() - due)


async def send(port: int, made: dict[str, Any], seconds: float) -> list[Answered]:
    """Send all visits of so many seconds, each at its time."""
    views, posts = visits(made)
    times = [(n / VIEWS, views) for n in range(round(VIEWS * seconds))]
    times += [(n / POSTS, posts) for n in range(round(POSTS * seconds))]
    began = time.perf_counter() + 0.5
    under_way = []
    for at, which in sorted(times, key=lambda one: one[0]):
        due = began + at
        await asyncio.sleep(due - time.perf_counter())
        under_way.append(asyncio.create_task(ask(port, next(which), due)))
    return await asyncio.gather(*under_way)


def alone(port: int, made: dict[str, Any], web: Processor, times: int = 15) -> dict[str, float]:
    """Return the processor seconds of the web server for each kind of visit, one at a time.

    Before each view somebody has answered, as in the rush, so that nothing is known beforehand.
    """
    views, posts = visits(made)
    spent: dict[str, list[float]] = defaultdict(list)
    for visit in [next(views) for _ in COMMITTEE] * times:
        for one in (next(posts), visit):
            before = web.seconds()
            answered = asyncio.run(ask(port, one, 0))
            assert answered.status == one.expected, (one.name, answered.status)
            spent[one.name].append(web.seconds() - before)
    return {name: statistics.mean(each) for name, each in spent.items()}


class Processor:
    """The processor time of processes and of what they have started; `alone`, without that."""

    def __init__(self, *pids: int, alone: bool = False) -> None:
        self._roots = [psutil.Process(pid) for pid in pids]
        self._alone = alone

    def _all(self) -> list[tuple[psutil.Process, bool]]:
        """Return each process, and whether it is a root whose children count, too."""
        if self._alone:
            return [(root, False) for root in self._roots]
        children = [child for root in self._roots for child in root.children(recursive=True)]
        return [(r, True) for r in self._roots] + [(child, False) for child in children]

    def seconds(self) -> float:
        """Return what they have used since they began."""
        total = 0.0
        for process, with_ended in self._all():
            try:
                used = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += used.user + used.system
            if with_ended:
                total += used.children_user + used.children_system
        return total

    def megabytes(self) -> float:
        """Return what the largest of them has in memory."""
        return max(process.memory_info().rss for process, _ in self._all()) / 2**20


@contextmanager
def servers(folder: Path) -> Iterator[tuple[str, str, dict[str, Processor]]]:
    """Run PostgreSQL and Redis; give their addresses and their processes."""
    database = PostgreSQL(folder)
    redis = Redis(folder)
    try:
        url = database.start()
        with psycopg.connect(url, autocommit=True) as connection:
            for setting in REAL_USE:
                connection.execute(f"ALTER SYSTEM SET {setting} = on")
            connection.execute("SELECT pg_reload_conf()")
        broker = redis.start()
        assert redis.process
        postmaster = int((folder / "postgresql" / "postmaster.pid").read_text().split()[0])
        processes = {"PostgreSQL": Processor(postmaster), "Redis": Processor(redis.process.pid)}
        yield url, broker, processes
    finally:
        redis.stop()
        database.stop()


@contextmanager
def services(installation: Installation, port: int) -> Iterator[dict[str, Processor]]:
    """Run web, workers and beat, as many of each as docker-compose.yml says."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running: dict[str, list[subprocess.Popen[Any]]] = {}
    try:
        for name in ("web", "worker", "beat"):
            number = SERVICES[name].get("scale", 1)
            running[name] = [installation.start(name, **quiet) for _ in range(number)]
        wait_for_port(port)
        yield {name: Processor(*(p.pid for p in parts)) for name, parts in running.items()}
    finally:
        for process in [process for parts in running.values() for process in parts]:
            process.terminate()
            process.wait()


def report(answered: list[Answered], seconds: float) -> bool:
    """Print how long each address took and what came back; return whether that is good."""
    print(f"| visit | target | requests | p50 ms | p95 ms | longest ms | statuses |\n{'|---' * 7}|")
    good = True
    for name in (*COMMITTEE, FORM, "all"):
        mine = [one for one in answered if name in (one.visit.name, "all")]
        taken = sorted(1000 * one.seconds for one in mine)
        p95 = statistics.quantiles(taken, n=20)[-1]
        statuses = Counter(one.status for one in mine)
        failed = sum(one.status != one.visit.expected for one in mine)
        good = good and not failed and p95 < TARGET_MS
        said = ", ".join(f"{status}: {number}" for status, number in sorted(statuses.items()))
        print(
            f"| {name} | < {TARGET_MS} | {len(mine)} | {statistics.median(taken):.0f} | {p95:.0f} "
            f"| {taken[-1]:.0f} | {said} |"
        )
    return good


def main() -> int:
    """Measure, print all that was found, and return the exit code."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    mine = sorted(os.sched_getaffinity(0))[:PROCESSORS]
    os.sched_setaffinity(0, mine)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own when this runs as root
        port = free_port()
        with servers(folder) as (url, broker, parts):
            installation = Installation(folder, url, broker, port)
            assert installation.start("migrate", stdout=subprocess.DEVNULL).wait() == 0
            printed = subprocess.run(
                [sys.executable, "-m", __spec__.name, "--prepare"],
                cwd=ROOT,
                env=installation.environment("web")
                | {"DJANGO_SETTINGS_MODULE": "mentorship.settings"},
                stdout=subprocess.PIPE,
                check=True,
            ).stdout
            made = json.loads(printed)
            with services(installation, port) as ours:
                parts |= ours | {"what sends this": Processor(os.getpid(), alone=True)}
                return 0 if measure(port, made, parts, seconds) else 1


def measure(port: int, made: dict[str, Any], parts: dict[str, Processor], seconds: float) -> bool:
    """Send the visits and print what came of it; return whether that is good enough."""
    one_by_one = alone(port, made, parts["web"])
    before = {name: part.seconds() for name, part in parts.items()}
    machine, began = psutil.cpu_times(), time.monotonic()
    answered = asyncio.run(send(port, made, seconds))
    took = time.monotonic() - began
    used = {name: part.seconds() - before[name] for name, part in parts.items()}
    now = psutil.cpu_times()
    idle = now.idle + now.iowait - machine.idle - machine.iowait
    others = (psutil.cpu_count() or 1) * took - idle - sum(used.values())
    good = report(answered, took)
    print("\nProcessor time of the web server for one request, alone and after an answer:")
    print(", ".join(f"{name} {1000 * each:.0f} ms" for name, each in one_by_one.items()))
    print(
        f"\nProcessor time within {took:.0f} s, {1000 * used['web'] / len(answered):.0f} ms of the "
        "web server for each request:"
    )
    print(", ".join(f"{name} {each:.1f} s" for name, each in used.items()))
    print(
        f"Memory of one process at most: web {parts['web'].megabytes():.0f} MB, worker "
        f"{parts['worker'].megabytes():.0f} MB. What else ran on this machine used "
        f"{max(others, 0) / took:.2f} of its {psutil.cpu_count()} processors meanwhile."
    )
    return good


if __name__ == "__main__":
    if sys.argv[1:] == ["--prepare"]:
        prepare()
    else:
        sys.exit(main())
