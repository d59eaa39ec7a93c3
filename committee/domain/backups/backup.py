"""Making a backup of the whole site, and restoring one."""

from __future__ import annotations

import datetime
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from committee.domain.backups import postgresql, sqlite
from committee.domain.backups.archive import KEY, Manifest, read_archive, write_archive
from committee.domain.backups.contents import Contents
from mentorship.domain.heartbeat import BACKUP, beat, last_beat
from mentorship.models import Program
from notifications.domain.outbox.after_restore import name_messages, statements

_TOOLS: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}
# A worker leaves a sign of life every 20 seconds.
STOPPED_FOR = datetime.timedelta(minutes=1)


@dataclass(frozen=True)
class Done:
    """What a backup has, or what was restored; `has_key`: the site's key is in the file."""

    made_at: datetime.datetime
    contents: Contents
    has_key: bool


def make_backup(file: Path, now: datetime.datetime | None = None) -> Done:
    """Back up the whole site into a file, while it runs, and note that it was done.

    Raise ValidationError, with no file written, if that is not possible.
    """
    made_at = now or timezone.now()
    tools = _tools()
    if not file.parent.is_dir():
        raise ValidationError(f"There is no folder {file.parent}.")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        dumped = Path(folder) / tools.MEMBER
        contents = tools.dump(dumped)
        members = {tools.MEMBER: dumped}
        if has_key := _keeps_its_key():
            members[KEY] = _key()
        write_archive(file, Manifest(made_at, connection.vendor, contents), members)
    beat(made_at, BACKUP)
    return Done(made_at, contents, has_key)


def restore_backup(file: Path, *, replace: bool = False) -> Done:
    """Put a backup in the place of what is there, hold every outbox, and migrate it to today.

    All or nothing: it is one transaction. Raise ValidationError, with nothing changed, if the file
    is no whole backup of this kind of database, if it was made by a newer version, if the site
    runs, or if there is data that `replace` does not give up.
    """
    tools = _tools()
    refuse_while_running()
    if not replace and has_data():
        raise ValidationError(
            "There are accounts or programs here already. Add --replace to give them up."
        )
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR, prefix=".restore-") as name:
        folder = Path(name)
        manifest = read_archive(file, folder)
        _refuse_unsuitable(manifest)
        zone = "+00" if connection.vendor == "postgresql" else ""
        tools.load(folder / tools.MEMBER, manifest.contents, statements(manifest.made_at, zone))
        if has_key := (folder / KEY).exists() and not settings.HAS_OWN_SECRET_KEY:
            shutil.copyfile(folder / KEY, draft := _key().with_suffix(".part"))
            os.chmod(draft, 0o600)
            draft.replace(_key())
    call_command("migrate", verbosity=0)
    connection.check_constraints()
    name_messages()
    return Done(manifest.made_at, manifest.contents, has_key)


def refuse_while_running(now: datetime.datetime | None = None) -> None:
    """Raise ValidationError if the worker was seen within the last minute."""
    try:
        seen = last_beat()
    except DatabaseError:
        return  # there is nothing that could run
    if seen and (now or timezone.now()) - seen < STOPPED_FOR:
        raise ValidationError(
            "The worker was at work within the last minute. Stop web server, worker and beat, "
            "wait a minute, and try again."
        )


def has_data(database: str = "default") -> bool:
    """Return whether somebody has an account in this database, or there is a program."""
    try:
        return any(
            model._base_manager.using(database).exists() for model in (get_user_model(), Program)
        )
    except DatabaseError:
        return False  # without tables


def _refuse_unsuitable(manifest: Manifest) -> None:
    if manifest.made_by != connection.vendor:
        raise ValidationError(
            f"This backup is of a {manifest.made_by} database, and DATABASE_URL names a "
            f"{connection.vendor} one. Restore it where DATABASE_URL names the same kind, then "
            "move it with move_database."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(manifest.contents.migrations) - known):
        raise ValidationError(
            f"This backup was made by a newer version (it has {newer[0]}). Upgrade first."
        )


def _tools() -> ModuleType:
    return _TOOLS[connection.vendor]


def _key() -> Path:
    return Path(settings.VAR_DIR) / "secret_key"


def _keeps_its_key() -> bool:
    return not settings.HAS_OWN_SECRET_KEY and _key().exists()
