"""Whether the site says of itself what is so: to what watches it, and to its host."""

import datetime
import re
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse
from django.utils import timezone

from committee.domain import operation
from committee.domain.backups.backup import make_backup
from mentorship.domain.heartbeat import BACKUP, BEAT, BOUNCES, SENDING, WORKER, beat, note_trouble
from tests.factories import EmailLogFactory, MembershipFactory, ProgramFactory, UserFactory

pytestmark = pytest.mark.django_db
NAMES = [
    *("database", "queue", "disk", "migrations", "beat", "oldest_due_email"),
    *("worker", "email", "bounces"),
]
WELL = dict.fromkeys(NAMES, "ok")
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def _all_well(db):
    for part in (WORKER, BEAT):
        beat(part=part)


def ready(client):
    answer = client.get("/readyz")
    state = answer.json()
    return answer.status_code, state.pop("status"), state


def test_is_ready_once_worker_and_beat_have_been_seen(client):
    code, status, state = ready(client)
    assert (code, status) == (503, "not ready")
    assert state == WELL | {"worker": "silent", "beat": "silent"}

    beat(part=WORKER)
    beat(part=BEAT)

    assert ready(client) == (200, "ready", WELL)
    assert list(ready(client)[2]) == NAMES
    assert client.post("/readyz").status_code == 405


@pytest.mark.usefixtures("_all_well")
@pytest.mark.parametrize(("name", "state"), [("email", "trouble"), ("bounces", "trouble")])
def test_says_which_server_cannot_be_used(client, name, state):
    note_trouble({"email": SENDING, "bounces": BOUNCES}[name], "It does not answer.")
    assert ready(client) == (503, "not ready", WELL | {name: state})
    assert client.get("/healthz").status_code == 200


@pytest.mark.usefixtures("_all_well")
def test_says_that_an_email_is_late_but_not_while_a_limit_holds_it(client):
    program = ProgramFactory(mails_per_day=1)
    email = EmailLogFactory(program=program, not_before=timezone.now() - HOUR / 2)
    assert ready(client)[2] == WELL
    type(email).objects.filter(pk=email.pk).update(not_before=timezone.now() - 2 * HOUR)
    assert ready(client)[2] == WELL | {"oldest_due_email": "late"}

    EmailLogFactory(
        program=program, state="sent", sent_at=timezone.now(), claimed_at=timezone.now()
    )
    assert ready(client)[2] == WELL


@pytest.mark.usefixtures("_all_well")
def test_a_migration_that_was_not_run_is_said(client):
    MigrationRecorder(connection).record_unapplied("mentorship", "0025_restored_to")
    assert ready(client) == (503, "not ready", WELL | {"migrations": "behind"})
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE mentorship_heartbeat RENAME TO gone")
    code, _, state = ready(client)
    assert (code, state["migrations"], state["worker"]) == (503, "behind", "unknown")


@pytest.mark.usefixtures("_all_well")
def test_a_full_disk_is_said_by_both(client, monkeypatch):
    monkeypatch.setattr(operation, "FREE_AT_LEAST", operation.free_bytes() * 2)
    assert ready(client) == (503, "not ready", WELL | {"disk": "full"})
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unwell")
    assert answer.json()["disk"] == "full"


@pytest.mark.usefixtures("_all_well")
def test_a_queue_out_of_reach_is_said(client, settings, monkeypatch):
    def refuse(**how):
        raise ConnectionRefusedError

    monkeypatch.setattr("kombu.Connection.ensure_connection", lambda self, **how: refuse())
    assert ready(client) == (503, "not ready", WELL | {"queue": "unreachable"})
    assert client.get("/healthz").json()["queue"] == "unreachable"


def test_metrics_are_for_who_has_the_token(client, settings):
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "s3cret"
    for sent in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "s3cret"}):
        refused = client.get("/metrics", headers=sent)
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
        assert "mentorship" not in refused.content.decode()


@pytest.mark.usefixtures("_all_well")
def test_metrics_are_numbers_without_names(client, settings):
    settings.METRICS_TOKEN = "s3cret"
    program = ProgramFactory(name="Zzyzx", slug="zzyzx")
    due = timezone.now() - datetime.timedelta(minutes=10)
    EmailLogFactory(program=program, not_before=due, recipients=["zzyzx@mail.example"])
    beat(datetime.datetime(2027, 6, 1, tzinfo=datetime.UTC), BACKUP)

    answer = client.get("/metrics", headers={"Authorization": "Bearer s3cret"})

    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert "zzyzx" not in text.casefold()
    lines = dict(
        line.rsplit(" ", 1)
        for line in text.splitlines()
        if line and not line.startswith(("#", "mentorship_request_seconds"))
    )
    assert lines.pop("mentorship_disk_free_bytes") > "0"
    assert float(lines.pop("mentorship_database_bytes")) > 100_000
    assert 600 <= float(lines.pop("mentorship_oldest_due_email_seconds")) < 660
    for part in (WORKER, BEAT):
        seen = float(lines.pop(f'mentorship_last_seen_timestamp_seconds{{part="{part}"}}'))
        assert abs(seen - timezone.now().timestamp()) < 60
    (info,) = [name for name in lines if name.startswith("mentorship_info{")]
    assert re.fullmatch(
        r'mentorship_info\{application="[^"]+",django="[^"]+",\w+="[^"]+",python=.*', info
    )
    del lines[info]
    assert lines == {
        **{f'mentorship_check{{check="{name}"}}': "1.0" for name in NAMES},
        **{
            f'mentorship_emails{{state="{state}"}}': "1.0" if state == "queued" else "0.0"
            for state in ("queued", "sending", "sent", "failed", "uncertain", "held", "cancelled")
        },
        "mentorship_last_backup_timestamp_seconds": "1.811808e+09",
    }


@pytest.mark.usefixtures("_all_well")
def test_the_host_page_is_for_superusers_and_names_nobody(client):
    program = ProgramFactory(name="Zzyzx")
    EmailLogFactory(program=program, not_before=timezone.now() - 2 * HOUR, subject="Zzyzx")
    client.force_login(MembershipFactory(program=program, level="chair").user)
    assert client.get(reverse("host")).status_code == 403
    assert reverse("host") not in client.get("/committee/").content.decode()

    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    page = client.get(reverse("host")).content.decode()
    body = page.partition('<div class="rp-page">')[2].partition("<footer")[0]

    assert reverse("host") in client.get("/committee/").content.decode()
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))
    assert "Oldest email that is due Late An email has been due for more than an hour." in said
    assert "Database Well" in said
    assert "has waited for 2 hours" in said
    assert "Last backup None yet" in said
    assert "Queued 1 Sending 0 Sent 0" in said
    assert "Application 0.1.0" in said
    assert "Zzyzx" not in body


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_remembered_on_the_host_page(client, tmp_path, postgresql_tools):
    make_backup(
        Path(tmp_path) / "b.tar.gz", datetime.datetime(2027, 6, 1, 4, 5, tzinfo=datetime.UTC)
    )
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    assert "2027-06-01 04:05 UTC" in client.get(reverse("host")).content.decode()
