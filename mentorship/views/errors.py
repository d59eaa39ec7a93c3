"""What is shown when a page cannot be made."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error

_SECONDS_TO_WAIT = 10


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that a request cannot be understood, without reading its body, which may be why."""
    return render(request, "400.html", status=400)


@requires_csrf_token
def failed(request: HttpRequest) -> HttpResponse:
    """Say that something went wrong; of a database that is away, that it helps to wait.

    What a participant has typed stands on that page, and can be sent again from there.
    """
    if not isinstance(sys.exception(), (OperationalError, InterfaceError)):
        return server_error(request)
    typed = []
    if request.method == "POST" and request.path.startswith("/p/"):
        typed = [
            (name, value)
            for name, values in request.POST.lists()
            if name != "csrfmiddlewaretoken"
            for value in values
        ]
    response = render(request, "503.html", {"typed": typed}, status=503)
    response["Retry-After"] = str(_SECONDS_TO_WAIT)
    return response
