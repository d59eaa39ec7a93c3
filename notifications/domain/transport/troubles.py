"""What goes wrong with a server, told from what is wrong with one email, and said in words."""

from __future__ import annotations

import imaplib
import re
import smtplib
import socket
import ssl

from django.conf import settings
from imap_tools.errors import MailboxLoginError

# What a server thinks of us, at whichever step it says so: it wants us to sign in (anew), has no
# room for anybody's email, or does not take email from us, from this sender or to be passed on.
_LET_US_IN = {530, 534, 535, 538}
_ABOUT_US = re.compile(
    r"client host|sender address|sender rejected|sender .{0,40}not (?:owned|allowed)"
    r"|not owned by user|relay|authentication (?:is )?required|sign in first|starttls"
    r"|(?<![\d.])[45]\.(?:7\.8|7\.9|7\.11|1\.7|1\.8|3\.1|3\.2|4\.5)(?![\d.])"
    r"|insufficient (?:system )?storage|disk (?:is )?full|no space left",
    re.IGNORECASE,
)
# It takes our emails, but not so many at once.
_TOO_MUCH = re.compile(
    r"rate limit|error: too much|too many (?:messages|emails|connections)|throttl|sending quota"
    r"|(?:daily|hourly) .{0,30}(?:limit|quota)",
    re.IGNORECASE,
)
_FULL_MAILBOX = re.compile(r"(?<![\d.])[45]\.2\.2(?![\d.])")


def said(words: bytes | str) -> str:
    """Return a server's words as a person reads them: on one line."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.split())


def is_about_us(code: int, words: bytes | str) -> bool:
    """Return whether a refusal would meet every email, not just this one and its recipient."""
    text = said(words)
    if code in _LET_US_IN or is_too_much(text):
        return True
    return bool(_ABOUT_US.search(text)) and not _FULL_MAILBOX.search(text)


def is_too_much(words: str) -> bool:
    """Return whether a server takes our emails, but not so many at a time."""
    return bool(_TOO_MUCH.search(words))


def is_sign_in(error: BaseException) -> bool:
    """Return whether a server did not take our user and password."""
    return isinstance(error, (smtplib.SMTPAuthenticationError, MailboxLoginError))


def in_words(error: BaseException) -> str:
    """Return why a server cannot be used, as the host of the site reads it, with its own codes."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return (
                f"it does not let us in ({error.smtp_code} {said(error.smtp_error)}). Check the "
                "user and the password"
            )
        case smtplib.SMTPServerDisconnected():
            return "it closed the connection"
        case smtplib.SMTPNotSupportedError():
            return f"it does not offer what we need ({said(str(error))})"
        case smtplib.SMTPResponseException():
            return f"it said {error.smtp_code} {said(error.smtp_error)}"
        case MailboxLoginError():
            return (
                f"it does not let us in ({_imap_words(error.command_result)}). Check the user and "
                "the password"
            )
        case ssl.SSLCertVerificationError():
            return (
                f"its certificate cannot be trusted ({error.verify_message}). Check the name of "
                "the server; for a private authority, set SSL_CERT_FILE"
            )
        case ssl.SSLError():
            return (
                "it does not speak TLS in the way that the address says. Check the port, and "
                "whether the address should begin with +tls or +ssl"
            )
        case socket.gaierror():
            return "no server of that name can be found. Check the name of the server"
        case TimeoutError():
            return f"it does not answer within {settings.EMAIL_TIMEOUT} seconds"
        case ConnectionRefusedError():
            return "nothing answers at that port. Check the name of the server and the port"
        case OSError():
            return (error.strerror or said(str(error)) or "the connection failed").lower()
        case imaplib.IMAP4.error():
            return _imap_words(error.args)
        case _:
            return said(str(error)) or "the connection failed"


def _imap_words(result: object) -> str:
    """Return the words in what imaplib gives, which is bytes within tuples and lists."""
    if isinstance(result, (tuple, list)):
        words = [_imap_words(part) for part in result]
        return " ".join(word for word in words if word and word not in ("NO", "BAD"))
    return said(result if isinstance(result, (bytes, str)) else str(result))
