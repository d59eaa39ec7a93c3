"""Handing one email to the mail server, and finding out what became of it."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import cast

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend as SMTPBackend

from notifications.domain.transport.message import (
    as_bytes,
    build_message,
    is_plain,
    on_the_wire,
)
from notifications.domain.transport.troubles import in_words as why_not
from notifications.domain.transport.troubles import is_about_us, is_sign_in, is_too_much, said
from notifications.models import EmailLog

Refusal = tuple[int, str]
_FOR_NOW = 421
UNREACHABLE = "The mail server cannot be used"


class ServerUnreachable(Exception):
    """No email can be handed over at the moment; the message says why.

    `back_off`: the server is to be asked less and less often, as it counts how often we try.
    """

    def __init__(self, why: str, *, back_off: bool = False) -> None:
        super().__init__(why)
        self.back_off = back_off


@dataclass
class Outcome:
    """What became of an email: who accepted it, who refused it (SMTP code and the server's words).

    `unknown` says why it is not known whether the server took the email, `trouble` why it would
    have taken no email at all; otherwise they are empty.
    """

    accepted: list[str] = field(default_factory=list)
    refused: dict[str, Refusal] = field(default_factory=dict)
    unknown: str = ""
    trouble: str = ""

    @property
    def is_throttled(self) -> bool:
        """Whether the server took this for one email too many at a time."""
        return is_too_much(self.trouble)

    @property
    def for_now(self) -> bool:
        """Whether the server may take the email later from somebody who was refused."""
        return any(code < 500 for code, _ in self.refused.values())

    @property
    def refusals(self) -> dict[str, str]:
        """The server's words on each address that was refused."""
        return {who: f"{code or ''} {words}".strip() for who, (code, words) in self.refused.items()}


def in_words(refusals: Mapping[str, str]) -> str:
    """Return what the server said of each address, as a person reads it."""
    return "; ".join(f"{who}: {said}" for who, said in refusals.items())


Note = Callable[[Outcome], None]


class Postman:
    """One connection to the mail server, used for many emails."""

    def __init__(self) -> None:
        self.backend = get_connection()

    @property
    def is_metered(self) -> bool:
        """Whether emails go to a provider, whose limits count, and not into files."""
        return isinstance(self.backend, SMTPBackend)

    @property
    def _connection(self) -> smtplib.SMTP:
        """The connection that `open` has made."""
        return cast(smtplib.SMTP, cast(SMTPBackend, self.backend).connection)

    def open(self) -> None:
        """Be connected. Raises ServerUnreachable if the server does not answer or let us in."""
        if settings.EMAIL_PROBLEM:
            raise ServerUnreachable(f"{UNREACHABLE}: {settings.EMAIL_PROBLEM}")
        try:
            if isinstance(self.backend, SMTPBackend) and self.backend.connection is not None:
                try:
                    if self.backend.connection.noop()[0] == 250:
                        return
                except (smtplib.SMTPException, OSError):
                    pass
                self._drop()
            self.backend.open()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            why = f"{UNREACHABLE}: {why_not(error)}"
            raise ServerUnreachable(why, back_off=is_sign_in(error)) from error
        except ServerUnreachable as error:
            raise ServerUnreachable(f"{UNREACHABLE}: {error}") from error

    def close(self) -> None:
        """Say goodbye to the server."""
        try:
            self.backend.close()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def send(self, mail: EmailLog, note: Note | None = None) -> Outcome:
        """Hand an email to the server for everyone who has not had it yet.

        Where the server takes it for one of two people only, `note` is told before the message
        goes out: should nobody live to tell the end, it is known who cannot have got it.
        """
        people = [address for address in mail.recipients if address not in mail.delivered_to]
        try:
            message = build_message(mail)
        except (ValueError, UnicodeError, TypeError) as error:
            return Outcome(refused={address: (554, said(str(error))) for address in people})
        return self.hand_over(message, people, note)

    def hand_over(
        self, message: EmailMessage, people: list[str], note: Note | None = None
    ) -> Outcome:
        """Hand a message to the server for these addresses, or for the one that gets them all."""
        redirect = settings.MAIL_REDIRECT_TO
        if redirect:
            message.subject = f"[for {', '.join(people)}] {message.subject}"
            message.to, message.cc, people = [redirect], [], [redirect]
        try:
            if not self._takes_any_letters():
                message.to = [address for address in message.to if is_plain(address)]
                message.reply_to = [address for address in message.reply_to if is_plain(address)]
            data = as_bytes(message)
            envelope = {address: on_the_wire(address) for address in people}
        except (ValueError, UnicodeError, TypeError) as error:
            return Outcome(refused={address: (554, said(str(error))) for address in people})
        if isinstance(self.backend, SMTPBackend):
            outcome = self._converse(data, envelope, note)
        else:
            message.to = people
            outcome = self._write(message, people)
        if redirect:
            outcome.accepted = []  # nobody whom the mail was for has had it
        return outcome

    def _write(self, message: EmailMessage, people: list[str]) -> Outcome:
        """Write a message to where the email of a trial goes: files or the console."""
        try:
            self.backend.send_messages([message])
        except OSError as error:
            return Outcome(refused={a: (_FOR_NOW, said(str(error))) for a in people})
        return Outcome(accepted=people)

    def _converse(self, data: bytes, envelope: dict[str, str], note: Note | None) -> Outcome:
        """Speak SMTP. Until the message itself goes out, whatever breaks is safe to repeat."""
        smtp = self._connection
        outcome = Outcome()
        words: bytes | str
        try:
            smtp.ehlo_or_helo_if_needed()
            # Asked for where it is needed only: a server further on may not offer it.
            options = [] if data.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
            code, words = smtp.mail(parseaddr(settings.DEFAULT_FROM_EMAIL)[1], options)
            if code != 250:
                # It is asked about nothing yet but who sends: a refusal for good is about us.
                return self._refuse_all(envelope, code, words, about_us=code >= 500)
            for address, written in envelope.items():
                code, words = self._rcpt(written)
                if code == _FOR_NOW or is_about_us(code, words):
                    return self._refuse_all(envelope, code, words)
                if code in (250, 251):
                    outcome.accepted.append(address)
                else:
                    outcome.refused[address] = (code, said(words))
            if not outcome.accepted:
                smtp.rset()
                return outcome
            if outcome.refused and note:
                note(outcome)
            code, words = smtp.docmd("DATA")
            if code != 354:
                return self._refuse_all(envelope, code, words)
        except (smtplib.SMTPException, OSError) as error:
            return self._refuse_all(envelope, -1, why_not(error))
        try:
            smtp.send(_dot_stuffed(data))
            _wait_at_most(settings.EMAIL_ANSWER_TIMEOUT, smtp)
            code, words = smtp.getreply()
            _wait_at_most(settings.EMAIL_TIMEOUT, smtp)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            why = "it did not answer in time" if isinstance(error, TimeoutError) else why_not(error)
            outcome.unknown = (
                f"The connection broke before the server had answered ({why}). It may have taken "
                "the email."
            )
            return outcome
        if code != 250:
            return self._refuse_all(envelope, code, words)
        return outcome

    def _takes_any_letters(self) -> bool:
        """Return whether addresses may have letters beyond ASCII before the @ (RFC 6531)."""
        if not isinstance(self.backend, SMTPBackend):
            return True
        try:
            self._connection.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError):
            return False  # a server that does not answer to this takes nothing at all
        return self._connection.has_extn("smtputf8")

    def _rcpt(self, address: str) -> tuple[int, bytes | str]:
        if not is_plain(address) and not self._takes_any_letters():
            return 553, "the address has letters that this mail server cannot take"
        return self._connection.rcpt(address)

    def _refuse_all(
        self, people: dict[str, str], code: int, words: bytes | str, *, about_us: bool = False
    ) -> Outcome:
        if code == _FOR_NOW or code < 0:
            self._drop()
        else:
            try:
                self._connection.rset()
            except (smtplib.SMTPException, OSError):
                self._drop()
        # A server that closes without a word has said: not now.
        code = code if code >= 400 else 0
        outcome = Outcome(refused={address: (code, said(words)) for address in people})
        if about_us or is_about_us(code, words):
            outcome.trouble = f"{code or ''} {said(words)}".strip()
        return outcome

    def _drop(self) -> None:
        if isinstance(self.backend, SMTPBackend) and self.backend.connection is not None:
            self.backend.connection.close()
            self.backend.connection = None


def _wait_at_most(seconds: float, smtp: smtplib.SMTP) -> None:
    """Let the server take so long for each answer from now on."""
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


def send_test_mail(address: str) -> str:
    """Send a short email, to see whether the server takes it, and give who gets it.

    Raises ServerUnreachable with the server's words if it does not take it.
    """
    message = EmailMessage(
        subject=f"Test email from {settings.SITE_URL}",
        body=f"The mentorship program at {settings.SITE_URL} can send emails.\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={"Auto-Submitted": "auto-generated"},
    )
    postman = Postman()
    try:
        postman.open()
        outcome = postman.hand_over(message, [address])
    finally:
        postman.close()
    if why := outcome.unknown or in_words(outcome.refusals):
        raise ServerUnreachable(f"The mail server did not take the email: {why}")
    return message.to[0]


def _dot_stuffed(data: bytes) -> bytes:
    """Return a message as DATA carries it (RFC 5321): leading dots doubled, a dot alone ends it."""
    data = data.replace(b"\r\n.", b"\r\n..")
    if data.startswith(b"."):
        data = b"." + data
    return data + (b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n")
