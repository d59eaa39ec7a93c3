"""Requests as a web server hands them over, and what goes back over the wire."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone

from mentorship.wsgi import application

# The same in cookie and header, as a page of this site would send it.
_CSRF = "c" * 32


@dataclass(frozen=True)
class Answer:
    """A response: its status, its headers as one text, and its whole body."""

    status: int
    headers: str
    body: bytes

    @property
    def location(self) -> str:
        lines = dict(line.partition(": ")[::2] for line in self.headers.split("\n"))
        return lines.get("Location", "")

    @property
    def is_page(self) -> bool:
        """Whether it says in words what to do: on a page, or to a script."""
        return b"<h1" in self.body or b'"why"' in self.body


@contextmanager
def _connections_stay() -> Iterator[None]:
    """Keep the test's connection, with its transaction, as Django's own test client does."""
    both = (request_started, request_finished)
    for signal in both:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in both:
            # A weak connection leaves a finalizer behind each time, as long as the process lives.
            signal.connect(close_old_connections, weak=False)


def session_of(user: User, **stored: Any) -> str:
    """Sign a user in and return the value of their cookie."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    # A whole round of requests may take longer than a password counts as just typed.
    confirmed = timezone.now() + datetime.timedelta(days=1)
    session.update({"confirmed_at": confirmed.isoformat(), **stored})
    session.save()
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def send(
    method: str,
    address: str,
    body: bytes = b"",
    content_type: str = "",
    *,
    session: str = "",
    headers: dict[str, str] | None = None,
) -> Answer:
    """Send a request to the application that `manage.py serve` and gunicorn run."""
    path, _, query = address.partition("?")
    cookies = SimpleCookie({settings.CSRF_COOKIE_NAME: _CSRF})
    if session:
        cookies[settings.SESSION_COOKIE_NAME] = session
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": cookies.output(header="", sep=";").strip(),
        "HTTP_X_CSRFTOKEN": _CSRF,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": content_type,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in (headers or {}).items():
        key = name.upper().replace("-", "_")
        environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value
    started: list[Any] = []
    with _connections_stay():
        response = application(environ, lambda *said: started.extend(said[:2]))
        try:
            content = b"".join(response)
        finally:
            response.close()
    status, lines = started
    return Answer(int(status[:3]), "\n".join(": ".join(line) for line in lines), content)
