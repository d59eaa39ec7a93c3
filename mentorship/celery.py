"""The queue's application: finds every package's `tasks.py`; beat reads its schedule from the
database, into which `notifications` writes the sweep of the outbox."""

import os
import signal
from types import FrameType
from typing import Any

from celery import Celery, Task
from celery.apps.beat import Beat
from celery.beat import Service

from mentorship import file_queue


class PatientBeat(Beat):
    """A beat that TERM and INT end where it waits, or once it has read what it was reading.

    Celery's own writes the schedule at once, wherever the signal comes. In the middle of a query it
    then waits for ever for the connection that the same thread holds.
    """

    def install_sync_handler(self, service: Service) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            from mentorship.beat import Scheduler

            service.stop()
            # Here it waits, and nothing is under way, with the database or otherwise.
            waiting = (Service.start.__code__, Scheduler.all_as_schedule.__code__)
            if frame is not None and frame.f_code in waiting:
                raise SystemExit

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)


class LoggedTask(Task):
    """A task whose number stands in each line of the log that belongs to it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from mentorship.logs import belonging_to

        with belonging_to(self.request.id or "-"):
            return super().__call__(*args, **kwargs)


class Application(Celery):
    task_cls = "mentorship.celery:LoggedTask"

    @property
    def Beat(self) -> Any:  # noqa: N802 - as Celery calls it
        return self.subclass_with_self(PatientBeat, name="Beat")


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")
file_queue.use()
app = Application("mentorship")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
