"""What a worker does because a page should not wait so long, and how far it is.

How far it has come stands in the cache that the worker shares with the pages: what an open
transaction writes into the database nobody sees.
"""

from __future__ import annotations

import datetime
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from celery import current_app
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from simple_history.models import HistoricalRecords

from mentorship.domain.queue import QueueUnreachable, check_queue

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# So many seconds apart a worker gives signs of life, and longer than this it misses none.
_SIGN_EVERY = 15
_SILENT_FOR = datetime.timedelta(seconds=60)
# A worker that is free takes a job within a second.
_WAITING_FOR = datetime.timedelta(seconds=10)
# For so many seconds the cache keeps how far a job is.
_PROGRESS_KEPT = 24 * 60 * 60
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerProgress:
    """How far a worker is: `done` of a `total` (0: not known yet), and in `words` what it does.

    `moved` is when there was the last sign of life, or when the job was asked for.
    """

    done: int
    total: int
    words: str
    moved: datetime.datetime
    begun: bool

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0

    @property
    def waiting(self) -> bool:
        """Whether no worker has taken the job, though one that is free would have by now."""
        return not self.begun and timezone.now() - self.moved > _WAITING_FOR

    @property
    def silent(self) -> bool:
        """Whether there has been no sign of life for a minute."""
        return timezone.now() - self.moved > _SILENT_FOR


def queue_answers() -> bool:
    """Return whether the queue takes jobs at the moment."""
    try:
        check_queue()
    except QueueUnreachable:
        return False
    return True


def hand_over(task: str, *arguments: Any) -> bool:
    """Have a worker run a task at once; return whether the queue took it.

    Nobody waits for a queue that is away: the log says so.
    """
    try:
        current_app.send_task(task, arguments, retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        logger.warning("The queue does not answer, so no worker was told of %s (%s)", task, error)
        return False
    return True


def leave_to_worker(task: str, *arguments: Any) -> None:
    """Have a worker run a task once the transaction is over."""
    transaction.on_commit(lambda: current_app.send_task(task, arguments, ignore_result=True))


def show_progress(job: str, done: int, total: int, words: str = "") -> None:
    """Save how far a job is, where its page finds it at once; `job` is a name of its own."""
    _keep(_key("progress", job), (done, total, words, timezone.now()))


@contextmanager
def alive(job: str) -> Iterator[None]:
    """Keep showing that a job is alive while the block runs, however long one step of it takes."""
    over = threading.Event()

    def give_signs() -> None:
        while not over.wait(_SIGN_EVERY):
            _keep(_key("alive", job), timezone.now())

    thread = threading.Thread(target=give_signs, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def progress_of(job: str, asked_at: datetime.datetime) -> WorkerProgress:
    """Return how far a worker is with a job that was asked for then."""
    try:
        known = cache.get_many([_key("progress", job), _key("alive", job)])
    except Exception:  # no page may fail for a bar either
        known = {}
    if shown := known.get(_key("progress", job)):
        done, total, words, moved = shown
        moved = max(moved, known.get(_key("alive", job), moved))
        return WorkerProgress(done, total, words, moved, begun=True)
    return WorkerProgress(0, 0, "", asked_at, begun=False)


def _keep(key: str, value: Any) -> None:
    try:
        cache.set(key, value, _PROGRESS_KEPT)
    except Exception:  # each cache has errors of its own, and no job may fail for a bar
        logger.warning("Cannot save %s", key, exc_info=True)


def _key(what: str, job: str) -> str:
    return f"{what}:{job}".replace(" ", "")


@contextmanager
def acting_as(user: User | None) -> Iterator[None]:
    """Have the history name this user, as in a page, where the request names them."""
    HistoricalRecords.context.request = SimpleNamespace(user=user)
    try:
        yield
    finally:
        del HistoricalRecords.context.request
