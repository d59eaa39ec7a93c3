"""PostgreSQL restarts, or Redis is away, while people send the form to a real web server."""

import contextlib
import datetime
import html
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import psycopg
import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.utils import timezone

from mentorship.domain.signup.tokens import opened_token
from tests.conftest import LONG, ROOT, MailServer, free_port, wait_for_port
from tests.notifications.kills.parts import RestartedPostgreSQL, RestartedRedis

pytestmark = [pytest.mark.integration, pytest.mark.once, pytest.mark.slow]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SENDERS = 4
MINUTE = 60


@pytest.fixture(scope="module")
def folder():
    """A folder that the server's own user may enter: pytest closes those that it has made."""
    with tempfile.TemporaryDirectory(prefix="mentorship-site-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="module")
def site(folder):
    """A web server with a PostgreSQL and a Redis of its own, which can be ended and started."""
    database, redis, port = RestartedPostgreSQL(folder), RestartedRedis(folder), free_port()
    environment = os.environ | {
        "VAR_DIR": str(folder),
        "DATABASE_URL": database.start(),
        "BROKER_URL": redis.start(),
        "SECRET_KEY": str(settings.SECRET_KEY),
    }
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "-v0"], cwd=ROOT, env=environment, check=True
    )
    web = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "tests.committee.operation.restarted", "--preload"),
            *("--bind", f"127.0.0.1:{port}", "--threads", "4", "--log-level", "error"),
        ],
        cwd=ROOT,
        env=environment,
    )
    wait_for_port(port)
    people = json.loads((folder / "people.json").read_text())
    yield SimpleNamespace(
        database=database, redis=redis, port=port, environment=environment, **people
    )
    web.terminate()
    web.wait()
    redis.stop()
    database.stop()


def ask(site, method, path, sent=""):
    """Return the status of an answer, where it leads, and its page."""
    http = HTTPConnection("127.0.0.1", site.port, timeout=60)
    http.request(method, path, sent, FORM)
    answer = http.getresponse()
    status, leads, page = answer.status, answer.getheader("Location"), answer.read().decode()
    http.close()
    return status, leads, page


def typed(site, number):
    return {
        **site.chosen,
        "seen": "0",
        "name": "Ana <Lima>",
        "role": "mentee",
        "attendance": "in_person",
        "notes": f"“note” & {number}",
    }


class Senders:
    """People who send the form, and press "Send again" until it is taken."""

    def __init__(self, site, numbers):
        self.site = site
        self.refused = threading.Event()
        self.waiting = queue.SimpleQueue()
        for number in numbers:
            self.waiting.put(number)
        self.some = threading.Semaphore(0)
        self.threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]
        self.wrong = []
        for thread in self.threads:
            thread.start()

    def _send(self):
        while (number := self._next()) is not None:
            try:
                self._send_until_taken(number, typed(self.site, number))
            except Exception as error:
                self.wrong.append((number, repr(error)))
                self.refused.set()
            self.some.release()

    def _next(self):
        with contextlib.suppress(queue.Empty):
            return self.waiting.get_nowait()

    def _send_until_taken(self, number, form):
        while True:
            status, leads, page = ask(
                self.site, "POST", self.site.paths[number], urlencode(form, doseq=True)
            )
            if status == 302:
                assert leads.endswith("/thanks/")
                return
            assert (status, "<h1>Please try again in a minute</h1>" in page) == (503, True), page
            fields = re.findall('<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
            again = {name: html.unescape(value) for name, value in fields}
            again.pop("csrfmiddlewaretoken")
            assert again == {name: str(value) for name, value in typed(self.site, number).items()}
            form = again
            self.refused.set()

    def join(self):
        for thread in self.threads:
            thread.join(120)
            assert not thread.is_alive()
        assert self.wrong == []


def database_of(site):
    return psycopg.connect(f"host={site.database.folder} user=postgres dbname=migrated")


def notes_in(site):
    with database_of(site) as database:
        return sorted(
            notes for (notes,) in database.execute("SELECT notes FROM mentorship_surveyresponse")
        )


def test_what_is_sent_while_postgresql_restarts_is_kept_to_be_sent_again(site):
    half = range(len(site.paths) // 2)
    senders = Senders(site, half)
    senders.some.acquire(timeout=60)

    site.database.stop()
    assert senders.refused.wait(60)
    assert ask(site, "GET", site.paths[0])[0] == 503
    assert json.loads(ask(site, "GET", "/healthz")[2])["database"] == "unreachable"
    site.database.start()
    senders.join()

    assert notes_in(site) == sorted(typed(site, number)["notes"] for number in half)
    assert ask(site, "GET", "/healthz")[0] == 200


def test_while_redis_is_away_answers_are_taken(site):
    before = notes_in(site)
    second_half = range(len(site.paths) // 2, len(site.paths))

    site.redis.crash()
    Senders(site, second_half).join()
    state = json.loads(ask(site, "GET", "/healthz")[2])
    site.redis.start()

    assert (state["status"], state["queue"]) == ("unwell", "unreachable")
    notes = [typed(site, number)["notes"] for number in second_half]
    assert notes_in(site) == sorted([*before, *notes])
    assert ask(site, "GET", "/healthz")[0] == 200


class Kept(threading.Thread):
    """A process of Celery that is started again when it stops, as Docker and systemd do.

    A worker stops if Redis goes away just when it has done something.
    """

    def __init__(self, arguments, environment):
        super().__init__()
        self.command = [
            *(sys.executable, "-m", "celery", "--quiet", "-A", "mentorship"),
            *arguments,
        ]
        self.environment, self.stopped = environment, threading.Event()
        self.start()

    def run(self):
        while not self.stopped.is_set():
            command = [*self.command, "-l", "critical"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment)
            self.process.wait()

    def stop(self):
        self.stopped.set()
        while self.is_alive():
            self.process.kill()  # beat does not hear of an end while it waits for Redis
            self.join(1)


@pytest.fixture
def mail_server(site):
    """Where the emails go that a worker and beat of that site send."""
    server = MailServer(free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    alone = ("--pool", "solo", "--without-mingle", "--without-gossip")
    commands = [("worker", *alone), ("beat", "--pidfile=")]
    kept = [Kept(command, site.environment | {"EMAIL_URL": server.url}) for command in commands]
    yield server
    for each in kept:
        each.stop()
    controller.stop()


def ask_for_links(site, numbers):
    """Ask for the personal links of these people, as on the page for who has lost theirs."""
    for number in numbers:
        opened = opened_token(timezone.now() - datetime.timedelta(minutes=1))
        asked = {"email": site.emails[number], "opened": opened}
        status, leads, _ = ask(site, "POST", "/link/", urlencode(asked))
        assert (status, leads) == (302, "/link/sent/")


def emails_in(site):
    with database_of(site) as database:
        counted = (
            "SELECT state, count(*) FROM notifications_emaillog WHERE kind = 'link' GROUP BY 1"
        )
        return dict(database.execute(counted).fetchall())


def test_what_is_asked_for_while_redis_is_away_is_emailed_once_it_is_back(site, mail_server):
    """In the long form it is away for a minute, in which worker and beat find out and wait."""
    before, meanwhile = range(3), range(3, 8)
    ask_for_links(site, before)
    until(lambda: emails_in(site) == {"sent": 3})

    site.redis.crash()
    ask_for_links(site, meanwhile)
    assert ask(site, "GET", site.paths[0])[0] == 200
    if LONG:
        time.sleep(MINUTE)
    assert json.loads(ask(site, "GET", "/healthz")[2])["queue"] == "unreachable"
    # A worker that is at work when Redis goes away may still send what it finds meanwhile.
    assert sum(emails_in(site).values()) == 8
    site.redis.start()

    until(lambda: emails_in(site) == {"sent": 8})
    arrived = [str(message["Message-ID"]) for message in mail_server.messages]
    assert len(arrived) == len(set(arrived))  # answers of the tests before have emails, too
    with database_of(site) as database:
        links = database.execute(
            "SELECT recipients->>0, message_id FROM notifications_emaillog WHERE kind = 'link'"
        ).fetchall()
    assert sorted(person for person, _ in links) == sorted(site.emails[:8])
    assert {message for _, message in links} <= set(arrived)
    assert ask(site, "GET", "/healthz")[0] == 200


def until(is_so):
    gives_up = time.monotonic() + 150
    while not is_so():
        assert time.monotonic() < gives_up, "it did not come to that in time"
        time.sleep(0.05)
