"""The dump of a PostgreSQL database, by pg_dump, pg_restore and psql."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from committee.domain.backups.contents import EMAILS, Contents, read_contents

MEMBER = "database.dump"


def dump(to: Path) -> Contents:
    """Dump the database to a file, of one moment, and return what was in it at that moment.

    Raise ValidationError if pg_dump is not there or cannot do it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # pg_dump sees what this transaction sees, so that what is counted is what is dumped.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        contents = read_contents(cursor, _tables())
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--schema=public",
             f"--snapshot={snapshot}", f"--file={to}", *_database())  # fmt: skip
    return contents


def load(dumped: Path, expected: Contents, then: Sequence[str]) -> None:
    """Put a dump in the place of the database's tables, with what these statements change in it.

    It is one transaction, which ends well only if the tables have what is expected of them. Raise
    ValidationError, with nothing changed, if they have not, or a tool is not there.
    """
    script = dumped.with_suffix(".sql")
    _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dumped))
    connection.close()
    begin = ["SET client_min_messages = warning;", "DROP SCHEMA IF EXISTS public CASCADE;"]
    if not _makes_its_schema(script):
        begin.append("CREATE SCHEMA public;")
    # The dump's own script leaves no schema to search.
    end = ["SET search_path = public;", _refusal(expected), *(f"{sql};" for sql in then)]
    with (dumped.parent / "whole.sql").open("w+b") as whole:
        whole.write("\n".join([*begin, ""]).encode())
        with script.open("rb") as made:
            shutil.copyfileobj(made, whole)
        whole.write("\n".join(["", *end, ""]).encode())
        whole.seek(0)
        _run("psql", "--no-psqlrc", "--quiet", "--single-transaction",
             "--set=ON_ERROR_STOP=1", *_database(), stdin=whole)  # fmt: skip


def _makes_its_schema(script: Path) -> bool:
    with script.open(encoding="utf-8", errors="replace") as lines:
        return any(line.startswith("CREATE SCHEMA public") for line in lines)


def _refusal(expected: Contents) -> str:
    """Return SQL that ends the transaction if a table or a state has not as many rows as it had."""
    counted = [
        *((f"the table {name}", f'public."{name}"', n) for name, n in expected.rows.items()),
        *(
            (f"emails that are {state}", f"public.{EMAILS} WHERE state = '{state}'", n)
            for state, n in expected.emails.items()
        ),
    ]
    checks = "\n".join(
        f"IF (SELECT count(*) FROM {rows}) <> {int(number)} THEN"  # noqa: S608
        f" RAISE EXCEPTION 'The backup is not what it says: {what}'; END IF;"
        for what, rows, number in counted
    )
    return f"DO $check$ BEGIN\n{checks}\nEND $check$;"


def _tables() -> list[str]:
    return connection.introspection.table_names()


def _database() -> list[str]:
    """Return the argument that names the database; the password stays out of it."""
    connection.ensure_connection()
    known = connection.connection.info.get_parameters()
    return [f"--dbname={make_conninfo(**known)}"]


def _run(tool: str, *arguments: str, stdin: IO[bytes] | None = None) -> None:
    path = shutil.which(tool)
    if path is None:
        raise ValidationError(
            f"{tool} is not on this machine. Install PostgreSQL's client programs, of the server's "
            "version or newer (Debian: apt-get install postgresql-client)."
        )
    password = str(connection.settings_dict["PASSWORD"] or "")
    done = subprocess.run(
        [path, *arguments],
        stdin=stdin,
        env=os.environ | ({"PGPASSWORD": password} if password else {}),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise ValidationError(f"{tool} could not do it: {said}")
