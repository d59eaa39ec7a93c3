"""Other people's words made harmless: in a header, in text and in HTML."""

from __future__ import annotations

import html
import re
import unicodedata

from notifications.domain.content.placeholders import Compose, Joined, PersonAddress, Trusted

SUBJECT_LENGTH = 200
ZERO_WIDTH_SPACE = "\u200b"
# What mail programs make a link of on their own: a scheme, or a dot or @ next to a letter.
_LINK_LIKE = re.compile(
    r"(?<=[^\W\d]:)(?=\S)|(?<=[^\W\d][.@\u3002\uff0e\uff61\uff20])(?=\w)|(?<=\S[.@\u3002\uff0e\uff61\uff20])(?=[^\W\d])"
)
# How a header begins a word in another alphabet (RFC 2047), which nobody's name is.
_ENCODED_WORD = re.compile(r"=(?=\?)")
# What turns the direction of the text that follows it.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """Give the words on one line, without control characters and without turns of direction."""
    if text.isprintable():  # which neither controls nor turns of direction are
        return " ".join(text.split())
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    # Lone surrogates cannot be encoded, so no mail could carry them.
    text = text.encode("utf-8", "replace").decode()
    return " ".join(_BIDI.sub("", text).split())


def without_links(text: str) -> str:
    """Give the words such that no mail program takes a part of them for an address.

    An invisible space is set where an address would have to hold together.
    """
    return _LINK_LIKE.sub(ZERO_WIDTH_SPACE, text)


def as_text(value: str) -> str:
    """Give a placeholder's value as it stands in the text of a mail."""
    if isinstance(value, Joined):
        return value.between.join(map(as_text, value.parts))
    if isinstance(value, Compose):
        return value.text
    line = one_line(value)
    return line if isinstance(value, Trusted | PersonAddress) else without_links(line)


def as_html(value: str) -> str:
    """Give a placeholder's value as it stands in the HTML of a mail, without any markup."""
    if isinstance(value, Joined):
        return html.escape(value.between).join(map(as_html, value.parts))
    escaped = html.escape(as_text(value))
    return escaped if isinstance(value, Trusted) else f"<bdi>{escaped}</bdi>"


def as_subject(text: str) -> str:
    """Give a subject: one line of at most 200 characters."""
    line = _ENCODED_WORD.sub(f"={ZERO_WIDTH_SPACE}", one_line(text))
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1].rstrip() + "…"
