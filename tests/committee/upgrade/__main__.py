"""Make an old database in DATABASE_URL, upgrade it, and print what the application makes of it.

`before.json` has every row of a small program as the release before wrote it: emails of all kinds
and states with their keys, flags among the sources of details, an import draft, a dissolved match.
`keys.json` has a kind, a state and a key of text as every version until then told emails apart, and
what they are in columns: about, which, repeat and freed.
"""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

OLD = [
    ("mentorship", "0006_imports"),
    ("matching", "0003_past_pairs"),
    ("notifications", "0005_groups_calendar_resends"),
]
ROWS = Path(__file__).with_name("before.json")
KEYS = Path(__file__).with_name("keys.json")
KINDS = [
    "survey",
    "reminder",
    "role",
    "match",
    "unmatched_mentor",
    "unmatched_mentee",
    "match_changed",
    "check_in",
    "problem_received",
    "feedback",
]
AFTER_THE_CONFERENCE = datetime.datetime(2026, 7, 12, 18, tzinfo=datetime.UTC)


def write_old_rows() -> None:
    """Write the rows of `before.json` into tables as they were then."""
    from django.core.management.color import no_style
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    accounts = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "auth"]
    executor.migrate([*OLD, *accounts])
    old = executor.loader.project_state([*OLD, *accounts]).apps
    links = []
    with transaction.atomic(), connection.constraint_checks_disabled():
        for row in json.loads(ROWS.read_text(encoding="utf-8")):
            model = old.get_model(row["model"])
            values = {}
            for name, value in row["fields"].items():
                field = model._meta.get_field(name)
                if field.many_to_many:
                    links.append((model, row["pk"], name, value))
                elif not field.generated:
                    values[field.attname] = value if field.is_relation else field.to_python(value)
            model(pk=row["pk"], **values).save_base(raw=True, force_insert=True)
        for model, pk, name, keys in links:
            getattr(model.objects.get(pk=pk), name).set(keys)
    with connection.cursor() as cursor:
        for command in connection.ops.sequence_reset_sql(no_style(), old.get_models()):
            cursor.execute(command)
    write_old_keys(old)


def write_old_keys(old: Any) -> None:
    """Write an email for each key of `keys.json`, in a program of their own; its subject is it."""
    program = old.get_model("mentorship", "Program").objects.create(
        slug="keys", name="Keys", starts_on=AFTER_THE_CONFERENCE, ends_on=AFTER_THE_CONFERENCE
    )
    for kind, state, key, *_ in json.loads(KEYS.read_text(encoding="utf-8")):
        old.get_model("notifications", "EmailLog").objects.create(
            program=program,
            kind=kind,
            state=state,
            dedupe_key=key,
            recipients=["a@mail.example"],
            subject=key,
            not_before=AFTER_THE_CONFERENCE,
            claimed_at=AFTER_THE_CONFERENCE,
            sent_at=AFTER_THE_CONFERENCE if state == "sent" else None,
            message_id="<kept@mail.example>",
        )


def keys_now() -> dict[str, Any]:
    """Return what the keys have become, and which emails may not be there twice; remove them."""
    from django.db import IntegrityError, transaction

    from mentorship.models import Program
    from notifications.domain.transport.message import message_id
    from notifications.models import EmailLog

    program = Program.objects.get(slug="keys")
    emails = EmailLog.objects.filter(program=program)
    refused = []
    for kind, about, which in (
        ("survey", 12, ""),
        ("match_mentee", 22, ""),
        ("check_in", 21, "19"),
    ):
        try:
            with transaction.atomic():
                emails.filter(subject="made by hand").update(kind=kind, about=about, which=which)
        except IntegrityError:
            refused.append(kind)
    queued = emails.get(subject="check_in:21:18")
    columns = ("kind", "state", "subject", "about", "which", "repeat", "freed")
    seen = {
        "keys": [list(row) for row in emails.order_by("pk").values_list(*columns)],
        "message_ids": sorted(set(emails.values_list("message_id", flat=True))),
        "named": message_id(queued).partition(f".{queued.pk}.")[0],
        "refused": refused,
    }
    program.delete()
    return seen


def seen_now() -> dict[str, Any]:
    """Return what the application makes of the rows: who is due, what is sent, what is undone."""
    from mentorship.models import Import, Program
    from notifications.domain.outbox import decisions, worker
    from notifications.domain.outbox.queueing import queue_mail
    from notifications.models import EmailLog

    program = Program.objects.get()
    due = {
        kind: queue_mail(program, kind, dry_run=True, now=AFTER_THE_CONFERENCE) for kind in KINDS
    }
    seen = {
        "due": {
            kind: [found.queued, sorted(left["email"] for left in found.left_out)]
            for kind, found in due.items()
        },
        "role_unclear": [person.name for person in program.participants.with_role_in_doubt()],
        "message_ids": sorted(set(program.emails.values_list("message_id", flat=True))),
        "sent": worker.deliver_due(clock=lambda: AFTER_THE_CONFERENCE).as_dict(),
        "sent_again": decisions.send_again(EmailLog.objects.filter(state="cancelled")),
        "released": decisions.release_emails(EmailLog.objects.all()),
        "is_demo": program.is_demo,
    }
    seen["drafts"] = list(Import.objects.filter(state="draft").values_list("file_name", flat=True))
    seen["answered"] = program.participants.answered().count()
    return seen


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")
    django.setup()
    write_old_rows()
    call_command("migrate", verbosity=0)
    print(json.dumps({"keys": keys_now(), "seen": seen_now()}))


if __name__ == "__main__":
    main()
