"""The parts of an installation, each of which can be killed and started again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg

from tests.services import UP_WITHIN_SECONDS, PostgreSQL, Redis

ROOT = Path(__file__).parents[3]
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
        deadline = time.monotonic() + UP_WITHIN_SECONDS
        while not self._is_up():
            if self.process is None or self.process.poll() is not None:
                self.process = self._launch()
            if time.monotonic() > deadline:
                raise TimeoutError(f"PostgreSQL does not come up; see {self.folder}/log")
            time.sleep(0.05)
        return f"postgres://postgres@/postgres?host={self.folder}"

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
    """A process of the application, started with a command, that is not to stop by itself."""

    processes = 1

    def __init__(self, name: str, arguments: list[str], environment: dict[str, str], var: Path):
        self.name, self.arguments, self.environment = name, arguments, environment
        self.log = var / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "--quiet", "--app", "mentorship", *self.arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    @property
    def has_stopped(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def kill(self, chance: random.Random) -> str:
        """Kill -9 it and start it anew; say what was killed."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.start()
        return self.name

    def stop(self) -> bool:
        """Ask it to stop; say whether it did in time."""
        assert self.process is not None
        self.process.terminate()
        try:
            self.process.wait(STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return False
        return True


class PooledWorker(Part):
    """A worker with a pool of processes, of which one may be killed alone."""

    processes = 2

    def kill(self, chance: random.Random) -> str:
        assert self.process is not None
        children = psutil.Process(self.process.pid).children()
        if not children or chance.random() < 0.15:
            return super().kill(chance)
        victim = chance.choice(children)
        os.kill(victim.pid, signal.SIGKILL)
        return f"{self.name}'s process"


def make_workers(count: int, environment: dict[str, str], var: Path, *, pooled: bool) -> list[Part]:
    """Give so many workers: as `serve` starts them, and every other as docker-compose does."""
    workers: list[Part] = []
    for number in range(1, count + 1):
        name = f"worker{number}"
        common = ["worker", "--hostname", f"{name}@%h", "--loglevel", "info"]
        if pooled and number % 2 == 0:
            workers.append(PooledWorker(name, [*common, "--concurrency", "2"], environment, var))
        else:
            solo = ["--pool", "solo", "--without-mingle", "--without-gossip"]
            workers.append(Part(name, [*common, *solo], environment, var))
    return workers
