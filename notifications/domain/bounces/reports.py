"""What a message in the mailbox reports about our emails. Everything in it may be forged.

A report in the standard form (RFC 3464, and RFC 6533 for addresses beyond ASCII) and a complaint
(ARF, RFC 5965) are read here; the forms that older servers have of their own are told by
flufl.bounce. It is certain only about an email whose Message-ID it returns, which carries a mark
that nobody else can make.
"""

from __future__ import annotations

import base64
import binascii
import email
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import parseaddr

from flufl.bounce import all_failures

from notifications.domain.bounces.kinds import kind_of
from notifications.domain.content.escaping import one_line
from notifications.domain.transport.message import rows_named_in
from notifications.models.bounce import BounceKind

_DAEMONS = {"mailer-daemon", "mailerdaemon", "mail-daemon", "postmaster"}
_WORDS = 400  # of the other server's own, at most
# An email that was copied to many is not one of ours, which go to two people at most.
_AT_MOST = 5
_STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
_COMPLAINT_TYPE = "message/feedback-report"
# An address beyond ASCII, written in ASCII (RFC 6533, section 3): \x{E4} is ä.
_UNITEXT = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")


@dataclass(frozen=True)
class Report:
    """What became of an email at one address; `also` is the address it was first sent to."""

    address: str
    also: str
    kind: BounceKind
    words: str


def may_report(headers: Message) -> bool:
    """Return whether a message with these headers may be a report, and is worth fetching whole."""
    return headers.get_content_type() == "multipart/report" or _is_from_a_server(headers)


def read_reports(message: Message) -> list[Report]:
    """Return what a message reports, an empty list if it is no bounce, delay or complaint."""
    if message.get_content_type() == "multipart/report":
        parts = list(message.walk())
        found = [
            report
            for part in parts
            if part.get_content_type() in _STATUS_TYPES
            for report in _standard(part, first_text(message))
        ]
        found += [
            report
            for part in parts
            if part.get_content_type() == _COMPLAINT_TYPE
            for report in _complaint(part)
        ]
        if found or any(part.get_content_type() in _STATUS_TYPES for part in parts):
            return found[:_AT_MOST]
    return _older(message)[:_AT_MOST] if _is_from_a_server(message) else []


def _is_from_a_server(message: Message) -> bool:
    sender = parseaddr(str(message.get("From", "")))[1].partition("@")[0].lower()
    return sender in _DAEMONS


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


def _standard(part: Message, text: str) -> Iterator[Report]:
    for block in _blocks(part):
        final, original = _address(block, "Final-Recipient"), _address(block, "Original-Recipient")
        action = str(block.get("Action", "")).partition(" ")[0].strip().lower()
        if action in ("failed", "delayed") and (final or original):
            status = one_line(str(block.get("Status", "")))
            words = one_line(str(block.get("Diagnostic-Code", "")).partition(";")[2])
            words = words or _words_about(final or original, text)
            kind = kind_of(action, status, words)
            yield Report(final or original, original, kind, (words or status)[:_WORDS])


def _complaint(part: Message) -> Iterator[Report]:
    blocks = _blocks(part)
    for block in blocks[:1]:
        kind = one_line(str(block.get("Feedback-Type", "")))
        address = _address(block, "Original-Rcpt-To")
        # The other types (auth-failure, virus …) are no reader's complaint.
        if kind.lower() in ("abuse", "opt-out"):
            words = f"reported as {kind.lower()} to their mail provider"
            yield Report(address, "", BounceKind.COMPLAINT, words)


def _blocks(part: Message) -> list[Message]:
    """Return the groups of fields in a part, also where they are in base64 or of another type."""
    payload = part.get_payload()
    if isinstance(payload, list):
        text = "\n\n".join(str(one).strip("\n") for one in payload if isinstance(one, Message))
    else:
        text = str(payload)
    if _is_base64(part):
        try:
            text = base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return []
    text = text.replace("\r\n", "\n")
    return [email.message_from_string(block + "\n") for block in re.split(r"\n\s*\n", text)]


def _is_base64(part: Message) -> bool:
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64"


def _address(block: Message, name: str) -> str:
    kind, _, text = str(block.get(name, "")).rpartition(";")
    text = text.strip().strip("<>")
    if kind.strip().lower() == "utf-8":
        return _UNITEXT.sub(lambda m: chr(min(int(m[1], 16), 0x10FFFF)), text)
    # In the form that SMTP passes addresses on in, + and = are written as their numbers.
    return _XTEXT.sub(lambda m: chr(int(m[1], 16)), text)


def _older(message: Message) -> list[Report]:
    late, back = all_failures(message)
    text = first_text(message)
    found = []
    for raw in sorted(late | back):
        address = raw.decode("utf-8", "replace")
        words = _words_about(address, text)
        kind = kind_of("failed" if raw in back else "delayed", "", words)
        found.append(Report(address, "", kind, words[:_WORDS]))
    return found


def _words_about(address: str, text: str) -> str:
    """Return what a server says after an address that stands at the beginning of a line.

    qmail writes "<address>:" and its reason in the lines below; Exim the address alone and its
    reason further in; both end with a blank line or the next address.
    """
    lines = iter(text.splitlines())
    named = re.compile(
        rf"\s*<?{re.escape(address)}>?:?(?:\s*\(.*\))?\s*(?P<more>.*)", re.IGNORECASE
    )
    for line in lines:
        if not (start := named.fullmatch(line)):
            continue
        said = [start["more"].strip()]
        for below in lines:
            if not below.strip() or re.fullmatch(r"\s*<?[^\s<>@]+@[^\s<>@]+>?:?", below):
                break
            said.append(below.strip())
        return one_line(" ".join(filter(None, said)))
    return ""


def first_text(message: Message) -> str:
    """Return the first plain text in a message, "" if there is none."""
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            return _decoded(part)
    return ""


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _returned_texts(message: Message) -> Iterator[str]:
    """Return the texts of a message without its own headers: those may answer an email of ours."""
    for part in message.walk():
        if part is not message and part.get_content_type() != "text/html":
            yield "\n".join(str(value) for value in part.values())
        if not part.is_multipart():
            yield _decoded(part)
        elif _is_base64(part):
            yield "\n".join(str(block) for block in _blocks(part))
