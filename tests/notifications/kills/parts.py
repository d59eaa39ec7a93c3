"""The parts of an installation, each of which can be killed and started again."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psycopg

from tests.databases import PostgreSQL
from tests.notifications.kills import celery_process
from tests.services import SURELY_WITHIN_SECONDS, Redis

# A worker ends the mail that it is sending before it stops.
STOPS_WITHIN_SECONDS = 40


class RestartedPostgreSQL(PostgreSQL):
    """A PostgreSQL server that this process is the parent of, and whose commits are durable."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder / "postgresql"
        with (self.folder / "postgresql.conf").open("a") as conf:
            # With the tests' own setting a killed server forgets what it had committed.
            conf.write("synchronous_commit = on\n")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        deadline = time.monotonic() + SURELY_WITHIN_SECONDS
        while not self._is_up():
            if self.process is None or self.process.poll() is not None:
                self.process = self._launch()
            if time.monotonic() > deadline:
                raise TimeoutError(f"PostgreSQL does not come up; see {self.folder}/log")
            time.sleep(0.05)
        return f"postgres://postgres@/migrated?host={self.folder}"

    def _launch(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("a") as log:
            return subprocess.Popen(
                [
                    *(str(self._server.bin_path / "postgres"), "-D", str(self.folder)),
                    *("-c", "listen_addresses=", "-k", str(self.folder)),
                ],
                user=self._server.system_user,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )

    def _is_up(self) -> bool:
        try:
            psycopg.connect(f"host={self.folder} user=postgres dbname=postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop as an upgrade does: at once, transactions rolled back."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Kill -9."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None


class RestartedRedis(Redis):
    def crash(self) -> None:
        """Kill -9; all messages are lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class FileQueue:
    """The queue of files, which can lose all its messages but not be down."""

    def __init__(self, var: Path) -> None:
        self.messages = var / "queue" / "messages"

    def start(self) -> str:
        return ""

    def crash(self) -> None:
        for message in self.messages.glob("*.msg"):
            message.unlink(missing_ok=True)

    def stop(self) -> None:
        pass


class Part:
    """A process of the application, started with a command, that is not to stop by itself.

    It is forked from a process that has loaded the application, so that killing hundreds of them
    is not mostly waiting for Python to read files.
    """

    nursery = multiprocessing.get_context("forkserver")

    def __init__(self, name: str, arguments: list[str], folder: Path) -> None:
        self.name, self.arguments = name, arguments
        self.log = folder / f"{name}.log"
        self.process: ForkServerProcess | None = None

    def start(self) -> None:
        self.nursery.set_forkserver_preload(["__main__", "tests.notifications.kills.loaded"])
        self.process = self.nursery.Process(
            target=celery_process.run, args=(self.arguments, str(self.log))
        )
        self.process.start()

    @property
    def has_stopped(self) -> bool:
        return self.process is None or not self.process.is_alive()

    def kill(self) -> None:
        """Kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.join()

    def stop(self) -> bool:
        """Ask it to stop; say whether it did in time."""
        assert self.process is not None
        self.process.terminate()
        self.process.join(STOPS_WITHIN_SECONDS)
        return self.has_stopped


def make_workers(count: int, folder: Path) -> list[Part]:
    """Return so many workers, as `serve` and docker-compose start them."""
    command = ["worker", "--pool", "solo", "--without-mingle", "--without-gossip", "-l", "info"]
    return [
        Part(f"worker{number}", [*command, "--hostname", f"worker{number}@%h"], folder)
        for number in range(1, count + 1)
    ]
