"""Whether the services that the site needs answer."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse

from mentorship.domain.heartbeat import BOUNCES, SENDING, is_silent, last_beat, troubles
from mentorship.domain.queue import QueueUnreachable, check_queue


def health(request: HttpRequest) -> JsonResponse:
    """Return 200 with the state of database and queue, 503 if one of them can't be reached.

    `worker` says whether the worker was seen within five minutes, `email` and `bounces` whether the
    mail server and the mailbox for bounces can be used. They leave the status at 200: restarting
    the web server would not help.
    """
    state = {"database": "ok", "queue": "ok"}
    parts = dict.fromkeys(("worker", "email", "bounces"), "unknown")
    try:
        troubled = troubles()
        parts = {
            "worker": "silent" if is_silent(last_beat()) else "ok",
            "email": "trouble" if SENDING in troubled else "ok",
            "bounces": "trouble" if BOUNCES in troubled else "ok",
        }
    except DatabaseError:
        state["database"] = "unreachable"
    try:
        check_queue()
    except QueueUnreachable:
        state["queue"] = "unreachable"
    well = set(state.values()) == {"ok"}
    return JsonResponse(
        {"status": "ok" if well else "unwell"} | state | parts,
        status=200 if well else 503,
        headers={"Cache-Control": "no-store"},
    )
