"""Run the whole application on this machine: web server, worker and beat under one parent."""

from __future__ import annotations

import io
import json
import socket
import sys
import threading
from typing import Any

from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from mentorship import healthcheck
from mentorship.domain.programs.accounts import first_chair_link
from mentorship.domain.queue import QueueUnreachable, check_queue
from mentorship.installation import FREE_AT_LEAST, free_bytes
from mentorship.models import Program
from mentorship.supervisor import CannotStart, Supervisor


class Command(BaseCommand):
    help = "Migrate, load the demo into an empty database, and serve until Ctrl-C or TERM."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        _check_folder()
        _check_port()
        for problem in run_checks(tags=["mail"]):
            raise CommandError(f"{problem.msg} {problem.hint or ''}".strip())
        try:
            check_queue()
        except QueueUnreachable as error:
            raise CommandError(f"{error} Start it, or change BROKER_URL.") from error
        try:
            call_command("migrate", verbosity=0)
        except DatabaseError as error:
            raise CommandError(
                f"The database does not answer ({error}). Start it, or change DATABASE_URL."
            ) from error
        call_command("collectstatic", interactive=False, verbosity=0)
        threading.Thread(target=_greet, args=(self.welcome(),), daemon=True).start()
        try:
            _supervisor().run()
        except CannotStart as error:
            raise CommandError(str(error)) from error

    def welcome(self) -> str:
        """Return what is printed once the site answers."""
        lines = ["", f"The mentorship program is at {settings.SITE_URL}/"]
        if not Program.objects.filter(is_demo=False).exists():
            lines += _demo_lines()
        if link := first_chair_link():
            lines.append(f"  Make the first chair: {link}")
        if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
            lines.append(f"  Emails are not sent but written to {settings.EMAIL_FILE_PATH}")
        return "\n".join([*lines, "  Stop with Ctrl-C.", ""])


def _demo_lines() -> list[str]:
    """Load the demo unless it is there, and return how to try it."""
    printed = io.StringIO()
    call_command("load_demo", json=True, stdout=printed)
    demo = json.loads(printed.getvalue())
    lines = [
        f"  {user['username'].capitalize()}: user {user['username']}, password {user['password']}"
        for user in demo["users"]
        if user["password"]
    ]
    if intake := demo["links"]["intake"]:
        lines.append(f"  A participant's page: {intake}")
    return lines


def _check_folder() -> None:
    try:
        settings.MAIL_DIR.mkdir(parents=True, exist_ok=True)
        with (settings.VAR_DIR / ".writable").open("w"):
            pass
        (settings.VAR_DIR / ".writable").unlink()
    except OSError as error:
        raise CommandError(
            f"Cannot write to {settings.VAR_DIR} ({error.strerror}). "
            "Choose another folder with VAR_DIR."
        ) from error
    if (free := free_bytes()) < FREE_AT_LEAST:
        raise CommandError(
            f"Only {free >> 20} MB are left on the disk, and {FREE_AT_LEAST >> 20} MB are needed. "
            "Make room, or choose another folder with VAR_DIR."
        )


def _check_port() -> None:
    with socket.socket() as probe:
        # As the web server does: a port that only waits out its last connections is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.PORT))
        except OverflowError as error:
            raise CommandError("PORT must be a number from 1 to 65535.") from error
        except OSError as error:
            raise CommandError(
                f"Port {settings.PORT} is taken ({error.strerror}). "
                "Choose another one with PORT, for example PORT=8001."
            ) from error


def _supervisor() -> Supervisor:
    # A worker in the middle of an email may wait for the server as long as this.
    supervisor = Supervisor(kill_after_seconds=settings.EMAIL_TIMEOUT + 5)
    python = (sys.executable, "-m")
    celery = (*python, "celery", "--quiet", "--app", "mentorship")
    web = (*python, "gunicorn", "mentorship.wsgi", "--bind", f"127.0.0.1:{settings.PORT}")
    supervisor.add("web", (*web, "--log-level", "warning"))
    # One process without a pool: of a pool's, one that dies can leave the others waiting. Those who
    # wait for a page go first.
    worker = ("nice", "-n", "10", *celery, "worker", "--pool", "solo", "-l", "warning")
    supervisor.add("worker", (*worker, "--without-mingle", "--without-gossip"))
    supervisor.add("beat", (*celery, "beat", "--pidfile=", "-l", "warning"))
    return supervisor


def _greet(welcome: str) -> None:
    """Print the welcome as soon as the site answers; the parts' own errors stand for themselves."""
    again = threading.Event()
    while healthcheck.main(f"http://127.0.0.1:{settings.PORT}/healthz", "status"):
        again.wait(0.2)
    print(welcome, flush=True)
