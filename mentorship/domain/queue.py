"""The queue that wakes the workers."""

from __future__ import annotations

from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError


class QueueUnreachable(Exception):
    """The broker does not answer; the message names it without its password."""


def check_queue() -> None:
    """Return if the broker answers within a few seconds, else raise QueueUnreachable."""
    try:
        with current_app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
    except (OperationalError, OSError) as error:
        parts = urlsplit(settings.BROKER_URL)
        where = f"{parts.scheme}://{parts.hostname}:{parts.port}" if parts.hostname else parts.path
        raise QueueUnreachable(
            f"The queue at {where or settings.BROKER_URL} does not answer ({error})."
        ) from error
