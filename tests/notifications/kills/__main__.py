"""Play it: `python -m tests.notifications.kills --kills 200 --workers 8 --database sqlite`.

Real workers and beat send mail through a bad mail server while a worker is killed with -9 again
and again, and database and queue are killed or restarted in between. Then the mail server is
calm, what is left is sent, and the outbox is compared with the mail server's log; last a person
decides what is uncertain by that log, and everybody must have each mail exactly once. Prints one
JSON object; exits with 1 if anything is wrong. The same seed makes the same choices, but when a
process runs is up to the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.notifications.kills.mail_server import GREYLISTED, NOBODY, RoughServer
from tests.notifications.kills.parts import (
    FileQueue,
    Part,
    RestartedPostgreSQL,
    RestartedRedis,
    make_workers,
)

SMTP_SECONDS = 2
STALL_SECONDS = 2.5
# Mail must leave again within this time of whatever happened.
SILENCE_SECONDS = 60
PAIRS_A_WAVE, PEOPLE_A_WAVE = 6, 24
FEW = 30


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.notifications.kills")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--outages", type=int, default=24, help="of the queue and the database")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--keep", action="store_true", help="keep the folder with all logs")
    options = parser.parse_args()
    print(f"Seed {options.seed}", file=sys.stderr, flush=True)
    folder = Path(tempfile.mkdtemp(prefix="mentorship-kills-"))
    folder.chmod(0o755)
    play = Play(options, folder)
    try:
        result = play.run()
    finally:
        play.stop()
        if options.keep:
            print(f"Logs are in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(result))
    return 1 if result["complaints"] else 0


class Play:
    """One performance: the parts, the mail server, and what has gone wrong so far."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options = options
        self.chance = random.Random(options.seed)
        self.var = folder / "var"
        self.var.mkdir()
        self.server = RoughServer(folder / "mail.log", options.seed, STALL_SECONDS)
        self.database: RestartedPostgreSQL | None = None
        self.queue: RestartedRedis | FileQueue = FileQueue(self.var)
        if options.database == "postgresql":
            self.database = RestartedPostgreSQL(folder)
            self.queue = RestartedRedis(folder)
        self.workers: list[Part] = []
        self.beat: Part | None = None
        self.complaints: list[str] = []
        self.waves = 0
        self.killed: dict[str, int] = {"workers": 0, "database": 0, "queue": 0, "beat": 0}

    def run(self) -> dict[str, Any]:
        began = time.monotonic()
        self.server.start()
        self._set_up()
        outages = self.chance.sample(
            range(self.options.kills), min(self.options.outages, self.options.kills)
        )
        for number in range(self.options.kills):
            self._queue_more()
            if not self._is_busy():
                self.complaints.append(f"no mail left for {SILENCE_SECONDS} s before kill {number}")
                break
            victim = self.chance.choice(self.workers)
            victim.kill()
            victim.start()
            self.killed["workers"] += 1
            if number % 50 == 49:
                print(f"{number + 1} kills", file=sys.stderr, flush=True)
            if number in outages:
                self._break(outages.index(number))
        self._look_after()
        self.server.calm = True
        self._stop_workers()
        return self._settle() | {"seconds": round(time.monotonic() - began)}

    def _set_up(self) -> None:
        """Start all parts, and let this process use their database."""
        environment = {
            "DJANGO_SETTINGS_MODULE": "mentorship.settings",
            "VAR_DIR": str(self.var),
            "DATABASE_URL": self.database.start() if self.database else "",
            "BROKER_URL": self.queue.start(),
            "EMAIL_URL": self.server.url,
            "EMAIL_TIMEOUT": str(SMTP_SECONDS),
            "LOG_LEVEL": "WARNING",
        }
        os.environ.update(environment)
        self.workers = make_workers(self.options.workers, self.var)
        self.beat = Part("beat", ["beat", "--pidfile=", "-l", "info"], self.var)
        import django

        django.setup()
        from django.core.management import call_command
        from django_celery_beat.models import IntervalSchedule, PeriodicTask

        from notifications.tasks import deliver_due

        for worker in self.workers:
            worker.start()
        call_command("migrate", verbosity=0)
        every_second = IntervalSchedule.objects.create(every=1, period="seconds")
        PeriodicTask.objects.filter(task=deliver_due.name).update(interval=every_second)
        self.beat.start()

    def _is_busy(self) -> bool:
        """Wait until the mail server is spoken to; say whether it was."""
        wanted = self.server.commands + self.chance.randint(1, 20)
        for _ in range(SILENCE_SECONDS):
            self._look_after()
            if self.server.wait_for_command(wanted, seconds=1):
                return True
        return False

    def _queue_more(self) -> None:
        """Queue mail as the committee does, so that workers always have some to send."""
        from notifications.domain.outbox.queueing import queue_mail
        from notifications.domain.outbox.worker import due_now

        if due_now().count() < FEW:
            self.waves += 1
            program = _program_with_people(self.waves)
            for kind in ("survey", "match"):
                queue_mail(program, kind)

    def _look_after(self) -> None:
        """Note what has stopped by itself, and start it again as its host would."""
        for part in [*self.workers, self.beat]:
            assert part is not None
            if part.has_stopped:
                self.complaints.append(f"{part.name} stopped by itself")
                part.start()

    def _break(self, number: int) -> None:
        """Take a part of the installation away for a moment."""
        from django.db import connection

        assert self.beat is not None
        away = self.chance.uniform(0, 1.5)
        if number % 6 == 5:
            self.beat.kill()
            self.beat.start()
            self.killed["beat"] += 1
        elif number % 2 or self.database is None:
            self.queue.crash()
            time.sleep(away)
            self.queue.start()
            self.killed["queue"] += 1
        else:
            connection.close()
            if number % 4:
                self.database.stop()
            else:
                self.database.crash()
            time.sleep(away)
            self.database.start()
            self.killed["database"] += 1

    def _stop_workers(self) -> None:
        for part in [*self.workers, self.beat]:
            assert part is not None
            if not part.stop():
                self.complaints.append(f"{part.name} did not stop when asked to")
        self.workers = []
        self.beat = None

    def _settle(self) -> dict[str, Any]:
        """Send what is left, compare, let a person decide what is uncertain, compare again."""
        from notifications.models import EmailLog
        from tests.notifications.kills.ending import decide_by_log, drain
        from tests.notifications.kills.verdict import judge

        drain(days=1)
        first = judge(self.server.taken())
        self.complaints += first.complaints
        reasons = EmailLog.objects.filter(state="failed").count()
        decided = decide_by_log(self.server.taken())
        drain(days=3)
        last = judge(self.server.taken())
        self.complaints += last.complaints
        for mail in EmailLog.objects.exclude(state="sent"):
            real = [who for who in mail.recipients if not who.startswith(NOBODY)]
            if mail.state != "failed" or sorted(mail.delivered_to) != sorted(real):
                self.complaints.append(f"{mail.pk} to {mail.recipients} ended {mail.state}")
        return {
            "seed": self.options.seed,
            "killed": self.killed,
            "emails": first.states.total(),
            "states": dict(first.states),
            "failed": reasons,
            "decided": decided,
            "at_the_end": dict(last.states),
            "twice": len(last.twice),
            "lost": len(last.lost),
            "met": dict(sorted(self.server.met.items())),
            "complaints": self.complaints,
        }

    def stop(self) -> None:
        for part in [*self.workers, self.beat]:
            if part:
                part.kill()
        self.server.stop()
        self.queue.stop()
        if self.database:
            from django.db import connection

            connection.close()
            self.database.stop()


def _program_with_people(wave: int) -> Any:
    """Make a program whose people get an invitation, and half of them a match."""
    from mentorship.models import Participant, Role
    from tests.factories import MatchFactory, ProgramFactory

    program = ProgramFactory(slug=f"wave{wave}", mails_per_minute=0, mails_per_day=0)
    people = []
    for number in range(PEOPLE_A_WAVE):
        trait = {2: NOBODY, 5: GREYLISTED}.get(number % 11, "person")
        people.append(
            Participant(
                program=program,
                email=f"{trait}{number}.{wave}@freemail.example",
                name=f"Person {number}",
                signup_role=Role.MENTEE if number % 2 else Role.MENTOR,
            )
        )
    people = Participant.objects.bulk_create(people)
    for pair in range(PAIRS_A_WAVE):
        mentor, mentee = people[2 * pair : 2 * pair + 2]
        MatchFactory(program=program, mentor=mentor, mentee=mentee)
    return program


if __name__ == "__main__":
    sys.exit(main())
