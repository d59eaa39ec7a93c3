"""Whether the parts that the site stands on answer."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from mentorship.domain.queue import QueueUnreachable, check_queue


def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 with the state of database and queue, 503 if one of them is out of reach."""
    state = {"database": "ok", "queue": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        state["database"] = "unreachable"
    try:
        check_queue()
    except QueueUnreachable:
        state["queue"] = "unreachable"
    well = set(state.values()) == {"ok"}
    return JsonResponse(
        {"status": "ok" if well else "unwell"} | state,
        status=200 if well else 503,
        headers={"Cache-Control": "no-store"},
    )
