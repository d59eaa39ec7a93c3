"""A web server that answers odd requests all day needs no more memory for it."""

import contextlib
import re
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from mentorship.domain import heartbeat
from mentorship.domain.heartbeat import BEAT, WORKER
from tests.committee.access.odd import Odd, draw_odd
from tests.committee.access.test_odd_requests import Site
from tests.conftest import free_port, wait_for_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]
REQUESTS, ROUND = 20_000, 500
# By then most pages were asked for in most ways: templates are read, and request times counted.
USUAL_AFTER = 10_000
GROWS_AT_MOST_MB = 15
THREADS = 4  # as in docker-compose.yml


@pytest.fixture
def server(start_process, tmp_path, settings) -> tuple[int, psutil.Process]:
    """Start a web server of one process, as in docker-compose.yml; give its port and process."""
    port = free_port()
    variables = {"VAR_DIR": str(tmp_path), "SECRET_KEY": str(settings.SECRET_KEY)}
    assert start_process("manage.py", "collectstatic", "-v0", **variables).wait(60) == 0
    parent = start_process(
        *("-m", "gunicorn", "tests.committee.access.undone", "--bind", f"127.0.0.1:{port}"),
        *("--workers", "1", "--threads", str(THREADS), "--log-level", "warning"),
        LOG_LEVEL="ERROR",
        **variables,
    )
    wait_for_port(port)
    urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").close()  # so the worker is there
    (worker,) = psutil.Process(parent.pid).children()
    return port, worker


def answer_to(odd: Odd, site: Site, port: int) -> tuple[int, bytes]:
    """Send a request over a connection of its own; return status (0: none) and what came back."""
    headers = {
        "Host": "localhost",
        "Cookie": f"csrftoken={'c' * 32}; sessionid={site.sessions.get(odd.who, '')}",
        "X-CSRFToken": "c" * 32,
        "Content-Type": odd.content_type,
        "Content-Length": str(len(odd.body)),
        "Connection": "close",
        **odd.headers,
    }
    lines = [f"{odd.method} {odd.path} HTTP/1.1", *map(": ".join, headers.items()), "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=60) as http:
        answer = b""
        with contextlib.suppress(OSError):  # it may hang up on what it does not want to read
            http.sendall("\r\n".join(lines).encode("latin-1") + odd.body)
            http.shutdown(socket.SHUT_WR)  # nothing more comes, whatever Content-Length says
            while more := http.recv(2**16):
                answer += more
    status = re.match(rb"HTTP/1.[01] (\d{3}) ", answer)
    return int(status[1]) if status else 0, answer


def test_memory_stays_flat_over_20_000_odd_requests(server):
    port, worker = server
    site = Site()
    sizes, wrong, unanswered = {}, [], 0
    with ThreadPoolExecutor(THREADS) as senders:
        for number in range(ROUND, REQUESTS + 1, ROUND):
            for part in (WORKER, BEAT):
                heartbeat.beat(part=part)  # /readyz looks for it
            drawn = draw_odd(ROUND, number, site.everyone, site.ours.blanks, site.ours.sent())
            answers = senders.map(lambda odd: answer_to(odd, site, port), drawn)
            for odd, (status, answer) in zip(drawn, answers, strict=True):
                unanswered += not status
                if status >= 500:
                    wrong.append((odd, status, answer))
            sizes[number] = worker.memory_info().rss >> 20
            if number % 2_000 == 0:
                print(f"{number:6} requests: {sizes[number]} MB", flush=True)
    site.close()

    assert wrong == []
    assert unanswered < REQUESTS / 50
    usual = [size for number, size in sizes.items() if number >= USUAL_AFTER]
    assert max(usual) - usual[0] <= GROWS_AT_MOST_MB
