"""Each request in the log and in the numbers: what was asked for, and what came of it."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from mentorship.interfaces.request_times import note_request
from mentorship.logs import OF_A_REQUEST, belonging_to

logger = logging.getLogger("mentorship.requests")
# A proxy may have given the request a number already.
_NUMBER = re.compile(r"[A-Za-z0-9-]{8,64}")
METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}
# They ask every few seconds, and what they find out is not about requests.
_UNLOGGED = {"health", "ready", "metrics"}


class RequestLogMiddleware:
    """Names each request in the log and in its answer; logs its address without what fills it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "") if settings.TRUST_PROXY else ""
        number = given if _NUMBER.fullmatch(given) else uuid.uuid4().hex
        with belonging_to(number):
            began = time.monotonic()
            response = self.get_response(request)
            response["X-Request-ID"] = number
            self._log(request, response, time.monotonic() - began)
        return response

    def _log(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        match = request.resolver_match
        if match and match.url_name in _UNLOGGED:
            return
        method = request.method if request.method in METHODS else "(other)"
        route = (match.view_name if match.url_name else match.route) if match else "(none)"
        note_request(route, method, response.status_code, seconds)
        values = (
            method,
            match.route if match else "(none)",
            response.status_code,
            round(seconds * 1000),
        )
        fields = {**dict(zip(OF_A_REQUEST, values, strict=False)), **_account(request)}
        logger.info("%s %s %s %s ms", *values, extra=fields)


def _account(request: HttpRequest) -> dict[str, int]:
    """Return the number of the account that asked, if the page looked who it was."""
    session = getattr(request, "session", None)
    if session is None or not session.accessed or SESSION_KEY not in session:
        return {}
    return {"account": int(session[SESSION_KEY])}
