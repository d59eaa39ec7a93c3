"""Reading the addresses of mail servers as they are set from outside. Knows no Django."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

_BACKENDS = "django.core.mail.backends"
# Up to the last @ all is the account, so a password may hold any character as it is.
_SERVER = re.compile(
    r"(?P<scheme>[a-z+]+)://(?:(?P<account>.*)@)?"
    r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:/@\[\]\s]+)(?::(?P<port>\d{1,5}))?(?:/(?P<path>[^@]*))?"
)
_SMTP_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
_IMAP_PORTS = {"imap": 143, "imap+tls": 143, "imap+ssl": 993}
_FORMS = (
    "Write smtp+tls://user:password@host:587, smtp+ssl://user:password@host:465, smtp://host:25, "
    "filemail:///folder or consolemail://."
)


@dataclass(frozen=True)
class ImapAddress:
    """A mailbox to be read. Without a password the Google account's token lets us in."""

    host: str
    port: int
    security: str  # "tls" for STARTTLS, "ssl" for TLS from the first byte, "" for neither
    user: str
    password: str
    folder: str


@dataclass(frozen=True)
class _Server:
    scheme: str
    user: str
    password: str
    host: str
    port: int
    path: str


def email_settings(url: str, mail_dir: Path, key_file: str, mailbox: str) -> dict[str, Any]:
    """Return Django's settings for sending email, by EMAIL_URL or by a Google service account.

    With none of them emails are files in `mail_dir`. Raises ValueError with a sentence that says
    what is wrong; it never repeats a password.
    """
    if key_file or mailbox:
        if not (key_file and mailbox):
            raise ValueError("GOOGLE_KEY_FILE and GOOGLE_MAILBOX belong together: set both.")
        if url:
            raise ValueError("EMAIL_URL and GOOGLE_KEY_FILE are both set: leave one of them out.")
        return {
            "EMAIL_BACKEND": "notifications.domain.transport.google.GoogleBackend",
            "EMAIL_HOST": "smtp.gmail.com",
            "EMAIL_PORT": 587,
            "EMAIL_USE_TLS": True,
        }
    scheme, _, rest = url.partition("://")
    if not url or (scheme == "filemail" and rest.startswith("/")):
        folder = Path(unquote(rest)) if url else mail_dir
        return {"EMAIL_BACKEND": f"{_BACKENDS}.filebased.EmailBackend", "EMAIL_FILE_PATH": folder}
    if url == "consolemail://":
        return {"EMAIL_BACKEND": f"{_BACKENDS}.console.EmailBackend"}
    server = _server("EMAIL_URL", url, _SMTP_PORTS, _FORMS)
    if server.path:
        raise ValueError(f"EMAIL_URL goes on after the port. {_FORMS}")
    if not (server.user + server.password).isascii():
        raise ValueError(
            "EMAIL_URL has a user or password with letters beyond ASCII. Choose another."
        )
    return {
        "EMAIL_BACKEND": f"{_BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": server.host,
        "EMAIL_PORT": server.port,
        "EMAIL_HOST_USER": server.user,
        "EMAIL_HOST_PASSWORD": server.password,
        "EMAIL_USE_TLS": server.scheme == "smtp+tls",
        "EMAIL_USE_SSL": server.scheme == "smtp+ssl",
    }


def imap_address(url: str) -> ImapAddress:
    """Return the mailbox that BOUNCE_IMAP_URL means; raise ValueError with a sentence if none."""
    forms = "Write imap+ssl://user:password@host:993/INBOX or imap+tls://user:password@host/INBOX."
    server = _server("BOUNCE_IMAP_URL", url, _IMAP_PORTS, forms)
    return ImapAddress(
        host=server.host,
        port=server.port,
        security=server.scheme.partition("+")[2],
        user=server.user,
        password=server.password,
        folder=unquote(server.path) or "INBOX",
    )


def _server(setting: str, url: str, ports: dict[str, int], forms: str) -> _Server:
    scheme = url.partition("://")[0]
    if scheme not in ports:
        known = ", ".join(f"{name}://" for name in ports)
        raise ValueError(f"{setting} does not start with one of {known}. {forms}")
    found = _SERVER.fullmatch(url)
    if found is None:
        raise ValueError(f"{setting} names no server, or a port that is no number. {forms}")
    port = int(found["port"] or ports[scheme])
    if not 0 < port < 65536:
        raise ValueError(f"{setting} names port {port}; there are only ports 1 to 65535.")
    user, _, password = (found["account"] or "").partition(":")
    if user and not password and setting == "EMAIL_URL":
        raise ValueError(f"{setting} names a user without a password. {forms}")
    return _Server(
        scheme=scheme,
        user=unquote(user),
        password=unquote(password),
        host=found["host"].strip("[]"),
        port=port,
        path=found["path"] or "",
    )
