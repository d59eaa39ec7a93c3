"""What of an import may take longer than a page should: a worker does it, the page says how far.

The state of a job stands in the import's `progress`.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from celery import current_app
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

from mentorship.domain.imports.undo import touched, undo_import, why_not_at_all
from mentorship.domain.queue import QueueUnreachable, check_queue
from mentorship.models import Import

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

# The jobs of `mentorship.tasks`, in the words of the page that waits for them.
_DOING = {
    "preview_import": "Reading",
    "run_import": "Importing",
    "undo_import": "Undoing the import of",
}
# Longer than this nothing takes between two signs of life.
_SILENT_FOR = datetime.timedelta(seconds=60)
# More rows than this take longer than a page should.
ROWS_AT_ONCE = 2000


def is_large(draft: Import) -> bool:
    """Say whether a draft has more rows than a page should wait for."""
    return int(draft.progress.get("rows", 0)) > ROWS_AT_ONCE


def hand_over(draft: Import, task: str) -> bool:
    """Leave a job to a worker; say whether the queue takes it."""
    try:
        check_queue()
    except QueueUnreachable:
        return False
    kept = {key: draft.progress[key] for key in ("rows", "by") if key in draft.progress}
    draft.progress = kept | {"job": task, "at": _now()}
    draft.save(update_fields=["progress"])
    transaction.on_commit(
        lambda: current_app.send_task(f"mentorship.tasks.{task}", [draft.pk], ignore_result=True)
    )
    return True


def show_progress(draft: Import, done: int, total: int) -> None:
    """Save how far a job is, where its page finds it at once."""
    draft.progress |= {"done": done, "total": total, "at": _now()}
    if not connection.in_atomic_block:
        Import.objects.filter(pk=draft.pk).update(progress=draft.progress)
    elif connection.vendor == "postgresql":
        # Nobody sees what an open transaction writes, so a connection of its own says it. SQLite
        # lets nobody else write meanwhile; there the page only says that the import is at work.
        aside = connection.copy()
        try:
            with aside.cursor() as cursor:
                cursor.execute(
                    "UPDATE mentorship_import SET progress = %s WHERE id = %s",
                    [json.dumps(draft.progress), draft.pk],
                )
        finally:
            aside.close()


def progress_of(row: Import) -> dict[str, Any]:
    """Give how far a worker is with an import's job, for its page."""
    said = row.progress
    total, done = said.get("total", 0), said.get("done", 0)
    moved = datetime.datetime.fromisoformat(said["at"])
    return {
        "draft": row,
        "doing": _DOING[said["job"]],
        "reading": said["job"] == "preview_import",
        "rows": said["rows"],
        "done_so_far": done,
        "total": total,
        "percent": 100 * done // total if total else 0,
        "silent": timezone.now() - moved > _SILENT_FOR,
        "moved": moved,
    }


def take_back(done: Import, by: AbstractBaseUser) -> bool:
    """Undo an import, now if it is small, else by a worker; say whether it is undone by now.

    Raises ValidationError, with nothing undone, if something was built on it.
    """
    rows = len(touched(done))
    if rows > ROWS_AT_ONCE and not why_not_at_all(done):
        done.progress = {"rows": rows, "by": by.pk}
        if hand_over(done, "undo_import"):
            return False
    undo_import(done, by)
    return True


def take_back_now(done: Import) -> None:
    """Undo an import in the name of whoever asked for it.

    Raises ValidationError, with nothing undone, if something was built on it.
    """
    by = get_user_model().objects.filter(pk=done.progress.get("by")).first()
    with acting_as(by):
        undo_import(done, by)
    Import.objects.filter(pk=done.pk).update(progress={})


@contextmanager
def acting_as(user: AbstractBaseUser | None) -> Iterator[None]:
    """Have the history say that this user did it, as in a page, where the request says it."""
    HistoricalRecords.context.request = SimpleNamespace(user=user)
    try:
        yield
    finally:
        del HistoricalRecords.context.request


def work_on(row: Import, job: Callable[[Import], None]) -> None:
    """Do a worker's job on an import, and leave with it why it could not be done."""
    try:
        job(row)
    except ValidationError as error:
        state = {"rows": row.progress.get("rows", 0), "error": " ".join(error.messages)}
        Import.objects.filter(pk=row.pk).update(progress=state)


def _now() -> str:
    return timezone.now().isoformat()
