"""A web server of the test's own, from which sheets are read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mentorship.domain.sources.connect import connect
from mentorship.domain.sources.runs import read_source
from mentorship.models import ImportSource, Participant, SourceRun


@dataclass
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]


@dataclass
class WebServer:
    """Answers each path as it was told: (status, headers, body), or what a function says."""

    server: ThreadingHTTPServer
    pages: dict[str, tuple[int, dict[str, str], bytes] | Callable] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> str:
        """Answer this path so, and return its address."""
        body = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = status, named, body
        return self.url + path


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    web: WebServer

    def do_GET(self) -> None:
        self.web.asked.append(Asked(self.path, dict(self.headers)))
        page = self.web.pages.get(self.path.partition("?")[0], (404, {}, b"nothing here"))
        if callable(page):
            page = page(self)
            if page is None:  # it has answered itself
                return
        status, headers, body = page
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args) -> None:
        """Say nothing."""


@pytest.fixture
def web(settings) -> Iterator[WebServer]:
    """A web server that the settings allow to be read from."""
    handler = type("OwnHandler", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    handler.web = web = WebServer(server)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    settings.SOURCE_HOSTS = [f"127.0.0.1:{web.port}"]
    yield web
    server.shutdown()
    server.server_close()


@pytest.fixture
def follow() -> Callable[..., ImportSource]:
    """Follow a sheet: `follow(program, address, brings="responses", automatic=False)`."""

    def follow(program, address: str, **settings) -> ImportSource:
        return connect(ImportSource(program=program, kind="sheet", address=address, **settings))

    return follow


def read(source: ImportSource) -> SourceRun:
    """Read a source now, whenever it is due, and return what came of it."""
    ImportSource.objects.filter(pk=source.pk).update(next_at="2020-01-01T00:00Z")
    assert read_source(source.pk)
    source.refresh_from_db()
    return source.runs.first()


def outcome(source: ImportSource) -> tuple[str, str]:
    """Read a source now, and return its outcome with the words that say why."""
    run = read(source)
    return run.outcome, run.words


def people(program) -> dict[str, tuple[str, str, str]]:
    """Return everyone of a program: address → name, role, attendance."""
    return {
        person.email: (person.name, person.role, person.attendance)
        for person in Participant.objects.filter(program=program).order_by("email")
    }


def flagged(program) -> list[str]:
    """Return who is listed as no longer registered."""
    gone = Participant.objects.filter(program=program, missing_since__isnull=False)
    return sorted(gone.values_list("email", flat=True))
