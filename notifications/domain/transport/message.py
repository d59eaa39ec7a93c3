"""The message that an email becomes, and the Message-ID by which it is known again."""

from __future__ import annotations

import re
import textwrap
from email.charset import QP, Charset
from email.generator import BytesGenerator
from email.message import Message
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import SMTPUTF8
from email.utils import formataddr, parseaddr
from io import BytesIO
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.encoding import punycode

from notifications.domain.content.calendar_entry import FILE_NAME, method_of
from notifications.domain.content.escaping import one_line
from notifications.domain.content.placeholders import reminders_link
from notifications.domain.transport.unsubscribe import unsubscribe_address
from notifications.models import PAIR_KINDS, EmailLog, Kind

# Letters stay readable, and no server on the way has to be able to carry 8 bits.
QUOTED_PRINTABLE = Charset("utf-8")
QUOTED_PRINTABLE.body_encoding = QP
# The space that says that a line goes on makes it one longer, and one before ">" too.
_LINE = 76
_OUR_MESSAGE_ID = re.compile(r"<[\w-]+\.\w+\.(\d{1,18})\.([0-9a-f]{12})@")


def message_id(mail: EmailLog) -> str:
    """Return the Message-ID that belongs to this row, however often it is sent."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{mail.program.slug}.{mail.kind}.{mail.pk}.{_mark(mail.pk)}@{domain}>"


def rows_named_in(text: str) -> set[int]:
    """Return the rows whose Message-ID stands in a text; one that somebody made up is none."""
    named = _OUR_MESSAGE_ID.findall(text)
    return {int(pk) for pk, mark in named if constant_time_compare(mark, _mark(int(pk)))}


def _mark(pk: int) -> str:
    return salted_hmac("notifications.message_id", str(pk)).hexdigest()[:12]


class FlowedMessage(EmailMultiAlternatives):
    """A message whose text is of short lines that a reader's window may join (RFC 3676)."""

    def message(self, **options: Any) -> Any:
        message = super().message(**options)
        text = next(part for part in message.walk() if part.get_content_type() == "text/plain")
        text.set_param("format", "flowed")
        return message


def flowed(text: str) -> str:
    """Return a text with lines of at most 78 characters, words longer than that aside.

    A line that goes on ends with a space (RFC 3676). Line ends that were there stay.
    """
    lines: list[str] = []
    for line in text.splitlines():
        words = line.rstrip()
        parts = textwrap.wrap(words, _LINE, break_long_words=False, break_on_hyphens=False) or [""]
        lines += [part + " " for part in parts[:-1]] + parts[-1:]
    # What looks quoted, or like the beginning of the next message, would be read as that.
    lines = [f" {line}" if line.startswith((" ", ">", "From ")) else line for line in lines]
    return "\n".join(lines) + ("\n" if text.endswith("\n") else "")


def build_message(mail: EmailLog) -> EmailMultiAlternatives:
    """Return the message of an email: from the committee to one or two people, text and HTML."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    message = FlowedMessage(
        subject=mail.subject,
        body=flowed(mail.text_body),
        from_email=formataddr((one_line(mail.program.signature), address)),
        to=mail.recipients,
        reply_to=_reply_to(mail),
        headers={
            "Message-ID": mail.message_id,
            "Auto-Submitted": "auto-generated",
            **_ways_out(mail),
        },
    )
    message.encoding = QUOTED_PRINTABLE
    message.attach_alternative(mail.html_body, "text/html")
    if mail.calendar:
        entry = MIMENonMultipart("text", "calendar", charset="utf-8")
        entry.set_payload(mail.calendar, QUOTED_PRINTABLE)
        entry.set_param("method", method_of(mail.calendar))
        entry.add_header("Content-Disposition", "attachment", filename=FILE_NAME)
        message.attach(entry)
    return message


def is_plain(address: str) -> bool:
    """Return whether an address can be written on any server: ASCII before the @."""
    return address.rpartition("@")[0].isascii()


def on_the_wire(address: str) -> str:
    """Return an address as SMTP carries it: its domain in ASCII, its letters as they are."""
    if is_plain(address):
        return sanitize_address(address, "utf-8")
    letters, _, domain = address.rpartition("@")
    return f"{letters}@{punycode(domain)}"


def as_bytes(message: EmailMessage) -> bytes:
    """Return a message as it goes over the wire, with lines that end in CR and LF.

    An address of letters beyond ASCII is written as it is (RFC 6532); the server has to offer
    SMTPUTF8 for that.
    """
    built = message.message()
    policy = built.policy
    for name, addresses in (("To", message.to), ("Reply-To", message.reply_to)):
        if not all(map(is_plain, addresses)):
            del built[name]
            # Django's own way in would write the letters as an encoded word, which no server
            # takes for the address.
            Message.__setitem__(built, name, ", ".join(map(on_the_wire, addresses)))
            policy = SMTPUTF8
    written = BytesIO()
    BytesGenerator(written, mangle_from_=False, policy=policy).flatten(built, linesep="\r\n")
    return written.getvalue()


def _reply_to(mail: EmailLog) -> list[str] | None:
    """Return who an answer goes to: the committee, or the two people of an introduction.

    Where the program has no address of its own, an email says to reply to it for help, so the
    answer goes to where it came from. Nor does an answer to a trial go to people.
    """
    if not mail.reply_to:
        return None
    if mail.kind in PAIR_KINDS and len(mail.recipients) > 1 and not settings.MAIL_REDIRECT_TO:
        return list(mail.recipients)
    return [mail.reply_to]


def _ways_out(mail: EmailLog) -> dict[str, str]:
    """Return the headers by which a mail program shows a button that ends reminders (RFC 8058)."""
    person = mail.people.first() if mail.kind in (Kind.SURVEY, Kind.REMINDER) else None
    if person is None:
        return {}
    url = reminders_link(person)
    ways = [f"<{url}>"]
    if address := unsubscribe_address(person):
        ways.append(f"<mailto:{quote(address, safe='@+')}?subject=unsubscribe>")
    elif mail.reply_to:
        # Somebody of the committee reads it, and has a button for it.
        words = quote(f"No more reminders for {person.email}")
        ways.append(f"<mailto:{quote(mail.reply_to, safe='@')}?subject={words}>")
    headers = {"List-Unsubscribe": ", ".join(ways)}
    if url.startswith("https://"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
