"""A Postfix between the application and the world, and a Dovecot with what comes back."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import free_port, run_mail_server
from tests.notifications.conftest import MoodyServer
from tests.notifications.real import dovecot, postfix


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the servers' own users may enter."""
    made = Path(tempfile.mkdtemp(prefix="mentorship-servers-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def world(settings) -> Iterator[MoodyServer]:
    """The server of everybody else, behind the Postfix."""
    with run_mail_server(MoodyServer(port=free_port()), settings) as server:
        yield server


@pytest.fixture
def relay(folder, world, settings) -> Iterator[postfix.Postfix]:
    """The Postfix that the application hands its emails to."""
    assert postfix.is_there(), postfix.MISSING
    server = postfix.Postfix(folder, world.port)
    server.start()
    settings.EMAIL_PORT = server.port
    settings.DEFAULT_FROM_EMAIL = "mentors@conf.example"
    settings.EMAIL_TIMEOUT = 5
    settings.EMAIL_ANSWER_TIMEOUT = 3
    yield server
    server.stop()


@pytest.fixture
def returned(relay, settings, monkeypatch) -> Iterator[dovecot.Dovecot]:
    """The mailbox that what comes back is put into, read by IMAP."""
    server = dovecot.Dovecot(relay.folder)
    server.start()
    settings.BOUNCE_IMAP_URL = server.url
    yield server
    server.stop()
