"""Beat's schedule, which is kept in the database and outlives that the database is away.

Of several beats, on one machine or on many, one goes by the schedule; the others wait for its turn
to end.
"""

from __future__ import annotations

import datetime
import logging
import os
import socket
import time
import uuid
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django_celery_beat.schedulers import DatabaseScheduler

from mentorship.domain.heartbeat import BEAT, end_turn, take_turn, whose_turn

logger = logging.getLogger(__name__)
SECONDS_BETWEEN_TRIES = 1
# A quarter of how long a turn lasts.
SECONDS_BETWEEN_SIGNS = 5
# Clocks are set back by less than this all the time.
CLOCK_DRIFT = datetime.timedelta(seconds=5)


class Scheduler(DatabaseScheduler):
    """Goes by the schedule that it knows while the database restarts, and at first waits for it.

    The scheduler of django-celery-beat ends the whole process when it cannot read.
    """

    _sign_at = 0.0
    _has_turn = False
    _waits_for: str | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        host = socket.gethostname()[:60]
        self.name = f"process {os.getpid()} on {host} ({uuid.uuid4().hex[:12]})"
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Do what is due if it is this one's turn, and leave a sign of life now and then."""
        if time.monotonic() >= self._sign_at:
            self._take_turn()
        if not self._has_turn:
            return SECONDS_BETWEEN_SIGNS
        self._follow_clock_back()
        return super().tick(*args, **kwargs)

    def _take_turn(self) -> None:
        try:
            has_turn = take_turn(BEAT, self.name)
            if not has_turn and (holder := whose_turn(BEAT)) != self._waits_for:
                logger.warning("Another beat is at work: %s. This one waits.", holder)
                self._waits_for = holder
        except (OperationalError, InterfaceError) as error:
            # Who had the turn keeps it: what is sent twice is done once.
            logger.warning("Beat cannot leave a sign of life at the moment (%s)", error)
            connection.close()
            has_turn = self._has_turn
        if has_turn and self._waits_for:
            logger.warning("The other beat is gone. This one goes by the schedule from now on.")
            self._waits_for = None
            # What the other one has done since is in the database.
            self._schedule, self._initial_read, self._heap = None, True, None
        self._has_turn = has_turn
        self._sign_at = time.monotonic() + SECONDS_BETWEEN_SIGNS

    def close(self) -> None:
        """Write down what was done, and let another beat go on at once."""
        super().close()
        try:
            end_turn(BEAT, self.name)
        except (OperationalError, InterfaceError) as error:
            logger.warning("Another beat has to wait until this one's turn is over (%s)", error)

    def _follow_clock_back(self) -> None:
        """Count what was started by a clock that was ahead as started now.

        Else nothing is due until the clock has caught up with it, and no email leaves.
        """
        now = timezone.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at > now + CLOCK_DRIFT]
        for entry in ahead:
            entry.last_run_at = entry.model.last_run_at = now
        if ahead:
            self._heap = None  # it is in the order of the clock that was ahead

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
