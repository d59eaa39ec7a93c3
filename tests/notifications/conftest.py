"""A mail server that misbehaves as told, and mails to send to it."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.db import connection

from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailLog
from tests.conftest import MailServer, free_port, run_mail_server
from tests.factories import MatchFactory, ParticipantFactory, ProgramFactory

NOON = datetime.datetime(2083, 6, 20, 19, tzinfo=datetime.UTC)


@dataclass
class MoodyServer(MailServer):
    """Answers RCPT and DATA with what is queued for it, and then as any server does.

    `rcpt` is by address. The answer "drop" closes the connection without a word; "take and
    drop" does so after the message was taken.
    """

    rcpt: dict[str, list[str]] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    mail: list[str] = field(default_factory=list)
    connections: int = 0
    offers_smtputf8: bool = True

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return [line for line in responses if self.offers_smtputf8 or "SMTPUTF8" not in line]

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:
        if self.mail:
            return self._answer(server, self.mail.pop(0))
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if self.rcpt.get(address):
            return self._answer(server, self.rcpt[address].pop(0))
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        answer = self.data.pop(0) if self.data else "250 OK"
        if answer in ("250 OK", "take and drop"):
            await super().handle_DATA(server, session, envelope)
        return self._answer(server, answer)

    def _answer(self, server, answer: str) -> str:
        if answer.endswith("drop"):
            server.transport.close()
        return answer


@pytest.fixture
def moody(settings) -> Iterator[MoodyServer]:
    with run_mail_server(MoodyServer(port=free_port()), settings) as server:
        yield server


def invitations(count: int, **program) -> list[EmailLog]:
    """Queued invitations to as many people, a@…, b@… and so on, due at noon."""
    conf = ProgramFactory(**{"mails_per_minute": 0, "mails_per_day": 0, **program})
    for number in range(count):
        letter = chr(ord("a") + number % 26) * (number // 26 + 1)
        ParticipantFactory(program=conf, email=f"{letter}@mail.example", name=letter.upper())
    queue_mail(conf, "survey", now=NOON)
    return list(EmailLog.objects.order_by("pk"))


def at(moment):
    return lambda: moment


def later(**span):
    return NOON + datetime.timedelta(**span)


def deliver(moment=NOON, **options):
    return deliver_due(clock=at(moment), **options).as_dict()


def states():
    return list(EmailLog.objects.order_by("pk").values_list("state", flat=True))


def arrived(server):
    return [recipients for _, recipients in server.envelopes]


def announced_pair(**details):
    match = MatchFactory(
        program__mails_per_minute=0,
        mentor__email="mentor@freemail.example",
        mentee__email="mentee@freemail.example",
        **details,
    )
    queue_mail(match.program, "match", now=NOON)
    return match, EmailLog.objects.get()


def together(number, work):
    """Do the same in several threads at once, each with a connection of its own; give all ends."""
    ends = []
    barrier = threading.Barrier(number)

    def in_a_thread():
        try:
            barrier.wait()
            ends.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=in_a_thread) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def unflowed(lines):
    """Join and unstuff lines as a mail program does (RFC 3676, sections 4.1 and 4.4)."""
    joined, whole = [], ""
    for line in lines:
        whole += line.removeprefix(" ")
        if not whole.endswith(" "):
            joined.append(whole)
            whole = ""
    return joined
