"""Whose words a value is, and how it is shown harmlessly: in a header, in text and in HTML.

A value is either the committee's own (`Trusted`, and its special cases `Link` and `Mailbox`) or
somebody else's words (a plain `str`). Both are escaped wherever they are shown; the words of
others moreover never become a link, not even by the recipient's mail program.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

SUBJECT_LENGTH = 200
ZERO_WIDTH_SPACE = "\u200b"
# What mail programs make a link of on their own: a scheme, or a dot or @ next to a letter.
_LINK_LIKE = re.compile(
    r"(?<=[^\W\d]:)(?=\S)|(?<=[^\W\d][.@\u3002\uff0e\uff61\uff20])(?=\w)|(?<=\S[.@\u3002\uff0e\uff61\uff20])(?=[^\W\d])"
)
# Initials, which are no address: none ends in one letter.
INITIALS = re.compile(r"(?<![\w@./:-])(?:[^\W\d_]\.)+[^\W\d_](?![\w@:/-])")
# How a header begins a word in another alphabet (RFC 2047), which nobody's name is.
_ENCODED_WORD = re.compile(r"=(?=\?)")
# What turns the direction of the text that follows it.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


# What placeholders stand for, by their first names (`program`, `person` …).
Values = Mapping[str, Any]


class Trusted(str):
    """The committee's words."""


class Link(Trusted):
    """An http or https address of the committee's or of this site."""


class Mailbox(Trusted):
    """The committee's own email address."""


class PersonAddress(str):
    """A participant's address: shown as it is, so that it can be written to, but never linked."""


class Compose(Link):
    """A link that starts an email to participants; as text it is their addresses."""

    def __new__(cls, addresses: Sequence[str], subject: str, body: str) -> Compose:
        to = ",".join(quote(address, safe="@") for address in addresses)
        # Lines of an email end like this, in an address too (RFC 6068).
        lines = quote(body.replace("\n", "\r\n"))
        made = super().__new__(cls, f"mailto:{to}?subject={quote(subject)}&body={lines}")
        made.text = ", ".join(addresses)
        return made

    text: str


class Joined(str):
    """Several values one after the other, each of which keeps whose words it is."""

    def __new__(cls, parts: Sequence[str], between: str) -> Joined:
        made = super().__new__(cls, between.join(parts))
        made.parts, made.between = tuple(parts), between
        return made

    parts: tuple[str, ...]
    between: str


class Lines(Joined):
    """Several values, each on a line of its own."""

    def __new__(cls, parts: Sequence[str], between: str = "\n") -> Lines:
        made = super().__new__(cls, parts, between)
        assert isinstance(made, Lines)
        return made


def one_line(text: str) -> str:
    """Return the words on one line, without control characters and without turns of direction."""
    if text.isprintable():  # which neither controls nor turns of direction are
        return " ".join(text.split())
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    # Lone surrogates cannot be encoded, so no email could carry them.
    text = text.encode("utf-8", "replace").decode()
    return " ".join(_BIDI.sub("", text).split())


def without_links(text: str) -> str:
    """Return the words such that no mail program takes a part of them for an address.

    An invisible space is set where an address would have to hold together. Initials stay whole.
    """
    whole = {
        place
        for found in INITIALS.finditer(text)
        if found[0].isupper()
        for place in range(found.start(), found.end())
    }
    return _LINK_LIKE.sub(lambda found: "" if found.start() in whole else ZERO_WIDTH_SPACE, text)


def as_text(value: str) -> str:
    """Return a placeholder's value as the text of an email shows it."""
    if isinstance(value, Joined):
        return value.between.join(map(as_text, value.parts))
    if isinstance(value, Compose):
        return value.text
    line = one_line(value)
    return line if isinstance(value, Trusted | PersonAddress) else without_links(line)


def as_html(value: str) -> str:
    """Return a placeholder's value as the HTML of an email shows it, without any markup."""
    if isinstance(value, Joined):
        between = "<br>\n" if isinstance(value, Lines) else html.escape(value.between)
        return between.join(map(as_html, value.parts))
    escaped = html.escape(as_text(value))
    return escaped if isinstance(value, Trusted) else f"<bdi>{escaped}</bdi>"


def as_subject(text: str) -> str:
    """Return a subject: one line of at most 200 characters."""
    line = _ENCODED_WORD.sub(f"={ZERO_WIDTH_SPACE}", one_line(text))
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1].rstrip() + "…"
