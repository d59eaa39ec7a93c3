"""Several machines serve one site: what one begins the other goes on with, by database and Redis.

This process is one of them. The other is a web server of its own, with a folder of its own, and so
with no file or memory in common. In the long form there are two such servers, and two workers.
"""

from __future__ import annotations

import datetime
import http.client
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from django.utils import timezone

from mentorship.domain.imports.jobs import show_progress
from mentorship.domain.signup.tokens import opened_token
from mentorship.interfaces.checks import check_machines
from mentorship.management.commands.migrate import LOCK
from mentorship.models import Draft, Import, Participant, Program
from tests.committee.access.wire import Answer, send, session_of
from tests.conftest import LONG, ROOT, database_url, waiting
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory, UserFactory
from tests.services import SURELY_WITHIN_SECONDS, free_port, wait_for_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
FORM = "application/x-www-form-urlencoded"
CSRF = "c" * 32


class Machine:
    """A web server of the site: this process, or one that listens on a port."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port

    def get(self, address: str, session: str = "", **headers: str) -> Answer:
        return self._ask("GET", address, b"", "", session, headers)

    def post(self, address: str, data: dict, session: str = "", **headers: str) -> Answer:
        """Send a form; with files in it, as a browser sends those."""
        if any(hasattr(value, "read") for value in data.values()):
            body = encode_multipart(BOUNDARY, data)
            return self._ask("POST", address, body, MULTIPART_CONTENT, session, headers)
        return self._ask("POST", address, urlencode(data).encode(), FORM, session, headers)

    def _ask(self, method, address, body, kind, session, headers) -> Answer:
        if self.port is None:
            return send(method, address, body, kind, session=session, headers=headers)
        to = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        cookies = f"csrftoken={CSRF}; {settings.SESSION_COOKIE_NAME}={session}"
        sent = {"Host": "localhost", "Cookie": cookies, "X-CSRFToken": CSRF}
        sent |= {"Content-Type": kind} if kind else {}
        to.request(method, address, body, sent | headers)
        answer = to.getresponse()
        lines = "\n".join(": ".join(line) for line in answer.getheaders())
        return Answer(answer.status, lines, answer.read())


def start(folder: Path, *command: str) -> subprocess.Popen:
    """Start a process of a machine of its own, on this test's database and Redis."""
    own = {"DATABASE_URL": database_url(), "SECRET_KEY": str(settings.SECRET_KEY)}
    own |= {
        "VAR_DIR": str(folder),
        "EMAIL_URL": f"filemail://{folder.parent}/mail",
        "LOG_LEVEL": "WARNING",
    }
    if not LONG:
        own["DEBUG"] = "true"  # does without collectstatic, which takes longer than all else here
    return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=os.environ | own)


def start_web(folder: Path) -> tuple[subprocess.Popen, int]:
    if LONG:
        assert start(folder, "manage.py", "collectstatic", "--noinput", "-v0").wait() == 0
    port = free_port()
    how = ("--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4")
    return start(folder, "-m", "gunicorn", "mentorship.wsgi", *how, "--log-level", "warning"), port


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Return the folder of each machine, in one folder; their emails are beside them."""
    site = tmp_path_factory.mktemp("site")
    return [site / name for name in ("here", "there", "worker", "worker2")]


@pytest.fixture(scope="module")
def machines(folders, django_db_setup):
    """Two machines; nothing is left in their folders but what collectstatic wrote."""
    started = [start_web(folder) for folder in folders[: 2 if LONG else 1]]
    for _, port in started:
        wait_for_port(port)
    there = [Machine(port) for _, port in started]
    yield there if LONG else [Machine(), *there]
    for process, _ in started:
        process.terminate()
        process.wait()
    left = {path.relative_to(folder).parts[0] for folder in folders for path in folder.rglob("*")}
    assert left == ({"static"} if LONG else set())


@pytest.fixture
def here(machines):
    return machines[0]


@pytest.fixture
def there(machines):
    return machines[1]


@pytest.fixture
def program(db):
    return ProgramFactory()


@pytest.fixture
def member(program):
    return MembershipFactory(program=program, user__email="sofia@conf.example").user


@pytest.fixture
def session(member):
    return session_of(member)


def rows(count: int) -> SimpleUploadedFile:
    lines = [f"Person {n},person{n}@freemail.example,Mentor,In person" for n in range(count)]
    text = "\n".join(["Name,Email,Mentorship,Ticket", *lines])
    return SimpleUploadedFile("people.csv", text.encode(), "text/csv")


def upload(machine: Machine, session: str, count: int = 3) -> Import:
    answer = machine.post(reverse("import_signups"), {"file": rows(count)}, session)
    assert answer.status == 302, answer.body
    draft = Import.objects.get()
    assert answer.location == reverse("import_draft", args=[draft.pk])
    return draft


def said(answer: Answer) -> str:
    """Return a page without what is made anew for each."""
    made_anew = rb'nonce="[^"]*"|csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": ?"[^"]*"'
    return re.sub(made_anew, b"", answer.body).decode()


@pytest.mark.slow
def test_a_session_of_one_is_one_of_the_other_until_it_ends_on_either(here, there, session):
    page = reverse("admin:mentorship_participant_changelist")
    assert (here.get(page, session).status, there.get(page, session).status) == (200, 200)
    assert there.post(reverse("admin:logout"), {}, session).status == 200
    assert here.get(page, session).location.startswith(reverse("admin:login"))


def test_a_file_uploaded_to_one_is_previewed_confirmed_and_undone_by_the_other(
    here, there, session
):
    draft = upload(here, session)
    page = reverse("import_draft", args=[draft.pk])
    static = re.compile(r'(src|href)="/static/[^"]*"')  # names with hashes, but for a debug run
    one, other = (static.sub("", said(machine.get(page, session))) for machine in (here, there))
    assert one == other
    assert "Import these sign-ups" in one

    there.post(reverse("confirm_import", args=[draft.pk]), {}, session)
    assert sorted(Participant.objects.values_list("name", flat=True)) == [
        "Person 0", "Person 1", "Person 2",
    ]  # fmt: skip
    here.post(reverse("undo_import", args=[draft.pk]), {}, session)
    assert not Participant.objects.exists()


def test_a_file_confirmed_on_both_at_once_is_imported_once(here, there, session, program):
    draft = upload(here, session)
    confirm = reverse("confirm_import", args=[draft.pk])
    done = reverse("admin:mentorship_import_change", args=[draft.pk])
    locations = []

    def press(machine):
        locations.append(machine.post(confirm, {}, session).location)
        connection.close()

    with transaction.atomic():
        Program.objects.locked(program.pk)
        threads = [threading.Thread(target=press, args=[one]) for one in (here, there)]
        for thread in threads:
            thread.start()
        until(lambda: len(waiting()) == 2)
    for thread in threads:
        thread.join()

    assert locations == [done, done]
    assert Participant.history.count() == Participant.objects.count() == 3


def until(is_so):
    """Return what this returns once it is something; fail if it is not in time."""
    gives_up = time.monotonic() + SURELY_WITHIN_SECONDS
    while not (found := is_so()):
        assert time.monotonic() < gives_up, "it did not come to that in time"
        time.sleep(0.05)
    return found


def test_how_far_a_worker_is_shows_on_every_machine(there, session, member, program):
    """The worker is this process, which has taken a job that was handed over on a page."""
    draft = Import.objects.create(
        program=program,
        kind="signups",
        created_by=member,
        progress={"rows": 2001, "job": "preview_import", "at": timezone.now().isoformat()},
    )
    show_progress(draft, 700, 2000)
    answer = there.get(reverse("import_progress", args=[draft.pk]), session)
    assert "700 of 2,000 people (35 %)." in answer.body.decode()


def test_the_board_of_one_learns_what_happened_on_the_other(here, there, session, program):
    mentor = ParticipantFactory(program=program, name="Ada")
    mentee = ParticipantFactory(program=program, name="Ben", mentee=True)
    changes = f"{reverse('board_changes')}?since=0"
    assert here.get(changes, session, **{"If-None-Match": '"0"'}).status == 304

    move = {"mentee": mentee.pk, "mentor": mentor.pk, "seen": 0, "dropped": 1, "read": 1}
    asked = {"HX-Request": "true"}
    assert there.post(reverse("move_mentee"), move, session, **asked).status == 200

    answer = here.get(changes, session, **{"If-None-Match": '"0"'})
    assert (answer.status, "X-Board-Version: 1" in answer.headers) == (200, True)
    assert here.post(reverse("move_mentee"), move, session, **asked).status == 409


def test_wrong_passwords_count_together(here, there, member):
    address = reverse("admin:login")
    wrong = {"username": member.username, "password": "not the one"}
    assert [here.post(address, wrong).status for _ in range(7)] == [200] * 7
    assert there.post(address, wrong).status == 429
    assert (here.post(address, wrong).status, there.post(address, wrong).status) == (429, 429)


def test_requests_for_a_link_count_together(here, there, db):
    address = reverse("send_link")
    # As of a page of the one, which is sent to the other too.
    opened = opened_token(timezone.now() - datetime.timedelta(minutes=1))
    statuses = [
        machine.post(address, {"email": f"nobody{n}@x.example", "opened": opened}).status
        for n, machine in enumerate([here, there] * 11)
    ]
    assert statuses == [302] * 20 + [429] * 2


def test_a_forgotten_password_is_emailed_once(here, there):
    cache.clear()  # a test before this one may have asked for an account of the same number
    current_app.control.purge()
    UserFactory(email="cy@two.example")
    address = reverse("forgotten_password")
    pages = [machine.post(address, {"email": "cy@two.example"}) for machine in (here, there)]
    assert [page.status for page in pages] == [200, 200]
    assert current_app.control.purge() == 1  # so many jobs were waiting for a worker


def test_what_somebody_types_on_one_stands_in_the_form_of_the_other(here, there, program):
    person = ParticipantFactory(program=program)
    typed = {"notes": "I like gliders", "seen": 0, "version": 0}
    assert here.post(f"{person.personal_path}draft/", typed).status == 200
    assert Draft.objects.count() == 1
    page = there.get(f"{person.personal_path}answers/").body.decode()
    assert "I like gliders" in page


def test_one_machine_migrates_and_the_others_wait(db):
    def migrate_too():
        call_command("migrate", verbosity=0)
        connection.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        thread = threading.Thread(target=migrate_too)
        thread.start()
        until(lambda: len(waiting()) == 1)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    thread.join(60)
    assert not thread.is_alive()


def test_settings_that_hold_on_one_machine_only_are_warned_of(settings):
    settings.HAS_OWN_SECRET_KEY, settings.QUEUE_FOLDERS = True, []
    assert check_machines() == []
    settings.HAS_OWN_SECRET_KEY, settings.QUEUE_FOLDERS = False, ["var/queue"]
    assert [warning.id for warning in check_machines()] == ["machines.W001", "machines.W002"]


@pytest.mark.soak
def test_workers_on_two_machines_do_what_two_web_servers_ask_for(here, there, session, folders):
    how = ("-m", "celery", "-A", "mentorship", "worker", "--pool", "solo", "-l", "warning")
    workers = [start(folder, *how, "--hostname", folder.name) for folder in folders[2:]]
    try:
        draft = upload(here, session, 5000)
        progress = reverse("import_progress", args=[draft.pk])

        def is_over(machine):
            answer = machine.get(progress, session)
            return "HX-Redirect" in answer.headers or "of 5,000 people" in answer.body.decode()

        until(lambda: is_over(there))
        until(lambda: "HX-Redirect" in here.get(progress, session).headers)
        there.post(reverse("confirm_import", args=[draft.pk]), {}, session)
        until(lambda: "of 5,000 people" in here.get(progress, session).body.decode())
        until(lambda: "HX-Redirect" in there.get(progress, session).headers)
        assert Participant.objects.count() == 5000

        run = there.get(reverse("propose_matches"), session).location
        until(lambda: here.get(run, session).location == reverse("propose_matches"))
        assert here.get(reverse("propose_matches"), session).status == 200
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait()
