"""The mailbox of a Google account, read with the token that also sends."""

import pytest

from notifications.domain.bounces.mailbox import read_mailbox
from notifications.domain.transport.smtp import ServerUnreachable
from tests.notifications.transport.test_google import google, key  # noqa: F401

pytestmark = pytest.mark.django_db


def test_the_service_account_reads_the_mailbox(google, mailbox, settings):  # noqa: F811
    settings.BOUNCE_IMAP_URL = f"imap+tls://127.0.0.1:{mailbox.port}/INBOX"
    mailbox.receive("From: a@b\nSubject: x\n\nx\n")
    assert read_mailbox().messages == 1


def test_a_token_that_is_not_believed_is_said(google, mailbox, settings):  # noqa: F811
    google.tokens.append("one before")
    settings.BOUNCE_IMAP_URL = f"imap+tls://127.0.0.1:{mailbox.port}/INBOX"
    with pytest.raises(
        ServerUnreachable,
        match=r"^Google does not let us read the mailbox of mentors@conf.example \(",
    ):
        read_mailbox()
