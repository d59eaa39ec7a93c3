"""The web server as it runs for real: what its log holds, and what its processes count together."""

import http.client
import json
import os
import re
import signal
import socket

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.services import SURELY_WITHIN_SECONDS, free_port, wait_for_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
TOKEN = "s3cret"
BY_TLS = {"X-Forwarded-Proto": "https"}
WORDS = ("zzyzx", "quux", "kEy-of-A-person")
LINK = (
    b"POST /link/ HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
)
# Whatever of a request gunicorn refuses by itself, it would quote; some of them the body's reader.
HOSTILE = (
    b"GET /p/kEy-of-A-person/?q=Zzyzx Quux HTTP/1.1\r\n\r\n",
    b"Zzyzx@mail.example /p/kEy-of-A-person/ HTTP/1.1\r\n\r\n",
    b"GET /p/kEy-of-A-person/ HTTP/zzyzx.quux\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nZzyzx Quux: kEy-of-A-person\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: Zzyzx\r\n Quux\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nExpect: zzyzx\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: zzyzx\r\n\r\n",
    LINK + b"zzyzx quux\r\n",
    LINK + b"10\r\nemail=zzyzx@quux\r\n7\r\nkEy-of-A-person\r\n",
)


def send(port, request):
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def ask(port, method, path, headers=BY_TLS):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), answer.headers


def get(port, path):
    return ask(port, "GET", path)[0]


def counts(port):
    """Return how many requests are counted, by route, method and class of status."""
    _, text, _ = ask(port, "GET", "/metrics", {"Authorization": f"Bearer {TOKEN}"})
    assert 'mentorship_check{check="database"} 1.0' in text
    (times,) = [
        family
        for family in text_string_to_metric_families(text)
        if family.name == "mentorship_request_seconds"
    ]
    return {
        tuple(sample.labels[label] for label in ("route", "method", "status")): sample.value
        for sample in times.samples
        if sample.name.endswith("_count")
    }


def check_headers(port):
    """Each answer says what a browser may do with it; what comes without TLS goes no further."""
    for path in ("/robots.txt", "/healthz", "/static/drawing.svg"):
        _, _, headers = ask(port, "GET", path)
        assert (
            headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        policy = headers["Content-Security-Policy"].split("; ")
        assert {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} < set(policy)
    status, _, headers = ask(port, "GET", "/robots.txt", {})
    assert (status, headers["Location"]) == (301, f"https://127.0.0.1:{port}/robots.txt")
    assert ask(port, "POST", "/hooks/pretix/zzyzx/", {})[:2] == (403, "Use https.\n")


@pytest.mark.slow
def test_nobodys_data_is_logged_and_all_processes_count(start_process, tmp_path):
    port, said = free_port(), tmp_path / "said"
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    server = start_process(
        *("-m", "gunicorn", "mentorship.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"),
        *("--threads", "4", "--error-logfile", str(said)),
        LOG_FORMAT="json",
        LOG_LEVEL="WARNING",
        METRICS_TOKEN=TOKEN,
        SITE_URL="https://localhost",
        TRUST_PROXY="true",
        VAR_DIR=str(tmp_path),
        TMPDIR=str(tmp_path),
    )
    wait_for_port(port)
    (folder,) = tmp_path.glob("mentorship-request-times-*")
    # Whichever process answers, it ends, and what it has counted stays.
    assert get(port, "/robots.txt?q=Zzyzx") == 200
    (counted,) = folder.glob("histogram_*.db")
    os.kill(int(re.search(r"\d+", counted.name)[0]), signal.SIGKILL)
    assert get(port, "/look/336699.css?q=Zzyzx") == 200
    assert len(list(folder.glob("histogram_*.db"))) == 2

    answers = [send(port, request) for request in HOSTILE]
    # Without collected static files no page can be made, not even that of an error.
    assert get(port, "/p/kEy-of-A-person/?q=Zzyzx") == 500
    assert get(port, "/nowhere/Zzyzx") == 500

    assert [answer.split()[1][:1] for answer in answers] == ["4"] * 6 + ["5"] * 3
    assert counts(port) == {("robots.txt", "GET", "2xx"): 1, ("look_color", "GET", "2xx"): 1}
    check_headers(port)
    server.terminate()
    assert server.wait(SURELY_WITHIN_SECONDS) == 0
    assert not folder.exists()
    text = said.read_text()
    entries = [json.loads(line) for line in text.splitlines()]
    assert {entry["logger"] for entry in entries} == {"gunicorn.error"}
    messages = [entry["message"] for entry in entries]
    assert messages.count("Invalid request (its message is left out)") == 7
    assert [word for word in WORDS if word.casefold() in text.casefold()] == []
