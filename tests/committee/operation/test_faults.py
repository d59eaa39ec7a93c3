"""Things break, and nothing is half done: the rows of the table in docs/host.md."""

import csv
import datetime
import time

import pytest
from django.db import connection, transaction

from committee.domain.backups.backup import make_backup, restore_backup
from mentorship.models import Participant, Program
from notifications.models import EmailLog
from tests.committee.backups.rows import changed, every_row
from tests.committee.operation.faults import FAULTS
from tests.conftest import (
    LONG,
    ROOT,
    connected,
    until_all_have_left_but,
    until_somebody_waits_for_a_lock,
)
from tests.factories import MatchFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 5000 if LONG else 500
# PostgreSQL says so of the table that it cannot make larger.
FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON mentorship_surveyresponse
  EXECUTE FUNCTION full_disk();
"""


def test_the_table_in_the_docs_has_these_rows_and_their_tests_are_there():
    head = "| what breaks | what people see | what resumes, and how |\n|---|---|---|\n"
    _, _, table = (ROOT / "docs" / "host.md").read_text().partition(head)
    rows = table.partition("\n\n")[0].splitlines()
    assert rows == [f"| {what} | {seen} | {then} |" for what, seen, then, *_ in FAULTS]
    for test in [test for _, _, _, *tests in FAULTS for test in tests]:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(), test


def an_import(tmp_path):
    """An import that stops where the history of its people is written."""
    file = tmp_path / "signups.csv"
    with file.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["Name", "Email", "Do you want to sign up for the mentorship program?"])
        for number in range(PEOPLE):
            rows.writerow([f"Person {number}", f"p{number}@mail.example", "yes, as a mentee"])
    ProgramFactory(slug="conf")
    return (
        "mentorship_historicalparticipant",
        ("import_signups", str(file), "--attendance", "ask"),
        lambda: Participant.objects.count() == PEOPLE,
    )


def an_announcement(tmp_path):
    """An announcement, which stops once matches are announced and their emails written."""
    program = ProgramFactory(slug="conf")
    for _ in range(3):
        MatchFactory(
            program=program,
            mentor=ParticipantFactory(program=program),
            mentee=ParticipantFactory(program=program, mentee=True),
        )
    return (
        "notifications_emaillog_people",
        ("queue_mail", "match"),
        lambda: program.matches.filter(status="announced").count() == EmailLog.objects.count() == 3,
    )


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("job", [an_import, an_announcement])
def test_killed_in_the_middle_nothing_is_done_and_again_it_is_whole(job, tmp_path, start_process):
    if connection.vendor == "sqlite":
        return  # a writer waits there before it begins, not in the middle
    table, command, is_whole = job(tmp_path)
    before, ours = every_row(), connected()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        process = start_process("manage.py", *command, "--program", "conf")
        until_somebody_waits_for_a_lock()
        process.kill()
        process.wait()
    until_all_have_left_but(ours)
    assert changed(before, every_row()) == {}

    again = start_process("manage.py", *command, "--program", "conf")

    assert again.wait(timeout=120) == 0
    assert is_whole()


@pytest.mark.slow
def test_a_backup_killed_in_the_middle_is_no_backup(tmp_path, start_process, postgresql_tools):
    ProgramFactory(slug="conf")
    file = tmp_path / "backup.tar.gz"
    ours = connected() if connection.vendor == "postgresql" else set()
    process = start_process("manage.py", "backup", str(file))
    while not list(tmp_path.glob(".backup-*")):
        assert process.poll() is None
        time.sleep(0.005)
    process.kill()
    process.wait()
    if connection.vendor == "postgresql":
        until_all_have_left_but(ours)  # pg_dump ends once it finds nobody there
    assert not file.exists()

    make_backup(file)
    Program.objects.all().delete()
    restore_backup(file, replace=True)
    assert Program.objects.get().slug == "conf"


def full(*, is_full):
    """Let the database take no more, or take it again."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            if is_full:  # also of the pages that other tests have used and left free
                left, size = number(cursor, "freelist_count"), number(cursor, "page_size")
                cursor.execute("CREATE TABLE ballast AS SELECT zeroblob(%s)", [left * size])
            # SQLite then says what it says when the disk is full.
            pages = number(cursor, "page_count") if is_full else 2**30
            cursor.execute(f"PRAGMA max_page_count = {pages}")
            if not is_full:
                cursor.execute("DROP TABLE ballast")
        else:
            cursor.execute(FULL if is_full else "DROP FUNCTION full_disk CASCADE")


def number(cursor, pragma):
    cursor.execute(f"PRAGMA {pragma}")
    return cursor.fetchone()[0]


@pytest.mark.each
def test_what_cannot_be_saved_stays_in_the_form(client):
    day = datetime.date(2090, 7, 10)
    program = ProgramFactory(starts_on=day, ends_on=day)
    person = ParticipantFactory(program=program, mentee=True)
    typed = {
        "seen": 0,
        "name": "Ana Lima",
        "role": "mentee",
        "attendance": "in_person",
        "expertise": [program.fields.first().pk],
        "sector": program.sectors.first().pk,
        "notes": "I hope to " + "learn " * 200,
    }
    full(is_full=True)
    try:
        answer = client.post(person.answers_path, typed)
    finally:
        full(is_full=False)

    page = answer.content.decode()
    assert answer.status_code == 503
    assert "Not saved: the site can’t save anything right now" in page
    assert typed["notes"].strip() in page
    assert not person.responses.exists()
    assert client.post(person.answers_path, typed).status_code == 302
    assert person.responses.get().notes == typed["notes"].strip()
