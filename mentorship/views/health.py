"""Whether the parts that the site stands on answer."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse

from mentorship.domain.heartbeat import is_silent, last_beat
from mentorship.domain.queue import QueueUnreachable, check_queue


def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 with the state of database and queue, 503 if one of them is out of reach.

    It also says whether the worker was seen within five minutes. That does not make the web
    server unwell: starting it anew would not help.
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
