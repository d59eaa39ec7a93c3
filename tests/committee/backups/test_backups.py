"""Backup, loss, restore: everything is as it was, and no email leaves a second time."""

import datetime
import json
import os
import subprocess
import sys
import tarfile

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from committee.domain.backups.backup import make_backup, restore_backup
from committee.domain.backups.move import move_database
from committee.domain.demo import load_demo
from matching.domain.matches.checks import check_matches
from matching.domain.proposals.propose import propose
from mentorship.domain.heartbeat import BACKUP, beat, last_beat
from mentorship.models import Participant, Program
from notifications.domain.outbox.after_restore import let_email_leave
from notifications.domain.outbox.alarms import alarms
from notifications.domain.outbox.decisions import hold_emails, send_again, was_sent
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailLog, Schedule
from tests import databases
from tests.committee.backups.rows import changed, every_row
from tests.conftest import ROOT
from tests.factories import EmailLogFactory, MembershipFactory, ScheduleFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
State = EmailLog.State
# The wheel has two versions; the newer one's tools can read either's server.
NOON = datetime.datetime(2027, 6, 20, 19, tzinfo=datetime.UTC)
NOTHING = dict.fromkeys(("sent", "failed", "uncertain", "left"), 0)


@pytest.fixture(autouse=True)
def _with_tools(postgresql_tools):
    pass


@pytest.fixture
def var(tmp_path, settings):
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    return settings.VAR_DIR


@pytest.fixture
def program(db):
    load_demo()
    program = Program.objects.get()
    propose(program)
    ScheduleFactory(program=program, is_on=True)
    return program


@pytest.mark.slow
def test_after_a_loss_everything_is_back_but_for_emails_which_wait_for_a_person(
    program, var, tmp_path, smtp
):
    (var / "secret_key").write_text("the key of this site")
    queue_mail(program, "survey", rest_seconds=0, now=NOON)
    queued, *held = program.emails.order_by("pk")
    assert hold_emails(program.emails.exclude(pk=queued.pk)) == len(held) > 1
    lost = EmailLogFactory(program=program, state=State.SENDING, claimed_at=NOON)
    before = every_row()
    found = check_matches(program)[0]
    trial = propose(program, dry_run=True)
    file = tmp_path / "backup.tar.gz"

    made = make_backup(file)

    assert (file.stat().st_mode & 0o777, made.has_key) == (0o600, True)
    assert made.contents.emails == {"queued": 1, "held": len(held), "sending": 1}
    assert last_beat(BACKUP) == made.made_at
    with tarfile.open(file) as tar:
        assert sorted(tar.getnames()) == [
            f"database.{'dump' if connection.vendor == 'postgresql' else 'sqlite3'}",
            "manifest.json",
            "secret_key",
        ]

    # After the backup an email leaves, a bulk send is queued, and then all is lost.
    deliver_due(program=program, clock=lambda: NOON)
    assert len(smtp.messages) == 1
    Participant.objects.all().update(name="lost")
    program.emails.all().delete()
    (var / "secret_key").unlink()

    done = restore_backup(file, replace=True)

    assert (done.made_at, done.contents, done.has_key) == (made.made_at, made.contents, True)
    assert (var / "secret_key").read_text() == "the key of this site"
    emails = {"state", "state_reason", "claimed_at", "message_id"}
    schedule = Schedule.objects.get(program=program)
    assert changed(before, every_row()) == {
        **{("notifications_emaillog", mail.pk): emails for mail in (queued, *held, lost)},
        ("notifications_schedule", schedule.pk): {"is_on"},
        ("mentorship_program", program.pk): {"restored_to"},
    }
    assert {mail.state for mail in program.emails.all()} == {State.UNCERTAIN}
    program.refresh_from_db()
    assert program.restored_to == made.made_at
    assert check_matches(program)[0] == found
    assert propose(program, dry_run=True).tiers == trial.tiers

    # What was sent after the backup can be found in the mailbox and is not sent again. Nothing else
    # leaves, either, before a person says so.
    queued.refresh_from_db()
    assert smtp.messages[0]["Message-ID"] == queued.message_id
    assert was_sent(EmailLog.objects.filter(pk=queued.pk)) == 1
    assert send_again(EmailLog.objects.filter(pk=held[0].pk), NOON) == 1
    assert deliver_due(clock=lambda: NOON).as_dict() == NOTHING | {"left": 1}
    assert let_email_leave(program, by=UserFactory())
    assert deliver_due(clock=lambda: NOON).as_dict() == NOTHING | {"sent": 1}
    assert [message["To"] for message in smtp.messages] == [*queued.recipients, *held[0].recipients]


@pytest.mark.slow
def test_a_database_that_restores_once_does_so_again(program, var, tmp_path):
    first, second = tmp_path / "1.tar.gz", tmp_path / "2.tar.gz"
    make_backup(first)
    restore_backup(first, replace=True)
    before = every_row()
    made = make_backup(second)
    Program.objects.all().delete()

    restore_backup(second, replace=True)

    again = changed(before, every_row())
    assert again == {("mentorship_program", program.pk): {"restored_to"}}
    assert Program.objects.get().restored_to == made.made_at


@pytest.mark.slow
def test_a_backup_that_is_not_whole_changes_nothing(program, var, tmp_path):
    file = tmp_path / "backup.tar.gz"
    make_backup(file)
    before = every_row()
    short, other = tmp_path / "short.tar.gz", tmp_path / "other.tar.gz"
    short.write_bytes(file.read_bytes()[:-5000])
    _with_manifest(file, other, lambda stands: stands["contents"]["rows"].update(auth_user=7))
    newer = tmp_path / "newer.tar.gz"
    _with_manifest(
        file, newer, lambda stands: stands["contents"]["migrations"].append("matching.9999_later")
    )

    for broken, why in (
        (short, "cannot be read as a backup"),
        (other, "the table auth_user"),
        (newer, "newer version (it has matching.9999_later)"),
        (tmp_path / "none.tar.gz", "No such file"),
    ):
        with pytest.raises(ValidationError) as refused:
            restore_backup(broken, replace=True)
        assert why in " ".join(refused.value.messages)
        assert changed(before, every_row()) == {}, broken


def _with_manifest(file, to, change):
    """Copy a backup with another manifest."""
    with tarfile.open(file) as old, tarfile.open(to, "w:gz") as new:
        for member in old.getmembers():
            stream = old.extractfile(member)
            if member.name == "manifest.json":
                stands = json.load(stream)
                change(stands)
                (text := to.with_suffix(".json")).write_text(json.dumps(stands))
                new.add(text, arcname=member.name)
            else:
                new.addfile(member, stream)


def test_nothing_is_given_up_or_changed_under_a_running_site(program, var, tmp_path):
    file = tmp_path / "backup.tar.gz"
    make_backup(file)

    with pytest.raises(ValidationError, match="Add --replace to give them up"):
        restore_backup(file)
    beat()
    with pytest.raises(ValidationError, match="Stop web server, worker and beat"):
        restore_backup(file, replace=True)
    with pytest.raises(ValidationError, match="There is a file"):
        make_backup(file)
    with pytest.raises(ValidationError, match="Stop web server, worker and beat"):
        move_database(f"sqlite:///{tmp_path}/other.sqlite3")


def test_without_the_tools_it_says_which(program, var, tmp_path, monkeypatch):
    if connection.vendor == "sqlite":
        return  # needs none
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ValidationError, match="pg_dump is not on this machine"):
        make_backup(tmp_path / "backup.tar.gz")
    assert list(tmp_path.glob("*backup*")) == []


def test_the_dashboard_leads_to_the_page_that_lets_emails_leave(program, client, smtp):
    made_at = datetime.datetime(2027, 6, 1, 12, tzinfo=datetime.UTC)
    Program.objects.update(restored_to=made_at)
    queue_mail(program, "survey", rest_seconds=0, now=NOON)
    hold_emails(program.emails.exclude(pk=program.emails.latest("pk").pk))
    member = MembershipFactory(program=program, level="member").user
    client.force_login(member)
    program.refresh_from_db()
    (alarm,) = [alarm for alarm in alarms(program) if alarm.page]
    assert "from a backup of June 1, 5:00 AM" in alarm.sentence
    assert "/committee/mail/after-restore/" in client.get("/committee/").content.decode()
    assert deliver_due(clock=lambda: NOON).sent == 0

    page = client.get("/committee/mail/after-restore/").content.decode()
    assert "No email was waiting when the backup was made." in page
    assert client.post("/committee/mail/after-restore/").status_code == 302

    program.refresh_from_db()
    assert program.restored_to is None
    assert program.history.first().history_user == member
    assert deliver_due(clock=lambda: NOON).sent == len(smtp.messages) == 1
    assert "Nothing is on hold" in client.get("/committee/mail/after-restore/").content.decode()


@pytest.fixture
def empty_database(tmp_path):
    """The DATABASE_URL of a database of this run's kind with tables and nothing in them."""
    if connection.vendor == "sqlite":
        (tmp_path / "other").mkdir()
        yield databases.sqlite(tmp_path / "other")
        return
    server = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE other TEMPLATE {server['TEST']['TEMPLATE']}")
    host = server["OPTIONS"].get("host") or server["HOST"]
    port = f"&port={server['PORT']}" if server["PORT"] else ""
    yield f"postgres://{server['USER']}:{server['PASSWORD'] or ''}@/other?host={host}{port}"
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE other WITH (FORCE)")


@pytest.mark.slow
def test_from_sqlite_to_the_database_of_this_run_table_by_table(tmp_path, empty_database):
    done = subprocess.run(
        [sys.executable, "-m", "tests.committee.backups.moving", empty_database],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": databases.sqlite(tmp_path), "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["different"] == []
    assert (seen["people"], seen["emails"]) == (85, seen["queued"])
    assert seen["said"]["rows"] == seen["rows"] > 900
    assert seen["next_key"] > seen["last_key"]
    assert seen["again"] == "There is data in that database already. Name an empty one."
    if connection.vendor == "postgresql":
        assert seen["with_nul"].startswith("The table mentorship_participant does not fit: ")
    assert seen["after_nul"] == 0
