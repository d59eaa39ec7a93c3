"""Beat's schedule, which is kept in the database and outlives that the database is away."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django_celery_beat.schedulers import DatabaseScheduler

from mentorship.domain.heartbeat import BEAT, beat

logger = logging.getLogger(__name__)
SECONDS_BETWEEN_TRIES = 1
SECONDS_BETWEEN_SIGNS = 20


class Scheduler(DatabaseScheduler):
    """Goes by the schedule that it knows while the database restarts, and at first waits for it.

    The scheduler of django-celery-beat ends the whole process when it cannot read.
    """

    _sign_at = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Do what is due, and leave a sign of life now and then."""
        if time.monotonic() >= self._sign_at:
            try:
                beat(part=BEAT)
            except (OperationalError, InterfaceError) as error:
                logger.warning("Beat cannot leave a sign of life at the moment (%s)", error)
                connection.close()
            self._sign_at = time.monotonic() + SECONDS_BETWEEN_SIGNS
        return super().tick(*args, **kwargs)

    def all_as_schedule(self) -> dict[str, Any]:
        while True:
            try:
                return super().all_as_schedule()
            except (OperationalError, InterfaceError) as error:
                logger.warning("The schedule cannot be read at the moment (%s)", error)
                connection.close()
                if self._schedule is not None:
                    return self._schedule
                time.sleep(SECONDS_BETWEEN_TRIES)
