"""Emails that were told apart by a key of text, as every version until then wrote it."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from notifications.domain.transport.message import message_id
from notifications.models import EmailLog
from tests.factories import ProgramFactory
from tests.notifications.conftest import NOON

BEFORE = [("notifications", "0005_groups_calendar_resends")]
UUID = "5d41402abc4b2a76b9719d911017c592"
# Kind, state and key of an email; its about, which, repeat and freed.
ROWS = [
    ("survey", "sent", "survey:11", 11, "", 0, False),
    ("survey", "cancelled", "survey:12~2", 12, "", 0, True),
    ("survey", "queued", "survey:12", 12, "", 0, False),
    ("survey", "sent", "survey:11:again:1", 11, "", 1, False),
    ("survey", "cancelled", "survey:11:again:2~5", 11, "", 2, True),
    ("reminder", "sent", "reminder:11:1", 11, "1", 0, False),
    ("reminder", "held", "reminder:11:2", 11, "2", 0, False),
    ("reminder", "queued", "reminder:11:1:again:1", 11, "1", 1, False),
    ("role", "failed", "role:13:mentor-mentee", 13, "mentor-mentee", 0, False),
    ("match_in_person", "sent", "match:21", 21, "", 0, False),
    ("match_call", "cancelled", "match:22~11", 22, "", 0, True),
    ("match_call", "cancelled", "match:22", 22, "", 0, False),
    ("match_mentee", "uncertain", "match:23", 23, "", 0, False),
    ("match_mentee", "sent", "match:23:again:1", 23, "", 1, False),
    ("match_mentor", "sent", "mentor:14:23", 23, "", 0, False),
    ("match_mentor", "cancelled", "mentor:14:24~16", 24, "", 0, True),
    ("unmatched_mentor", "sent", "unmatched_mentor:15", 15, "", 0, False),
    ("unmatched_mentee", "sent", "unmatched_mentee:16", 16, "", 0, False),
    ("match_changed", "sent", "match_changed:22:17", 22, "17", 0, False),
    ("check_in", "queued", "check_in:21:18", 21, "18", 0, False),
    ("check_in", "queued", "check_in:21:19", 21, "19", 0, False),
    ("problem_received", "sent", "problem_received:31", 31, "", 0, False),
    ("feedback", "sending", "feedback:18", 18, "", 0, False),
    ("test", "sent", f"test:41:{UUID}", 41, "", 0, False),
    ("test", "cancelled", f"test:41:{UUID[::-1]}~25", 41, "", 0, True),
    ("survey", "failed", "made by hand", 0, "made by hand", 0, False),
]


def migrate(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


@pytest.fixture
def today():
    """The newest tables, whatever a test has done to them."""
    yield MigrationExecutor(connection).loader.graph.leaf_nodes()
    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())


@pytest.mark.django_db(transaction=True)
def test_every_key_of_old_is_read_into_columns_and_nothing_else_changes(today):
    program = ProgramFactory(slug="conf")
    apps = migrate(BEFORE)
    old = apps.get_model("notifications", "EmailLog")
    for kind, state, key, *_ in ROWS:
        old.objects.create(
            program_id=program.pk,
            kind=kind,
            state=state,
            dedupe_key=key,
            recipients=["a@mail.example"],
            subject=key,
            not_before=NOON,
            claimed_at=NOON,
            sent_at=NOON if state == "sent" else None,
            message_id="<kept@mail.example>",
        )
    kept = list(old.objects.order_by("pk").values("pk", "kind", "state", "subject", "message_id"))

    migrate(today)

    rows = EmailLog.objects.order_by("pk")
    assert list(rows.values("pk", "kind", "state", "subject", "message_id")) == kept
    assert [
        (mail.kind, mail.state, mail.subject, mail.about, mail.which, mail.repeat, mail.freed)
        for mail in rows
    ] == ROWS
    # What is queued leaves with the Message-ID that it would have had.
    queued = rows.get(subject="check_in:21:18")
    assert message_id(queued).startswith(f"<conf.check_in.{queued.pk}.")
    for kind, about, which in (
        ("survey", 12, ""),
        ("match_mentee", 22, ""),
        ("check_in", 21, "19"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            EmailLog.objects.filter(subject="made by hand").update(
                kind=kind, about=about, which=which
            )
