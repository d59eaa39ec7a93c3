"""The copy of an SQLite database, by SQLite's own backup, while others read and write."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import connection

from committee.domain.backups.contents import Contents, read_contents

MEMBER = "database.sqlite3"


def dump(to: Path) -> Contents:
    """Copy the database to a file, of one moment, and return what is in the copy.

    Raise ValidationError if the database itself is damaged.
    """
    with closing(sqlite3.connect(_file())) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        return _checked(copy)


def load(dumped: Path, expected: Contents, then: Sequence[str]) -> None:
    """Put a copy in the place of the database, with what these statements change in it.

    It is one transaction: who has the database open sees what was there, then what is there now.
    Raise ValidationError, with nothing changed, if the copy has not what is expected of it.
    """
    with closing(sqlite3.connect(dumped)) as copy:
        if wrong := expected.difference(_checked(copy)):
            raise ValidationError([f"The backup is not what it says: {words}." for words in wrong])
        with copy:
            for sql in then:
                copy.execute(sql)
        connection.close()
        file = Path(_file())
        file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file, timeout=20)) as target:
            target.execute("PRAGMA journal_mode=WAL")
            copy.backup(target)


def _file() -> str:
    return str(connection.settings_dict["NAME"])


def _checked(database: sqlite3.Connection) -> Contents:
    cursor = database.cursor()
    if (found := cursor.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
        raise ValidationError(f"The database is damaged: {found[0][0]}.")
    if found := cursor.execute("PRAGMA foreign_key_check").fetchall():
        raise ValidationError(
            f"The database is damaged: a row of {found[0][0]} points at one of {found[0][2]} that "
            "is not there."
        )
    tables = cursor.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return read_contents(cursor, [name for (name,) in tables.fetchall()])
