"""What gunicorn, the web server, does our way: its log, and the times that its processes share."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger

from mentorship.logs import FORMATTERS, LEFT_OUT

# With this variable prometheus-client keeps its numbers in files of this folder, one a process.
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class ServerLog(Logger):
    """Gunicorn's log with nobody's data in it, in the form that all else is logged in."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")
        for handler in self.error_log.handlers:
            handler.setFormatter(FORMATTERS[settings.LOG_FORMAT]())
        self.error_log.addFilter(_WithoutRequests(os.getpid()))


class _WithoutRequests(logging.Filter):
    """Takes out what was asked for: what the processes that answer log may quote it.

    Gunicorn's first process answers nobody, and speaks of processes alone.
    """

    def __init__(self, first_process: int) -> None:
        super().__init__()
        self._first_process = first_process

    def filter(self, record: logging.LogRecord) -> bool:
        if os.getpid() == self._first_process:
            return True
        if isinstance(record.args, tuple) and record.args:
            record.args = tuple(each if isinstance(each, int) else LEFT_OUT for each in record.args)
        elif str(record.msg).startswith("Invalid request from"):
            record.msg = f"Invalid request {LEFT_OUT}"
        return True


def share_request_times() -> Callable[[Any], None]:
    """Have the processes count request times together; return what ends it.

    The files are in a folder of this start. Its size is bounded by the routes, since no label holds
    what somebody sends.
    """
    folder = os.environ[_FOLDER] = tempfile.mkdtemp(prefix="mentorship-request-times-")
    return lambda server: shutil.rmtree(folder, ignore_errors=True)
