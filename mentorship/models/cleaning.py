"""The one place where what nobody sees is taken out of a text: in files, in addresses, in names."""

from __future__ import annotations

import html
import re

# Characters without width that come with pasted text, and directions of writing.
_HIDDEN = re.compile(
    "[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
# They join letters in some scripts, and parts of emoji; beside a Latin letter they are nothing.
_JOINERS = re.compile("(?<![^\x00-\u024f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u024f])")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)


def clean(text: str) -> str:
    """Return a text without hidden characters around or in it, its entities of HTML as letters."""
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    if not text.isascii():
        text = _JOINERS.sub("", _HIDDEN.sub("", _SPACES.sub(" ", text)))
    return text.strip()
