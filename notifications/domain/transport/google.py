"""Sending as a mailbox of Google Workspace, with a service account that stands in for it.

The account's key signs a short statement, Google's token endpoint gives a token of an hour for
it, and the token is what the mail server is shown (XOAUTH2).
"""

from __future__ import annotations

import functools
import json
import smtplib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials

from notifications.domain.transport.smtp import ServerUnreachable
from notifications.domain.transport.troubles import said

SCOPE = "https://mail.google.com/"
_WORDS = 300  # of Google's own, at most


@dataclass(frozen=True)
class Account:
    """A service account that stands in for a mailbox. It keeps its token until that expires."""

    mailbox: str
    email: str
    client_id: str
    token_uri: str
    credentials: Credentials

    @property
    def delegate(self) -> str:
        """What the Workspace's administrator has to do, so that it may stand in for anybody."""
        return (
            "In the Workspace admin console, under Security, API controls, Domain-wide "
            f"delegation, add the client ID {self.client_id} with the scope {SCOPE}."
        )


@functools.lru_cache(maxsize=1)
def read_account(path: str, mailbox: str) -> Account:
    """Return the service account of a key file, standing in for this mailbox.

    Raises ServerUnreachable if the file cannot be read or is no key.
    """
    try:
        info = json.loads(Path(path).read_text())
        return Account(
            mailbox,
            info["client_email"],
            info.get("client_id", "of the key file"),
            info["token_uri"],
            Credentials.from_service_account_info(info, subject=mailbox, scopes=[SCOPE]),
        )
    except OSError as error:
        raise ServerUnreachable(
            f"Google's key file {path} cannot be read ({error.strerror}). Put the JSON key of the "
            "service account there, readable for this application, or change GOOGLE_KEY_FILE."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, GoogleAuthError) as error:
        raise ServerUnreachable(
            f"{path} is not the JSON key of a service account. Make a new key of the type JSON "
            "for the service account in the Google Cloud console, and put that file there."
        ) from error


def sign_in() -> tuple[Account, str]:
    """Return the account of the settings and a token for its mailbox, an old one while it is valid.

    Raises ServerUnreachable with what to do if Google gives none.
    """
    account = read_account(settings.GOOGLE_KEY_FILE, settings.GOOGLE_MAILBOX)
    if not account.credentials.valid:
        try:
            account.credentials.refresh(
                functools.partial(Request(), timeout=settings.EMAIL_TIMEOUT)
            )
        except TransportError as error:
            raise ServerUnreachable(
                f"Google's sign-in service {account.token_uri} cannot be reached "
                f"({said(str(error))[:_WORDS]}). Look whether this machine may connect to it."
            ) from error
        except GoogleAuthError as error:
            raise ServerUnreachable(_refused(account, error)) from error
    return account, str(account.credentials.token)


def _refused(account: Account, error: GoogleAuthError) -> str:
    """Say why Google gives no token, and what to do about it."""
    words = said(str(error.args[0] if error.args else error))[:_WORDS]
    answer = error.args[1] if isinstance(error, RefreshError) and len(error.args) > 1 else None
    match answer.get("error") if isinstance(answer, dict) else None:
        case "unauthorized_client" | "access_denied" | "invalid_scope":
            return (
                f"Google does not let {account.email} write as {account.mailbox} ({words}). "
                f"{account.delegate}"
            )
        case "invalid_grant":
            return (
                f"Google refuses {account.email} as {account.mailbox} ({words}). Look whether the "
                "mailbox exists, whether the key was deleted, and whether this machine's clock "
                "is right."
            )
        case _:
            return f"Google gives {account.email} no token ({words}). Emails wait until it does."


class GoogleBackend(EmailBackend):
    """Django's SMTP connection, let in by a token instead of a password."""

    def open(self) -> bool | None:
        """Be connected; raise ServerUnreachable with what to do if Google does not let us in."""
        if self.connection:
            return False
        account, token = sign_in()
        self.username = self.password = ""
        opened = super().open()
        challenges: list[str] = []

        def answer(challenge: bytes | None = None) -> str:
            if challenge is None:
                return f"user={account.mailbox}\1auth=Bearer {token}\1\1"
            # What is wrong comes as a challenge; an empty answer to it brings the refusal.
            challenges.append(said(challenge))
            return ""

        assert self.connection is not None
        try:
            self.connection.ehlo_or_helo_if_needed()
            self.connection.auth("XOAUTH2", answer)
        except smtplib.SMTPAuthenticationError as error:
            self.close()
            # The token may have been taken back: the next try asks for a new one.
            read_account.cache_clear()
            words = " ".join([f"{error.smtp_code} {said(error.smtp_error)}", *challenges])[:_WORDS]
            if error.smtp_code < 500:
                todo = "Emails wait until it does."
            else:
                todo = f"Look whether the mailbox has Gmail switched on. {account.delegate}"
            raise ServerUnreachable(
                f"Google's mail server does not let {account.mailbox} in ({words}). {todo}"
            ) from error
        return opened
