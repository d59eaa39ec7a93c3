"""What a message in the mailbox reports about our emails. Everything in it may be forged.

A report in the standard form (RFC 3464) is read here; the forms that older servers have of their
own are told by flufl.bounce. It is believed only about an email whose Message-ID it returns,
which carries a mark that nobody else can make.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import parseaddr

from flufl.bounce import all_failures

from notifications.domain.content.escaping import one_line
from notifications.domain.transport.message import rows_named_in

_DAEMONS = {"mailer-daemon", "mailerdaemon", "mail-daemon", "postmaster"}
_WORDS = 400  # of the other server's own, at most
# An email that was copied to many is not one of ours, which go to two people at most.
_AT_MOST = 5


@dataclass(frozen=True)
class Report:
    """What became of an email at one address; `also` is the address it was first sent to."""

    address: str
    also: str
    is_permanent: bool
    words: str


def read_reports(message: Message) -> list[Report]:
    """Return what a message reports, an empty list if it is not about a bounce or a delay."""
    parts = [p for p in message.walk() if p.get_content_type() == "message/delivery-status"]
    if message.get_content_type() == "multipart/report" and parts:
        return [report for part in parts for report in _standard(part)][:_AT_MOST]
    sender = parseaddr(str(message.get("From", "")))[1].partition("@")[0].lower()
    if sender not in _DAEMONS:
        return []
    late, back = all_failures(message)
    return [
        Report(address.decode("utf-8", "replace"), "", address in back, "")
        for address in sorted(late | back)
    ][:_AT_MOST]


def rows_reported(message: Message) -> set[int]:
    """Return the primary keys of the emails that a report returns, by the Message-IDs in it."""
    bodies = list(_returned_texts(message))
    if message.get_content_type() == "multipart/report":
        # Some servers return nothing of the email and name it in their own headers instead.
        bodies += [str(message.get(name, "")) for name in ("In-Reply-To", "References")]
    return rows_named_in("\n".join(bodies))


def fingerprint(message: Message) -> str:
    """Return what tells this report from any other, so that it counts once."""
    told = [str(message.get(name, "")) for name in ("Message-ID", "Date", "From", "Subject")]
    return hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()


def _standard(part: Message) -> Iterator[Report]:
    payload = part.get_payload()
    blocks = payload if isinstance(payload, list) else []
    for block in (one for one in blocks if isinstance(one, Message)):
        final, original = _address(block, "Final-Recipient"), _address(block, "Original-Recipient")
        action = str(block.get("Action", "")).partition(" ")[0].strip().lower()
        if action in ("failed", "delayed") and (final or original):
            yield Report(final or original, original, action == "failed", _words(block))


def _address(block: Message, name: str) -> str:
    text = str(block.get(name, "")).rpartition(";")[2].strip().strip("<>")
    # In the form that SMTP passes addresses on in, + and = are written as their numbers.
    return re.sub(r"\+([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), text)


def _words(block: Message) -> str:
    said = str(block.get("Diagnostic-Code", "")).partition(";")[2] or str(block.get("Status", ""))
    return one_line(said)[:_WORDS]


def _returned_texts(message: Message) -> Iterator[str]:
    """Return the texts of a message without its own headers: those may answer an email of ours."""
    for part in message.walk():
        if part is not message and part.get_content_type() != "text/html":
            yield "\n".join(str(value) for value in part.values())
        if not part.is_multipart():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield payload.decode("utf-8", "replace")
