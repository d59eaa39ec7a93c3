"""An SMTP server as bad as they come, which keeps on disk what it took."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import random
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.services import free_port

HOST = "127.0.0.1"
# An address that starts so is refused for good, or for now when it is first seen.
NOBODY, GREYLISTED = "nobody", "grey"
DROP, STALL, TAKE_AND_DROP = "drop", "stall", "take and drop"
OK = "250 OK"

# How often, of a thousand, which misfortune meets a command.
MOODS = {
    "connect": {DROP: 40, "421 too many connections": 30, STALL: 4},
    "EHLO": {DROP: 20, "421 too busy": 20},
    "MAIL": {DROP: 25, STALL: 4, "421 too busy": 20, "451 try later": 20, "550 not you": 8},
    "RCPT": {DROP: 25, STALL: 4, "421 too busy": 20, "450 try later": 20, "550 not here": 8},
    "DATA": {DROP: 25, STALL: 4, "421 going down": 20, "451 no room": 20, "554 no": 8},
    "message": {
        DROP: 20,
        TAKE_AND_DROP: 40,
        STALL: 8,
        "421 going down": 20,
        "451 no room": 20,
        "550 looks like spam": 8,
    },
}


@dataclass
class RoughServer:
    """Runs in a thread of its own; `calm` ends the misfortunes.

    `log` gets a line of JSON for each message that was taken, before anybody is told so.
    `stall_seconds`: longer than those who send are ready to wait.
    """

    log: Path
    seed: int
    stall_seconds: float
    slowness: float = 0.03
    calm: bool = False
    port: int = field(default_factory=free_port)
    met: Counter[str] = field(default_factory=Counter)
    commands: int = 0
    spoken: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.seen: set[str] = set()
        self.controller = _Controller(self)

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}"

    def start(self) -> None:
        self.log.touch()
        self.controller.start()

    def stop(self) -> None:
        self.controller.stop()

    def wait_for_command(self, number: int, seconds: float) -> bool:
        """Wait for the command that makes it so many; say whether it came in time."""
        with self.spoken:
            return self.spoken.wait_for(lambda: self.commands >= number, seconds)

    def taken(self) -> dict[str, Counter[str]]:
        """Return from the log how often each address got the mail with each Message-ID."""
        taken: dict[str, Counter[str]] = defaultdict(Counter)
        for line in self.log.read_text().splitlines():
            entry = json.loads(line)
            taken[entry["message_id"]].update(entry["recipients"])
        return dict(taken)

    def mood(self, phase: str) -> str:
        """Return the misfortune that meets this command, or nothing."""
        with self.spoken:
            self.commands += 1
            self.spoken.notify_all()
        if self.calm:
            return ""
        chance = self.random.random() * 1000
        for mood, share in MOODS[phase].items():
            chance -= share
            if chance < 0:
                self.met[f"{phase}: {mood}"] += 1
                return mood
        return ""

    def take(self, content: bytes, recipients: list[str]) -> None:
        message = email.message_from_bytes(content, policy=email.policy.default)
        entry = {"message_id": str(message["Message-ID"]), "recipients": recipients}
        with self.log.open("a") as log:
            log.write(json.dumps(entry) + "\n")


class _Controller(Controller):
    def __init__(self, server: RoughServer) -> None:
        self.rough = server
        super().__init__(_Handler(server), hostname=HOST, port=server.port)

    def factory(self) -> SMTP:
        return _Session(self.rough, self.handler, hostname="rough.example")


class _Handler:
    def __init__(self, server: RoughServer) -> None:
        self.server = server

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if address.startswith(NOBODY):
            return "550 no such user"
        if address.startswith(GREYLISTED) and address not in self.server.seen:
            self.server.seen.add(address)
            return "450 greylisted"
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(self, server, session, envelope) -> str:
        mood = self.server.mood("message")
        if mood in ("", STALL, TAKE_AND_DROP):
            self.server.take(envelope.content, envelope.rcpt_tos)
        if not await server.meet(mood):
            return OK
        return "" if mood in (DROP, TAKE_AND_DROP) else mood


class _Session(SMTP):
    """One connection. Each command may meet a misfortune before it is understood."""

    def __init__(self, rough: RoughServer, *args, **options) -> None:
        self.rough = rough
        super().__init__(*args, **options)

    async def meet(self, mood: str) -> bool:
        """Let a misfortune happen; say whether the command ends here."""
        if not self.rough.calm:
            await asyncio.sleep(self.rough.random.uniform(0, self.rough.slowness))
        if mood == STALL:
            await asyncio.sleep(self.rough.stall_seconds)
            return False
        if mood in (DROP, TAKE_AND_DROP):
            self.transport.close()
            return True
        return bool(mood)

    async def _refused(self, phase: str) -> bool:
        mood = self.rough.mood(phase)
        ends = await self.meet(mood)
        if ends and mood != DROP:
            await self.push(mood)
            if mood.startswith("421"):
                self.transport.close()
        return ends

    async def _handle_client(self) -> None:
        if not await self._refused("connect"):
            await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self._refused("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str) -> None:
        if not await self._refused("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:
        if not await self._refused("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if not await self._refused("DATA"):
            await super().smtp_DATA(arg)
