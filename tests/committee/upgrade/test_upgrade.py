"""An old database is upgraded with its data, and nothing is due twice, lost or forgotten."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.db import connection

from tests.conftest import ROOT

EXPECTED = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))
KEYS = json.loads(Path(__file__).with_name("keys.json").read_text(encoding="utf-8"))


@pytest.fixture
def empty_database(tmp_path):
    """The DATABASE_URL of a database of its own, of the kind that this run tests."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/old.sqlite3"
        return
    name = f"old_{uuid.uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    server = connection.settings_dict
    host = server["OPTIONS"].get("host") or server["HOST"]
    port = f"&port={server['PORT']}" if server["PORT"] else ""
    yield f"postgres://{server['USER']}:{server['PASSWORD'] or ''}@/{name}?host={host}{port}"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(module, database, folder):
    """Run a module in a process of its own, on this database; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database, "VAR_DIR": str(folder / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_database_of_the_release_before_goes_on_as_it_was(empty_database, tmp_path):
    """`expected.json` is what the release before itself made of the same rows.

    What `keys.json` says of each key, the columns say now, and nothing else has changed.
    """
    now = run("tests.committee.upgrade", empty_database, tmp_path)

    assert now["seen"] == EXPECTED
    assert now["keys"] == {
        "keys": KEYS,
        "message_ids": ["<kept@mail.example>"],
        # What is queued leaves with the Message-ID that it would have had.
        "named": "<keys.check_in",
        "refused": ["survey", "match_mentee", "check_in"],
    }


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_database_of_the_oldest_schema_keeps_its_rows_and_gets_all_that_is_required(
    empty_database, tmp_path
):
    """Each table that ever got a column without NULL has rows by then, on SQLite, too."""
    now = run("tests.committee.upgrade.from_first", empty_database, tmp_path)

    assert now == {
        "rows": 148,
        "tables": 19,
        # Flags have left the sources of details, and a list of domains was corrected.
        "changed": [
            "mentorship.HistoricalParticipant.detail_sources",
            "mentorship.Participant.detail_sources",
            "mentorship.Program.free_mail_domains",
        ],
        "added_where_no_row_is": [],
        "null_or_not_unlike_the_model": [],
    }
