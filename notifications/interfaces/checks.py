"""What is wrong with the settings of email, in a sentence each, before anything is started."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from notifications.domain.transport.smtp import ServerUnreachable
from notifications.domain.transport.urls import imap_address

TAG = "mail"
_HERE = ("localhost", "127.0.0.1", "::1")


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


@register(TAG)
def check_mail(**kwargs: Any) -> list[CheckMessage]:
    """Find the settings with which no email can leave or be read."""
    return list(_errors())


def _errors() -> Iterator[CheckMessage]:
    if settings.EMAIL_PROBLEM:
        yield Error(settings.EMAIL_PROBLEM, id="mail.E001")
    if not _is_address(parseaddr(settings.DEFAULT_FROM_EMAIL)[1]):
        yield Error("DEFAULT_FROM_EMAIL is not an email address.", id="mail.E002")
    if settings.MAIL_REDIRECT_TO and not _is_address(settings.MAIL_REDIRECT_TO):
        yield Error(
            "MAIL_REDIRECT_TO is not an email address.",
            hint="Give the one address that gets every email, or leave it out.",
            id="mail.E003",
        )
    if settings.BOUNCE_IMAP_URL:
        try:
            address = imap_address(settings.BOUNCE_IMAP_URL)
        except ValueError as error:
            yield Error(str(error), id="mail.E004")
        else:
            if not address.password and not settings.GOOGLE_KEY_FILE:
                yield Error(
                    "BOUNCE_IMAP_URL names no password, and there is no Google service account "
                    "to sign in with.",
                    id="mail.E005",
                )
    if settings.GOOGLE_KEY_FILE and not settings.EMAIL_PROBLEM:
        # Imported here, since it takes a moment that no command without Google should wait for.
        from notifications.domain.transport.google import read_account

        try:
            read_account(settings.GOOGLE_KEY_FILE, settings.GOOGLE_MAILBOX)
        except ServerUnreachable as error:
            yield Error(str(error), id="mail.E006")


@register(TAG, deploy=True)
def check_mail_for_production(**kwargs: Any) -> list[CheckMessage]:
    """Find what is fine for trying out, but not where people wait for their email."""
    return list(_warnings())


def _warnings() -> Iterator[CheckMessage]:
    backend = settings.EMAIL_BACKEND
    sends = not backend.endswith(("filebased.EmailBackend", "console.EmailBackend"))
    if not sends:
        yield Warning(
            "Emails are written to files or to the console and reach nobody.",
            hint="Set EMAIL_URL, or GOOGLE_KEY_FILE and GOOGLE_MAILBOX.",
            id="mail.W001",
        )
    elif parseaddr(settings.DEFAULT_FROM_EMAIL)[1].endswith("@localhost"):
        yield Warning(
            "Emails come from an address at localhost, which most servers refuse.",
            hint="Set DEFAULT_FROM_EMAIL to the mailbox that sends.",
            id="mail.W002",
        )
    encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if sends and not encrypted and settings.EMAIL_HOST not in _HERE:
        yield Warning(
            "Emails and the password of the mail server go over the network unencrypted.",
            hint="Write EMAIL_URL with smtp+tls:// or smtp+ssl://.",
            id="mail.W003",
        )
    if settings.MAIL_REDIRECT_TO:
        yield Warning(
            f"Every email goes to {settings.MAIL_REDIRECT_TO} and to nobody else.",
            hint="Remove MAIL_REDIRECT_TO where people wait for their emails.",
            id="mail.W004",
        )
    if settings.BOUNCE_IMAP_URL.startswith("imap://"):
        yield Warning(
            "The mailbox for bounces is read unencrypted.",
            hint="Write BOUNCE_IMAP_URL with imap+ssl:// or imap+tls://.",
            id="mail.W005",
        )
