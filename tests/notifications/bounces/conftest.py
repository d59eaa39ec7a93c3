"""A real IMAP server with one mailbox, and messages as mail servers return them."""

from __future__ import annotations

import functools
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from imap_tools import MailBoxStartTls

from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailLog
from tests.certificates import make_certificate
from tests.conftest import free_port, wait_for_port
from tests.notifications.conftest import NOON, invitations

USER, PASSWORD = "mentors@conf.example", "p@ss word"
# pymap, letting in by a password and also, as Google does, by the first token that was given out.
SERVER = """
from pymap.config import IMAPConfig
from pymap.main import main
from pysasl import SASLAuth
from pysasl.creds.external import ExternalCredentials

IMAPConfig.tls_auth = property(lambda self: SASLAuth.named([b"PLAIN", b"XOAUTH2"]))
ExternalCredentials.verify = lambda self, identity: self._token == "token-1"
ExternalCredentials.authcid = property(lambda self: self._authzid)
main()
"""


@dataclass
class Mailbox:
    """The server's mailbox as its owner sees it."""

    port: int
    certificate: Path

    @property
    def url(self) -> str:
        return f"imap+tls://{USER}:{PASSWORD}@127.0.0.1:{self.port}/INBOX"

    @functools.cached_property
    def box(self) -> MailBoxStartTls:
        """The owner's connection, one for all tests: signing in is made to be slow."""
        context = ssl.create_default_context(cafile=self.certificate)
        box = MailBoxStartTls("127.0.0.1", self.port, timeout=20, ssl_context=context)
        return box.login(USER, PASSWORD)

    def receive(self, *messages: str) -> None:
        for message in messages:
            self.box.append(message.replace("\n", "\r\n").encode())

    def unread(self) -> list[str]:
        """Subjects of what nobody has read."""
        self.box.folder.set("INBOX")
        return [m.subject for m in self.box.fetch(mark_seen=False) if "\\Seen" not in m.flags]


@pytest.fixture(scope="session")
def imap_server(tmp_path_factory):
    files = make_certificate(tmp_path_factory.mktemp("imap"))
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", SERVER),
            *("--host", "127.0.0.1", "--port", str(port), "--no-service", "admin"),
            *("--cert", str(files[0]), "--key", str(files[1])),
            *("dict", "--demo-user", USER, "--demo-password", PASSWORD),
        ]
    )
    wait_for_port(port)
    yield Mailbox(port, files[0])
    process.terminate()
    process.wait()


@pytest.fixture
def mailbox(imap_server, settings, monkeypatch):
    """The mailbox, empty, which mail comes back to."""
    monkeypatch.setenv("SSL_CERT_FILE", str(imap_server.certificate))
    settings.BOUNCE_IMAP_URL = imap_server.url
    imap_server.box.folder.set("INBOX")
    imap_server.box.delete(imap_server.box.uids())
    return imap_server


@pytest.fixture
def sent(moody) -> EmailLog:
    """An invitation to a@mail.example that the mail server took."""
    (mail,) = invitations(1)
    deliver_due(clock=lambda: NOON)
    mail.refresh_from_db()
    assert mail.state == "sent"
    return mail


def returned(
    mail_id: str,
    address: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    words: str = "550 5.1.1 no such user",
    original: str = "",
    subject: str = "Undelivered Mail Returned to Sender",
) -> str:
    """A report in the standard form (RFC 3464), as most servers send it."""
    first = f"Original-Recipient: rfc822;{original}\n" if original else ""
    return f"""Return-Path: <>
Date: Mon, 21 Jun 2027 10:00:00 +0000
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: {subject}
To: mentors@conf.example
Auto-Submitted: auto-replied
Message-ID: <{subject.replace(" ", ".")}.{action}@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=b="

--=b=
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.

--=b=
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 21 Jun 2027 09:59:00 +0000

{first}Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--=b=
Content-Type: message/rfc822

From: Committee <mentors@conf.example>
To: {address}
Message-ID: {mail_id}
Subject: A few questions

Hello

--=b=--
"""
