"""`queue_mail` and `send_queued` from the command line, the task, and the sweep's schedule."""

import json

import pytest
from django.core.management import CommandError, call_command
from django_celery_beat.models import PeriodicTask

from mentorship.tasks import read_sources
from notifications.apps import PERIODIC
from notifications.domain.reasons import parse_kind
from notifications.models import EmailLog
from notifications.tasks import deliver_due, read_bounces, run_schedules
from tests.factories import ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(db):
    program = ProgramFactory(slug="conf", mails_per_minute=0)
    ParticipantFactory(program=program, email="ann@mail.example")
    ParticipantFactory(program=program, email="bob@mail.example", withdrawn_at="2083-06-01T00:00Z")
    return program


def run(capsys, *arguments):
    call_command(*arguments, "--program", "conf", "--json")
    return json.loads(capsys.readouterr().out)


def test_queue_and_send(program, moody, capsys):
    left_out = [{"email": "bob@mail.example", "why": "does not take part any more"}]
    queued = {"queued": 1, "left_out": left_out}
    assert run(capsys, "queue_mail", "survey", "--dry-run") == queued
    assert EmailLog.objects.count() == 0
    assert run(capsys, "queue_mail", "survey") == queued
    sent = {"sent": 1, "failed": 0, "uncertain": 0, "left": 0}
    assert run(capsys, "send_queued") == sent
    assert run(capsys, "send_queued") == {**sent, "sent": 0}
    assert [recipients for _, recipients in moody.envelopes] == [["ann@mail.example"]]


def test_an_unreachable_server_is_said_on_standard_error(program, moody, settings, capsys):
    settings.EMAIL_PORT = 1
    call_command("queue_mail", "survey", "--program", "conf")
    call_command("send_queued", "--program", "conf", "--json")
    printed = capsys.readouterr()
    assert printed.err.startswith("The mail server cannot be used: ")
    assert json.loads(printed.out.splitlines()[-1]) == {
        "sent": 0, "failed": 0, "uncertain": 0, "left": 1,
    }  # fmt: skip


def test_an_unknown_kind_is_wrong_usage(program):
    with pytest.raises(CommandError, match="There is no kind of email “survay”"):
        call_command("queue_mail", "survay", "--program", "conf")


def test_the_help_names_the_kinds_that_the_command_takes(capsys):
    with pytest.raises(SystemExit):
        call_command("queue_mail", "--help")
    named = " ".join(capsys.readouterr().out.split()).partition("one of ")[2].partition(" (")[0]
    kinds = named.split(", ")
    assert len(kinds) == 14
    assert [parse_kind(kind) for kind in kinds] == kinds


def test_the_workers_task_sends_what_is_due(program, moody):
    call_command("queue_mail", "survey", "--program", "conf")
    assert deliver_due() == {"sent": 1, "failed": 0, "uncertain": 0, "left": 0}


def test_beat_sends_and_queues_by_itself_so_that_no_mail_needs_a_message(db):
    ours = PeriodicTask.objects.filter(task__regex="^(notifications|mentorship).")
    tasks = ours.order_by("pk")
    assert [(row.task, str(row.interval), row.expire_seconds, row.enabled) for row in tasks] == [
        ("notifications.tasks.deliver_due", "every 20 seconds", 20, True),
        ("notifications.tasks.read_bounces", "every 300 seconds", 300, True),
        ("notifications.tasks.run_schedules", "every 240 seconds", 240, True),
        ("mentorship.tasks.read_sources", "every 60 seconds", 60, True),
    ]


def test_what_beat_starts_is_there():
    assert {task for task, _ in PERIODIC.values()} == {
        deliver_due.name,
        read_bounces.name,
        run_schedules.name,
        read_sources.name,
    }
