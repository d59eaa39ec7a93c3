"""The application as a web server runs it, with what each request writes undone.

So that thousands of odd requests, some of which delete or sign out, all meet the same site. To be
named to gunicorn instead of `mentorship.wsgi`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction

from mentorship.wsgi import application as site

# It closes a connection that is in the middle of a transaction.
for signal in (request_started, request_finished):
    signal.disconnect(close_old_connections)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a request, and take back what it wrote."""
    with transaction.atomic():
        response = site(environ, start_response)
        try:
            return [b"".join(response)]
        finally:
            response.close()
            transaction.set_rollback(True)
