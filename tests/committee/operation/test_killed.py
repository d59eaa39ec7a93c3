"""Web server and worker killed with -9 in the middle of what somebody asked for: nothing is done.

A table that is written near the end is locked, so that "in the middle" is no matter of chance.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, RemoteDisconnected
from urllib.parse import urlencode

import psutil
import pytest
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from committee.domain.retention import keep_promises
from matching.domain.proposals.runs import start_again, start_run, work_on
from matching.models import ProposalRun
from mentorship.domain import jobs
from mentorship.domain.imports.drafts import run_draft, run_dry_run, start_draft
from mentorship.models import Import, Participant
from notifications.domain.schedules.runs import run_schedules
from notifications.models import EmailBatch, EmailLog
from tests.committee.backups.rows import changed, every_row
from tests.conftest import (
    LONG,
    connected,
    free_port,
    until_all_have_left_but,
    until_somebody_waits_for_a_lock,
    wait_for_port,
)
from tests.factories import (
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    ScheduleFactory,
)
from tests.notifications.schedules.conftest import SURVEY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once, pytest.mark.slow]
ROWS = 5000 if LONG else 500
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass
class Job:
    """What somebody asks for: the table that it writes near its end, and whether it is whole.

    `page` shows the button and `path` takes it; a worker is handed `task`, and `again` is what
    one does after that. `noted`: by table and key, what says that somebody began.
    """

    table: str
    is_whole: Callable[[], bool]
    page: str = ""
    path: str = ""
    typed: dict[str, str] | None = None
    task: str = ""
    argument: int | None = None
    again: Callable[[], object] | None = None
    noted: dict[tuple[str, int], set[str]] = field(default_factory=dict)


def _pairs(program, number):
    for _ in range(number):
        mentor = ParticipantFactory(program=program, fields=["Other"])
        mentee = ParticipantFactory(program=program, mentee=True, fields=["Other"])
        yield mentor, mentee


def an_import(chair):
    program = ProgramFactory(slug="conf")
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(["Name", "Email", "Ticket", "Do you want to sign up for the mentorship program?"])
    for number in range(ROWS):
        rows.writerow([f"Person {number}", f"p{number}@mail.example", "Online", "yes, as a mentee"])
    draft = start_draft(program, "signups", chair, "signups.csv", file.getvalue().encode())
    run_dry_run(draft)  # of 5,000 rows it is a worker's work, which is no part of this
    return program, Job(
        "mentorship_historicalparticipant",
        lambda: Participant.objects.count() == Participant.history.count() == ROWS,
        path=reverse("confirm_import", args=[draft.pk]),
        task="mentorship.tasks.run_import",
        argument=draft.pk,
        again=lambda: run_draft(Import.objects.get(pk=draft.pk)),
    )


def a_proposal(chair):
    program = ProgramFactory(slug="conf")
    list(_pairs(program, 3))
    return program, Job(
        "matching_historicalmatch",
        lambda: program.matches.filter(status="draft").count() == 3,
        page=reverse("propose_matches"),
        path=reverse("propose_matches"),
    )


def an_announcement(chair):
    today = timezone.localdate()
    program = ProgramFactory(slug="conf", starts_on=today, ends_on=today)
    for mentor, mentee in _pairs(program, 3):
        MatchFactory(program=program, mentor=mentor, mentee=mentee)
    return program, Job(
        "notifications_emaillog_people",
        lambda: program.matches.filter(status="announced").count() == EmailLog.objects.count() == 3,
        page=reverse("send_match"),
        path=reverse("send_match"),
    )


def an_anonymizing(chair):
    day = timezone.localdate() - datetime.timedelta(days=30)
    program = ProgramFactory(slug="conf", starts_on=day, ends_on=day)
    list(_pairs(program, 3))
    return program, Job(
        "notifications_emailreply",
        lambda: not Participant.objects.exclude(name__startswith="Participant ").exists(),
        path=reverse("anonymise_program", args=["conf"]),
        typed={"typed": "conf"},
    )


class Web:
    """A web server whose only process is started again when it is killed, by its parent.

    It reaches no queue, so it does itself what it would leave to a worker.
    """

    def __init__(self, start_process, user):
        self.port = free_port()
        self.parent = start_process(
            *("-m", "gunicorn", "mentorship.wsgi", "--preload", "--bind", f"127.0.0.1:{self.port}"),
            *("--workers", "1", "--threads", "4", "--log-level", "critical"),
            SECRET_KEY=str(settings.SECRET_KEY),
            BROKER_URL=f"redis://127.0.0.1:{free_port()}/0",
        )
        wait_for_port(self.port)
        self.client = Client()
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def fields_of(self, page):
        """Return what the hidden fields of a page send."""
        fields = dict(HIDDEN.findall(self.client.get(page).content.decode())) if page else {}
        fields.pop("csrfmiddlewaretoken", None)  # the header has one that fits the cookie
        return fields

    def begin(self, path, sent):
        """Send a form; return the connection, over which the answer will come."""
        session = self.client.cookies[settings.SESSION_COOKIE_NAME].value
        token = "c" * 32
        http = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; csrftoken={token}",
            "X-CSRFToken": token,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        http.request("POST", path, urlencode(sent), headers)
        return http

    def kill(self):
        (process,) = psutil.Process(self.parent.pid).children()
        process.kill()


@pytest.fixture
def chair(db):
    return MembershipFactory(level="chair", user__email="chair@conf.example").user


@pytest.mark.parametrize("job", [an_import, a_proposal, an_announcement, an_anonymizing])
def test_a_web_server_killed_in_the_middle_has_done_nothing(job, chair, start_process):
    program, asked = job(chair)
    MembershipFactory(program=program, user=chair, level="chair")
    chair.memberships.exclude(program=program).delete()
    web = Web(start_process, chair)
    sent = web.fields_of(asked.page) | (asked.typed or {})
    before, ours = every_row(), connected()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {asked.table} IN EXCLUSIVE MODE")
        http = web.begin(asked.path, sent)
        until_somebody_waits_for_a_lock()
        web.kill()
        with pytest.raises((RemoteDisconnected, ConnectionResetError)):
            http.getresponse()
    until_all_have_left_but(ours)
    assert changed(before, every_row()) == {}

    answer = web.begin(asked.path, sent).getresponse()

    assert answer.status == 302
    assert asked.is_whole()


def start_worker(start_process):
    current_app.control.purge()
    command = ("worker", "--pool", "solo", "--without-mingle", "--without-gossip", "-l", "critical")
    return start_process("-m", "celery", "--quiet", "-A", "mentorship", *command)


def an_import_by_a_worker(chair):
    program, asked = an_import(chair)
    MembershipFactory(program=program, user=chair, level="chair")
    progress = {"rows": ROWS, "job": "run_import", "at": timezone.now().isoformat()}
    Import.objects.update(progress=progress)
    return program, asked


def a_proposal_run(chair):
    program, asked = a_proposal(chair)
    MembershipFactory(program=program, user=chair, level="chair")
    run, _ = start_run(program, chair, saves=True)
    asked.task, asked.argument = "matching.tasks.run_proposal", run.pk
    asked.again = lambda: work_on(start_again(ProposalRun.objects.get(), chair)[0].pk)
    asked.noted = {("matching_proposalrun", run.pk): {"taken_at"}}
    return program, asked


def scheduled_emails(chair):
    program = ProgramFactory(slug="conf", time_zone="UTC", survey_opens_on=timezone.localdate())
    ParticipantFactory.create_batch(3, program=program)
    ScheduleFactory(program=program, from_hour=0, to_hour=24, **SURVEY)
    return program, Job(
        "notifications_emaillog_people",
        lambda: EmailLog.objects.count() == EmailBatch.objects.count() * 3 == 3,
        task="notifications.tasks.run_schedules",
        again=run_schedules,
    )


def an_anonymizing_on_its_day(chair):
    program, asked = an_anonymizing(chair)
    MembershipFactory(program=program, user=chair, level="chair")
    type(program).objects.filter(pk=program.pk).update(
        kept_months=1,
        anonymises_itself=True,
        ends_on=program.ends_on - datetime.timedelta(days=30),
        starts_on=program.starts_on - datetime.timedelta(days=30),
    )
    warned_at = timezone.now() - datetime.timedelta(days=5)
    keep_promises(warned_at)
    EmailLog.objects.update(state="sent", claimed_at=warned_at, sent_at=warned_at)
    asked.task, asked.again = "committee.tasks.keep_promises", keep_promises
    return program, asked


@pytest.mark.parametrize(
    "job", [an_import_by_a_worker, a_proposal_run, scheduled_emails, an_anonymizing_on_its_day]
)
def test_a_worker_killed_in_the_middle_has_done_nothing(job, chair, start_process, monkeypatch):
    _, asked = job(chair)
    before, ours = every_row(), connected()
    worker = start_worker(start_process)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {asked.table} IN EXCLUSIVE MODE")
        current_app.send_task(asked.task, [] if asked.argument is None else [asked.argument])
        until_somebody_waits_for_a_lock()
        worker.kill()
        worker.wait()
    until_all_have_left_but(ours)
    assert changed(before, every_row()) == asked.noted

    monkeypatch.setattr(jobs, "_SILENT_FOR", datetime.timedelta(0))  # a minute later
    asked.again()

    assert asked.is_whole()
