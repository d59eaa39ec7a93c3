"""Whether the services that the site needs answer."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse

from mentorship.domain.heartbeat import is_silent, last_beat
from mentorship.domain.queue import QueueUnreachable, check_queue


def health(request: HttpRequest) -> JsonResponse:
    """Return 200 with the state of database and queue, 503 if one of them can't be reached.

    `worker` says whether the worker was seen within five minutes. A silent worker leaves the
    status at 200: restarting the web server would not help.
    """
    state = {"database": "ok", "queue": "ok"}
    worker = "unknown"
    try:
        worker = "silent" if is_silent(last_beat()) else "ok"
    except DatabaseError:
        state["database"] = "unreachable"
    try:
        check_queue()
    except QueueUnreachable:
        state["queue"] = "unreachable"
    well = set(state.values()) == {"ok"}
    return JsonResponse(
        {"status": "ok" if well else "unwell"} | state | {"worker": worker},
        status=200 if well else 503,
        headers={"Cache-Control": "no-store"},
    )
