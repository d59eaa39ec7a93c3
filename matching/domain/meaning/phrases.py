"""The phrases of which a text is made: what somebody names, without the words around it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mentorship.domain.text import composed, fold

# A person who writes more is compared by this much of it.
PHRASES_AT_MOST = 40
LETTERS_AT_MOST = 120
# Words that no phrase begins or ends with.
_AROUND = frozenset({
    "a", "all", "am", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "could",
    "do", "e g", "eg", "etc", "for", "from", "had", "has", "have", "how", "i", "i e", "id", "ie",
    "im", "in", "into", "is", "it", "its", "ive", "me", "more", "most", "much", "my", "myself",
    "of", "on", "or", "other", "our", "so", "such", "that", "the", "their", "them", "there",
    "these", "they", "this", "those", "to", "too", "use", "used", "using", "very", "was", "we",
    "were", "what", "when", "where", "which", "who", "will", "with", "would", "you", "your",
})  # fmt: skip
# What people write before they name something.
_BEFORE = frozenset({
    "able", "about", "also", "any", "anything", "currently", "discuss", "enjoy", "especially",
    "get", "getting", "good", "great", "happy", "hear", "help", "helpful", "hope", "hoping",
    "interested", "know", "learn", "like", "looking", "lots", "love", "maybe", "mostly", "need",
    "please", "really", "share", "some", "someone", "something", "talk", "talking", "think",
    "various", "want", "well", "wish", "work", "worked", "working",
})  # fmt: skip
_BETWEEN = re.compile(
    r"""
    [,;:!?()\[\]|"\u201c\u201d\u2022\n\r\t]
    | \.(?=\s|$)
    | \s[-\u2013\u2014]\s
    | \s(?:and|or|&|as\ well\ as)\s
    """,
    re.IGNORECASE | re.VERBOSE,
)


def phrases_of(texts: Iterable[str]) -> list[str]:
    """Return the phrases of some texts as they were written, each once, in their order.

    Two that differ only in capitals are one.
    """
    found: dict[str, str] = {}
    for text in texts:
        for piece in _BETWEEN.split(text):
            phrase = _bare(piece)
            if phrase and len(found) < PHRASES_AT_MOST:
                found.setdefault(composed(phrase), phrase)
    return list(found.values())


def _bare(piece: str) -> str:
    """Return what is left of a piece without the empty words at its ends."""
    words = piece[: 2 * LETTERS_AT_MOST].split()
    while words and _is_one_of(words[0], _AROUND | _BEFORE):
        del words[0]
    while words and _is_one_of(words[-1], _AROUND):
        del words[-1]
    return " ".join(words)[:LETTERS_AT_MOST]


def _is_one_of(word: str, empty: frozenset[str]) -> bool:
    plain = fold(word)
    return not plain or plain.isdigit() or plain in empty
