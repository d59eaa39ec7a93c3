"""What of an import a worker does, because a page should not wait so long, and how far it is.

Which job is at work stands in the import's own `progress`, how far it has come in the cache that
the worker shares with the pages: what an open transaction writes into the database nobody sees.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from celery import current_app
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

from mentorship.domain.imports.undo import touched, undo_import, why_not_at_all
from mentorship.domain.queue import QueueUnreachable, check_queue
from mentorship.models import Import

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Longer than this nothing takes between two signs of life.
_SILENT_FOR = datetime.timedelta(seconds=60)
# For so many seconds the cache keeps how far a job is.
_PROGRESS_KEPT = 24 * 60 * 60
# More rows than this take longer than a page should.
ROWS_AT_ONCE = 2000
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobProgress:
    """How far a worker is with a job: people done of a total (0: not known yet).

    `silent`: there has been no sign of life for a minute; the last one was at `moved`.
    """

    job: str
    rows: int
    done: int
    total: int
    moved: datetime.datetime

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0

    @property
    def silent(self) -> bool:
        return timezone.now() - self.moved > _SILENT_FOR


def is_large(draft: Import) -> bool:
    """Return whether a draft has more rows than a page should wait for."""
    return int(draft.progress.get("rows", 0)) > ROWS_AT_ONCE


def hand_over(draft: Import, task: str) -> bool:
    """Leave a job to a worker, and return whether the queue takes it."""
    try:
        check_queue()
    except QueueUnreachable:
        return False
    kept = {key: draft.progress[key] for key in ("rows", "by") if key in draft.progress}
    draft.progress = kept | {"job": task, "at": timezone.now().isoformat()}
    draft.save(update_fields=["progress"])
    transaction.on_commit(
        lambda: current_app.send_task(f"mentorship.tasks.{task}", [draft.pk], ignore_result=True)
    )
    return True


def show_progress(draft: Import, done: int, total: int) -> None:
    """Save how far a worker's job is, where its page finds it at once."""
    if not draft.progress.get("job"):
        return
    try:
        cache.set(_key(draft), (done, total, timezone.now()), _PROGRESS_KEPT)
    except Exception:  # each cache has errors of its own, and no import may fail for a bar
        logger.warning("Cannot save how far %s is", draft, exc_info=True)


def job_progress(row: Import) -> JobProgress:
    """Return how far a worker is with an import's job."""
    started = datetime.datetime.fromisoformat(row.progress["at"])
    done, total, moved = cache.get(_key(row)) or (0, 0, started)
    return JobProgress(row.progress["job"], row.progress["rows"], done, total, moved)


def start_undo(done: Import, by: User) -> bool:
    """Undo an import, now if it is small, else by a worker; return whether it is undone by now.

    Raise ValidationError, with nothing undone, if something was built on it.
    """
    rows = len(touched(done))
    if rows > ROWS_AT_ONCE and not why_not_at_all(done):
        done.progress = {"rows": rows, "by": by.pk}
        if hand_over(done, "undo_import"):
            return False
    undo_import(done, by)
    return True


def run_undo(done: Import) -> None:
    """Undo an import in the name of the member who asked for it.

    Raise ValidationError, with nothing undone, if something was built on it.
    """
    by = get_user_model().objects.filter(pk=done.progress.get("by")).first()
    with acting_as(by):
        undo_import(done, by)
    Import.objects.filter(pk=done.pk).update(progress={})


@contextmanager
def acting_as(user: User | None) -> Iterator[None]:
    """Have the history name this user, as in a page, where the request names them."""
    HistoricalRecords.context.request = SimpleNamespace(user=user)
    try:
        yield
    finally:
        del HistoricalRecords.context.request


def work_on(row: Import, job: Callable[[Import], Any]) -> None:
    """Do a worker's job on an import, and leave with it why it could not be done."""
    try:
        job(row)
    except ValidationError as error:
        state = {"rows": row.progress.get("rows", 0), "error": " ".join(error.messages)}
        Import.objects.filter(pk=row.pk).update(progress=state)


def _key(row: Import) -> str:
    # The moment tells a job from an earlier one of the same import.
    return f"import-progress:{row.pk}:{row.progress['at']}".replace(" ", "")
