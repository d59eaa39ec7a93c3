"""What an installation is given: the values of its settings, its folders, and its secret key."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError, connection

# With less than this an upload or an hour of email may already fail.
FREE_AT_LEAST = 50 * 1024 * 1024
_DATABASES = ("postgres://", "postgresql://", "sqlite://")
_NOT_THERE = ("42P01", "42703")  # PostgreSQL: no such table, no such column
_YES = environ.Env.BOOLEAN_TRUE_STRINGS
_NO = ("false", "off", "no", "n", "0")


class Environment(environ.FileAwareEnv):
    """The environment, in which a setting is what stands there, or the content of a file.

    What is empty counts as not set. ImproperlyConfigured says in a sentence which value is wrong.
    """

    def get_value(
        self, var: str, cast: Any = None, default: Any = None, parse_default: bool = False
    ) -> Any:
        """Return the value of one setting, or its default."""
        try:
            given = self.ENVIRON.get(var, "").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{var}_FILE names a file that cannot be read.") from error
        if not given:
            return default
        if cast is int and not given.isdecimal():
            raise ImproperlyConfigured(f"{var} is “{given}”, which is not a whole number.")
        if cast is bool and given.lower() not in (*_YES, *_NO):
            raise ImproperlyConfigured(f"{var} is “{given}”. Write true or false.")
        value = self.parse_value(given, cast)
        return [each.strip() for each in value] if cast is list else value

    def one_of(self, var: str, *choices: str) -> str:
        """Return the value of a setting that knows these only; the first is its default."""
        given: str = self.str(var, default=choices[0])
        if given not in choices:
            raise ImproperlyConfigured(f"{var} is “{given}”. Write one of {', '.join(choices)}.")
        return given

    def web_address(self, var: str, default: str) -> str:
        """Return the address of a site, without a slash at its end."""
        given: str = self.str(var, default=default).rstrip("/")
        parts = urlsplit(given)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ImproperlyConfigured(
                f"{var} is “{given}”. Write it as in a browser, such as https://mentors.example.org."
            )
        return given


def database_at(url: str) -> dict[str, Any]:
    """Return Django's settings of the database at this address.

    Raise ValueError, which quotes nothing of it, if it is none: it may have a password.
    """
    if url.startswith(_DATABASES):
        with contextlib.suppress(ValueError):
            found: dict[str, Any] = environ.Env.db_url_config(url)
            if found["NAME"]:
                return found
    raise ValueError(
        "That is not the address of a database. Write postgres://user:password@host:5432/name, and "
        "in the password %40 for @, %2F for /, %23 for # and %25 for %."
    )


def about_the_database(error: DatabaseError) -> str:
    """Return in a sentence what the host has to do; "" if the fault is in the code."""
    said = str(error).partition("\n")[0]
    state = getattr(error.__cause__, "sqlstate", None)
    if state in _NOT_THERE or said.startswith(("no such table", "no such column")):
        return f"The database is not up to date ({said}). Run: python manage.py migrate"
    if isinstance(error, OperationalError):
        return (
            f"The database does not do this ({said}). Look at it, at its disk and at DATABASE_URL."
        )
    return ""


def free_bytes() -> int:
    """Return how much room is left where VAR_DIR and an SQLite database are."""
    places = [Path(settings.VAR_DIR)]
    if connection.vendor == "sqlite":
        places.append(Path(connection.settings_dict["NAME"]).parent)
    return min(shutil.disk_usage(place).free for place in places)


class FolderUnwritable(Exception):
    """VAR_DIR cannot be written to; the message says so in a sentence."""


def make_folders(var_dir: Path, folders: list[Path]) -> None:
    """Make VAR_DIR and these folders below it unless they are there; VAR_DIR for its owner alone.

    What it holds is personal data. Raise FolderUnwritable if that is not possible.
    """
    try:
        var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderUnwritable(
            f"Cannot write to {var_dir} ({error.strerror}). Choose another folder with VAR_DIR."
        ) from error


def kept_secret_key(var_dir: Path) -> str:
    """Return the secret key that is kept under VAR_DIR, made at the first call.

    A key made anew at every start would sign every committee member out. Of two processes that
    make one at once, both return the same. Raise FolderUnwritable if it cannot be kept.
    """
    kept = var_dir / "secret_key"
    if not kept.exists():
        make_folders(var_dir, [])
        with tempfile.NamedTemporaryFile("w", dir=var_dir) as draft:
            draft.write(secrets.token_urlsafe(50))
            draft.flush()
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, kept)
    return kept.read_text().strip()
