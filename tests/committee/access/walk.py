"""Every address, tried by everyone there is, and what came of it."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core import mail
from django.db import connection, transaction
from django.template.response import SimpleTemplateResponse
from django.urls import Resolver404, resolve, reverse

from notifications.models import EmailLog
from tests import factories
from tests.committee.access.addresses import all_addresses, blanks, filled, readable
from tests.committee.access.programs import Seeded, rows_of, seed
from tests.committee.access.wire import Answer, send, session_of
from tests.conftest import LONG

FORM = "application/x-www-form-urlencoded"

# Whose pages are read in the short form; an outsider is a chair, and sees what chairs and hosts do.
READ = ("nobody", "participant", "outsider", "reader", "member")
# Who tries, in the order of the table. An outsider is a chair of the other program.
WHO = ["nobody", "participant", "outsider", "reader", "member", "chair", "host"]
# Who also tries with what belongs to the other program.
REACH = ["participant", "reader", "member", "chair", "host"]
# What a request of anybody may write: their own session and account, that a password was wrong,
# and that they have opened a list.
OF_A_VISITOR = {
    "django_session",
    "axes_accessattempt",
    "axes_accesslog",
    "axes_accessfailurelog",
    "otp_totp_totpdevice",
    "otp_static_staticdevice",
    "otp_static_statictoken",
    "mentorship_dataaccess",
}
_OF_ADMIN = re.compile("/committee/(?:mentorship|matching|notifications|auth|axes)/")
_WRITES = re.compile(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
_LINK = re.compile(r'(?:href|hx-get)="([^"#]*)')
_POSTS = re.compile(r'<form[^>]*method="post"[^>]*>.*?</form>|hx-post="[^"]*"', re.DOTALL)


@dataclass
class Walk:
    """What was found: `cells` is the table, the others are lists that should be empty."""

    cells: dict[tuple[str, str], dict[str, tuple[str, str]]] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unworded: list[str] = field(default_factory=list)
    offered: dict[tuple[str, str], str] = field(default_factory=dict)
    shown: dict[str, set[str]] = field(default_factory=dict)


def table(walk: Walk) -> str:
    """Return the table as text, a line for each address and whose rows it was tried with."""
    wide = max(len(address) for address, _ in walk.cells)
    heads = f"{'':{wide}}  {'rows':6}  " + "  ".join(f"{who:11}" for who in WHO)
    lines = [heads.rstrip()]
    for (address, rows), cells in walk.cells.items():
        tried = ["/".join(cells[who]) if who in cells else "" for who in WHO]
        line = f"{address:{wide}}  {rows:6}  " + "  ".join(f"{cell:11}" for cell in tried)
        lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


def walk_everywhere() -> Walk:
    """Seed two programs and try every address; each request is undone before the next."""
    ours, theirs = seed("Quokkaours", 18702021), seed("Wombattheirs", 19803132)
    users = {**ours.users, "outsider": theirs.users["chair"]}
    users["host"] = factories.UserFactory(username="host", is_superuser=True)
    sessions = {who: session_of(user, program=ours.program.pk) for who, user in users.items()}
    walk = Walk()
    walker = _Walker(walk, ours, theirs, sessions)
    for address in all_addresses():
        walker.try_out(address)
    return walk


class _Walker:
    def __init__(self, walk: Walk, ours: Seeded, theirs: Seeded, sessions: dict[str, str]) -> None:
        self.walk, self.ours, self.theirs, self.sessions = walk, ours, theirs, sessions
        self.before = {seeded.mark: rows_of(seeded.program) for seeded in (ours, theirs)}
        self.newest = EmailLog.objects.order_by("-pk").values_list("pk", flat=True)[0]

    def try_out(self, address: str) -> None:
        personal = address.startswith("/p/")
        for rows, whose, everyone in (("ours", self.ours, WHO), ("theirs", self.theirs, REACH)):
            if whose is self.theirs and not self._names_rows(address):
                continue
            cells = {}
            for who in everyone:
                if who == "participant" and not personal:
                    # Nothing of their link is in such a request: it is the one of nobody.
                    if rows == "ours":
                        cells[who] = cells["nobody"]
                    continue
                values = dict(whose.blanks)
                if personal:
                    values["key"] = self.ours.link_key if who == "participant" else "nobodys"
                path = filled(address, values)
                with nullcontext() if LONG or who in READ else _unrendered():
                    cells[who] = (
                        self._request(who, "GET", path, whose),
                        self._request(who, "POST", path, whose),
                    )
            self.walk.cells[address, rows] = cells

    def _names_rows(self, address: str) -> bool:
        """Whether what belongs to the other program can be named to this address."""
        words = {"key", "digits", "digest", "token", "app_label", "url", "page"}
        return bool(set(blanks(address)) - words) or "/board/" in address

    def _request(self, who: str, method: str, path: str, whose: Seeded) -> str:
        sent = urlencode(whose.sent())
        # A list of Django's that cannot be filtered by something shows nothing.
        asked = "" if _OF_ADMIN.match(path) else f"?{sent}"
        what = f"{who} {method} {path}"
        stranger = self.ours if who == "outsider" else self.theirs
        with transaction.atomic():
            mail.outbox.clear()
            with _noted(stranger) as noted:
                answer = send(
                    method,
                    path + asked if method == "GET" else path,
                    sent.encode() if method == "POST" else b"",
                    FORM if method == "POST" else "",
                    session=self.sessions.get(who, ""),
                )
            # What was asked for is in the log.
            lines = [line.replace(path, "") for line in noted.lines]
            self._look_at(what, who, answer, lines, stranger, whose)
            if noted.written - OF_A_VISITOR:
                self._look_at_writes(what, who, noted, stranger)
            transaction.set_rollback(True)
        if answer.status >= 400 and not answer.is_page:
            self.walk.unworded.append(f"{what}: {answer.status}")
        if who == "reader" and answer.status == 200 and b"<html" in answer.body:
            self._note_offers(path, answer)
        return _outcome(answer)

    def _look_at(
        self, what: str, who: str, answer: Answer, lines: list[str], stranger: Seeded, whose: Seeded
    ) -> None:
        said = b"\n".join([answer.headers.encode(), answer.body, *map(str.encode, lines)])
        text = said.decode("utf-8", "replace").lower()
        words = [stranger.mark.lower(), stranger.link_key.lower()]
        # A host sees which programs there are, and switches between them.
        if whose is not stranger and who != "host":
            words.append(str(stranger.number))
        if who == "reader":
            words = [*words, self.ours.private.lower(), self.ours.link_key.lower()]
        if who in ("reader", "member"):
            words = [*words, self.ours.confidential.lower()]
        self.walk.leaks += [f"{what}: {word}" for word in words if word in text]

    def _look_at_writes(self, what: str, who: str, noted: Noted, stranger: Seeded) -> None:
        if who in ("nobody", "reader"):
            self.walk.written.append(f"{what}: {sorted(noted.written)}")
        if noted.names_stranger and rows_of(stranger.program) != self.before[stranger.mark]:
            self.walk.changed.append(what)
        if "notifications_emaillog" in noted.written or mail.outbox:
            queued = EmailLog.objects.filter(pk__gt=self.newest).exclude(program=stranger.program)
            emails = [str(row) for row in queued.values()] + [str(m.message()) for m in mail.outbox]
            words = (stranger.mark.lower(), str(stranger.number))
            if any(word in text.lower() for text in emails for word in words):
                self.walk.leaks.append(f"{what}: an email")

    def _note_offers(self, path: str, answer: Answer) -> None:
        page = answer.body.decode()
        for target in map(html.unescape, _LINK.findall(page)):
            address = _address_of(urlsplit(target).path)
            if address:
                self.walk.offered.setdefault((address, "GET"), path)
        for form in _POSTS.findall(page):
            if form.startswith("<form") and "<button" not in form and 'type="submit"' not in form:
                continue
            target = re.search(r'(?:action|hx-post)="([^"]*)"', form)
            address = _address_of(urlsplit(target[1]).path if target and target[1] else path)
            if address:
                self.walk.offered.setdefault((address, "POST"), path)


def _address_of(path: str) -> str:
    try:
        return readable(resolve(path).route)
    except Resolver404:
        return ""


def _outcome(answer: Answer) -> str:
    """Return what came of a request in a word: ok, sign in, go (elsewhere), or its number."""
    if answer.status in (301, 302):
        return "sign in" if answer.location.startswith(reverse("admin:login")) else "go"
    return "ok" if answer.status == 200 else str(answer.status)


@dataclass
class Noted:
    """What a request did: the tables it wrote to, whether with a key of a stranger's, its log."""

    written: set[str] = field(default_factory=set)
    names_stranger: bool = False
    lines: list[str] = field(default_factory=list)


@contextmanager
def _noted(stranger: Seeded) -> Iterator[Noted]:
    noted = Noted()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := _WRITES.match(sql):
            noted.written.add(found[1])
            noted.names_stranger |= str(stranger.number) in str(params)
        return execute(sql, params, many, context)

    handler = logging.Handler()
    handler.emit = lambda record: noted.lines.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        with connection.execute_wrapper(note):
            yield noted
    finally:
        logging.getLogger().removeHandler(handler)


@contextmanager
def _unrendered() -> Iterator[None]:
    """Leave out the words of pages, whose template runs for others: only where one gets counts."""
    rendered = SimpleTemplateResponse.rendered_content
    SimpleTemplateResponse.rendered_content = property(lambda response: "<h1>")
    try:
        yield
    finally:
        SimpleTemplateResponse.rendered_content = rendered
