"""What of an import a worker does, because a page should not wait so long, and how far it is.

Which job is at work stands in the import's own `progress`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone

from mentorship.domain import jobs
from mentorship.domain.imports.undo import touched, undo_import, why_not_at_all
from mentorship.domain.programs.access import check_may_change
from mentorship.models import Import

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# More rows than this take longer than a page should.
ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class JobProgress:
    """How far a worker is with an import of so many rows; `so_far` counts people."""

    job: str
    rows: int
    so_far: jobs.WorkerProgress


def is_large(draft: Import) -> bool:
    """Return whether a draft has more rows than a page should wait for."""
    return int(draft.progress.get("rows", 0)) > ROWS_AT_ONCE


def hand_over(draft: Import, task: str) -> bool:
    """Leave a job to a worker, and return whether the queue takes it."""
    if not jobs.queue_answers():
        return False
    kept = {key: draft.progress[key] for key in ("rows", "by") if key in draft.progress}
    draft.progress = kept | {"job": task, "at": timezone.now().isoformat()}
    draft.save(update_fields=["progress"])
    jobs.leave_to_worker(f"mentorship.tasks.{task}", draft.pk)
    return True


def show_progress(draft: Import, done: int, total: int) -> None:
    """Save how far a worker's job is, where its page finds it at once."""
    if draft.progress.get("job"):
        jobs.show_progress(_name(draft), done, total)


def job_progress(row: Import) -> JobProgress:
    """Return how far a worker is with an import's job."""
    asked_at = datetime.datetime.fromisoformat(row.progress["at"])
    so_far = jobs.progress_of(_name(row), asked_at)
    return JobProgress(row.progress["job"], row.progress["rows"], so_far)


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
    if by:
        check_may_change(by, done.program)
    with jobs.acting_as(by):
        undo_import(done, by)
    Import.objects.filter(pk=done.pk).update(progress={})


def work_on(row: Import, job: Callable[[Import], Any]) -> None:
    """Do a worker's job on an import, and leave with it why it could not be done."""
    show_progress(row, 0, 0)
    try:
        with jobs.alive(_name(row)):
            job(row)
    except ValidationError as error:
        state = {"rows": row.progress.get("rows", 0), "error": " ".join(error.messages)}
        Import.objects.filter(pk=row.pk).update(progress=state)


def _name(row: Import) -> str:
    # The moment tells a job from an earlier one of the same import.
    return f"import:{row.pk}:{row.progress.get('at')}"
