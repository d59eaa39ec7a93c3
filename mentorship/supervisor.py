"""Several processes under one parent: what one of them prints, and what happens when one ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import IO

# A part that ran for so long did start; what ends sooner, so often in a row, cannot.
STARTED_AFTER_SECONDS = 10
# Seconds to wait before each start after the first; once they are used up, a part cannot start.
BACK_OFF = (1, 2, 4, 8)
SECONDS_BETWEEN_LOOKS = 0.1


class CannotStart(Exception):
    """A part ended again and again right after its start; the message says which."""


class Supervised:
    """One process of its own group, which is started again when it ends."""

    def __init__(self, name: str, command: Sequence[str], say: Callable[[str, str], None]) -> None:
        self.name = name
        self._command = command
        self._say = say
        self._process: subprocess.Popen[str] | None = None
        self._printer: threading.Thread | None = None
        self._started_at = 0.0
        self._start_at = 0.0
        self._short_lives = 0

    def look(self, now: float) -> None:
        """Start this part if it is time to; raise CannotStart if that has no prospect."""
        if self._process is None:
            if now >= self._start_at:
                self._start(now)
        elif (code := self._process.poll()) is not None:
            self._has_ended(code, now)

    def terminate(self) -> None:
        """Ask the process to end; what it started, it ends itself."""
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def clear_away(self) -> None:
        """Kill what is left of the part, and print its last lines."""
        if not self._process:
            return
        # Without its parent a child may still hold the port, or an email.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._printer:
            self._printer.join()
        self._process = None

    def _start(self, now: float) -> None:
        self._started_at = now
        self._process = subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._say("system", f"{self.name} started (pid={self._process.pid})")
        assert self._process.stdout is not None
        self._printer = threading.Thread(target=self._print, args=(self._process.stdout,))
        self._printer.start()

    def _print(self, lines: IO[str]) -> None:
        for line in lines:
            self._say(self.name, line.rstrip("\n"))
        lines.close()

    def _has_ended(self, code: int, now: float) -> None:
        self.clear_away()
        if now - self._started_at >= STARTED_AFTER_SECONDS:
            self._short_lives = 0
        if self._short_lives == len(BACK_OFF):
            raise CannotStart(
                f"The part “{self.name}” cannot start: it ended {len(BACK_OFF) + 1} times right "
                f"after its start. Its lines above, marked {self.name}, say why."
            )
        wait = BACK_OFF[self._short_lives]
        self._short_lives += 1
        self._start_at = now + wait
        self._say("system", f"{self.name} stopped {_how(code)}; it starts again in {wait} s")


def _how(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"


class Supervisor:
    """Runs parts until TERM, Ctrl-C or the end of the terminal, and starts each again that ends."""

    def __init__(self, kill_after_seconds: float) -> None:
        """Take how many seconds a part has to end in before it is killed."""
        self._kill_after = kill_after_seconds
        self._parts: list[Supervised] = []
        self._stopping = threading.Event()
        self._printing = threading.Lock()

    def add(self, name: str, command: Sequence[str]) -> None:
        self._parts.append(Supervised(name, command, self._say))

    def run(self) -> None:
        """Return once TERM, Ctrl-C or the end of the terminal has ended all parts.

        Raise CannotStart if one cannot start. No part is left running either way.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # Under `nohup` it goes on without its terminal.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._stop)
        try:
            while not self._stopping.wait(SECONDS_BETWEEN_LOOKS):
                for part in self._parts:
                    part.look(time.monotonic())
        finally:
            self._end()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping.set()

    def _end(self) -> None:
        for part in self._parts:
            part.terminate()
        gives_up = time.monotonic() + self._kill_after
        while time.monotonic() < gives_up and not all(part.has_ended() for part in self._parts):
            time.sleep(SECONDS_BETWEEN_LOOKS)
        for part in self._parts:
            part.clear_away()

    def _say(self, name: str, line: str) -> None:
        width = max(len(part.name) for part in self._parts)
        with self._printing:
            print(f"{time.strftime('%H:%M:%S')} {name:<{max(width, 6)}} | {line}", flush=True)
