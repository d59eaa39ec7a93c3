"""Fetching one address: safely, within a time and a size, and with what went wrong in words."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin

import certifi
import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError
from urllib3.exceptions import TimeoutError as SilentError

from mentorship.domain.sources.web.network import Target, target_of
from mentorship.domain.sources.web.trouble import SourceTrouble

BYTES_AT_MOST = 20 * 1024 * 1024
SECONDS_AT_MOST = 30
# Between two signs of life.
_SILENT_AT_MOST = 10
_REDIRECTS_AT_MOST = 5
_REDIRECTS = {301, 302, 303, 307, 308}
_AT_ONCE = 64 * 1024


@dataclass(frozen=True)
class Fetched:
    """An answer: its status, its headers (in lower case), and all of its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    host: str

    @property
    def retry_after(self) -> int:
        """For how many seconds the other side wants to be left alone; 0 if it does not say."""
        said = self.headers.get("retry-after", "")
        return min(int(said), 24 * 60 * 60) if said.isdecimal() and len(said) < 9 else 0


def fetch(
    url: str, *, headers: Mapping[str, str] | None = None, seconds: float = SECONDS_AT_MOST
) -> Fetched:
    """Return what this address answers, after at most five redirects, each of them checked.

    `headers` go along only as long as host and scheme stay. `seconds` are for all of it. Raise
    SourceTrouble if nobody may or can be asked, or if the answer is too slow or too large.
    """
    ends = time.monotonic() + seconds
    target, sent = target_of(url), dict(headers or {})
    for _ in range(_REDIRECTS_AT_MOST + 1):
        answer = _ask(target, sent, ends)
        if answer.status not in _REDIRECTS or "location" not in answer.headers:
            return answer
        url = urljoin(url, answer.headers["location"])
        before, target = target, target_of(url)
        if target.origin != before.origin:
            sent = {}
    raise SourceTrouble(f"{target.host} sends us from one address to the next without an end.")


def _ask(target: Target, headers: Mapping[str, str], ends: float) -> Fetched:
    failed: Exception | None = None
    for machine in target.machines:
        connection = _connection(target, machine, ends)
        with contextlib.closing(connection), _hung_up_at(ends, connection):
            try:
                connection.connect()
            except (HTTPError, OSError) as error:
                failed = error
                continue
            return _answer(connection, target, headers, ends)
    raise _failed(target, failed, ends) from failed


def _connection(target: Target, machine: str, ends: float) -> HTTPConnection:
    timeout = urllib3.Timeout(max(0.1, min(_SILENT_AT_MOST, ends - time.monotonic())))
    if target.scheme == "http":
        return HTTPConnection(machine, target.port, timeout=timeout.connect_timeout)
    return HTTPSConnection(
        machine,
        target.port,
        timeout=timeout.connect_timeout,
        ssl_context=_certificates(),
        server_hostname=target.host,  # whose certificate it has to be
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Return who is trusted: the authorities of the system, and Mozilla's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _answer(
    connection: HTTPConnection, target: Target, headers: Mapping[str, str], ends: float
) -> Fetched:
    sent = {
        "Host": target.host_header,
        "User-Agent": f"mentorship (+{settings.SITE_URL})",
        # A compressed answer can be of any size once it is unpacked.
        "Accept-Encoding": "identity",
        **headers,
    }
    try:
        connection.request("GET", target.path, headers=sent, preload_content=False)
        response = connection.getresponse()
        body = _body(response, target)
    except (HTTPError, OSError) as error:
        raise _failed(target, error, ends) from error
    if time.monotonic() >= ends:  # what broke off because we hung up looks like an end
        raise _failed(target, None, ends)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise SourceTrouble(f"{target.host} sends something compressed that it was not asked for.")
    names = {name.lower(): value for name, value in response.headers.items()}
    return Fetched(response.status, names, body, target.host)


def _body(response: urllib3.BaseHTTPResponse, target: Target) -> bytes:
    parts, size = [], 0
    for part in response.stream(_AT_ONCE, decode_content=False):
        size += len(part)
        if size > BYTES_AT_MOST:
            raise SourceTrouble(
                f"{target.host} sends more than {BYTES_AT_MOST // 1024**2} MB. That is no list of "
                "people of one conference. Check the address."
            )
        parts.append(part)
    return b"".join(parts)


@contextlib.contextmanager
def _hung_up_at(ends: float, connection: HTTPConnection) -> Iterator[None]:
    """Hang up when the time is over, also on somebody who sends a byte every other second."""

    def hang_up() -> None:
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(2)

    timer = threading.Timer(max(0.0, ends - time.monotonic()), hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _failed(target: Target, error: Exception | None, ends: float) -> SourceTrouble:
    nobody = SourceTrouble(f"{target.host} does not answer.")
    if isinstance(error, NewConnectionError):  # which is a timeout to urllib3, whatever it was
        return nobody
    if time.monotonic() >= ends or isinstance(error, TimeoutError | SilentError):
        return SourceTrouble(f"{target.host} takes too long to answer.")
    if isinstance(error, ssl.SSLError) or "certificate" in str(error).casefold():
        return SourceTrouble(
            f"The certificate of {target.host} is not valid, so it may be somebody else’s machine."
        )
    if isinstance(error, ProtocolError):
        return SourceTrouble(f"The answer of {target.host} breaks off.")
    return nobody
