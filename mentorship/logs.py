"""What is logged: each line with its request or task, and with nobody's data in it."""

from __future__ import annotations

import datetime
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from traceback import format_tb

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django.http import UnreadablePostError

# The request or task that a line belongs to; "-" between them.
_current: ContextVar[str] = ContextVar("request_id", default="-")
# What is known of a request beside the line's message.
OF_A_REQUEST = ("method", "route", "status", "ms", "account")
# Whose messages speak of servers and files. All others may quote what somebody typed.
_ABOUT_SERVERS = (OSError, OperationalError, InterfaceError, ImproperlyConfigured)
LEFT_OUT = "(its message is left out)"
_PERSONAL = (
    (re.compile(r"[^\s@<>\"'=,;:()]+@[^\s@<>\"',;:()]+\.[^\s@<>\"',;:()]+"), "(address)"),
    (re.compile(r"/p/[^/\s\"']+"), "/p/(key)"),  # a participant's link is a key
    (
        re.compile(r"(DETAIL|CONTEXT|PARAMETERS):.*", re.I),
        r"\1: (left out)",
    ),  # PostgreSQL's, with a row's values
)


@contextmanager
def belonging_to(name: str) -> Iterator[None]:
    """Let what is logged meanwhile belong to this request or task."""
    before = _current.set(name)
    try:
        yield
    finally:
        _current.reset(before)


def current() -> str:
    """Return the request or task that is at work; "-" if there is none."""
    return _current.get()


def scrub(text: str) -> str:
    """Return a text without addresses, participants' keys and rows that the database quotes."""
    for pattern, instead in _PERSONAL:
        text = pattern.sub(instead, text)
    return text


def describe(error: BaseException) -> str:
    """Return a traceback with the chain of errors, and no message that may quote somebody."""
    lines: list[str] = []
    for one in reversed(_chain(error)):
        says = str(one) if _is_about_servers(one) else LEFT_OUT
        name = f"{type(one).__module__}.{type(one).__qualname__}"
        lines += [*format_tb(one.__traceback__), f"{name}: {says}\n"]
    return scrub("".join(lines)).rstrip("\n")


def _is_about_servers(error: BaseException) -> bool:
    # A body that ends too early is an OSError, too, and quotes what came of it.
    quotes = isinstance(error, UnreadablePostError) or type(error).__module__[:9] == "gunicorn."
    return isinstance(error, _ABOUT_SERVERS) and not quotes


def _chain(error: BaseException) -> list[BaseException]:
    """Return an error and those that led to it, the last first."""
    found: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in found:
        found.append(step)
        step = step.__cause__ or (None if step.__suppress_context__ else step.__context__)
    return found


def _message(record: logging.LogRecord) -> str:
    """Return what a record says, without the words of errors that may quote somebody."""
    message = record.getMessage()
    if (request := vars(record).get("request")) and hasattr(request, "resolver_match"):
        # Django's own lines name the address, which may hold a key of any kind.
        match = request.resolver_match
        message = message.replace(request.path, f"/{match.route}" if match else "(none)")
    error = record.exc_info[1] if record.exc_info else None
    for one in _chain(error) if error else ():
        if not _is_about_servers(one):
            for words in (repr(one), str(one)):
                message = message.replace(words, LEFT_OUT) if words else message
    return scrub(message)


class LineFormatter(logging.Formatter):
    """A line for a person's eyes, with what an error left below it."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        head = f"{self.formatTime(record)} {record.levelname} {record.name} [{current()}]"
        line = f"{head} {_message(record)}"
        return f"{line}\n{describe(error)}" if error else line


class ObjectFormatter(logging.Formatter):
    """One JSON object a line, for what collects logs."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        said = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": current(),
            "message": _message(record),
            **{name: vars(record)[name] for name in OF_A_REQUEST if name in vars(record)},
            **({"error": describe(error)} if error else {}),
        }
        return json.dumps(said, ensure_ascii=False)


# By what LOG_FORMAT names them.
FORMATTERS = {"line": LineFormatter, "json": ObjectFormatter}
