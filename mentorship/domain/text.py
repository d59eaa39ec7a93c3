"""What people typed: how it is compared, and how much of it stays in memory.

`composed` keeps accents and only evens out how a text is encoded and capitalized: for answers,
headings and options, in which another letter may be another word. `fold` takes accents away too:
for names of people and places, which one person writes with accents and the next without.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

CACHED_LETTERS = 10_000_000  # of one function's arguments: 10 MB, where they are Latin letters
# Letters that Unicode does not take apart into a base and an accent.
_PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe"}
)


def composed(text: str) -> str:
    """Return a text in lower case and in the composed form that every spelling of it has (NFKC)."""
    return unicodedata.normalize("NFKC", text).casefold()


def plain_letters(text: str) -> str:
    """Return a text in lower case, its letters without accents: "Łódź" becomes "lodz"."""
    if text.isascii():  # most are, and going through them letter by letter takes long
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN_LETTERS)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def words_in(text: str) -> list[str]:
    """Return the words of a text: letters and digits. An apostrophe does not end a word."""
    return re.sub(r"[\W_]+", " ", re.sub("['\u2019]", "", text)).split()


def fold(text: str) -> str:
    """Return a name as it is compared: plain letters, no punctuation, single spaces."""
    return " ".join(words_in(plain_letters(text)))


def cached_by_text(most: int) -> Callable[[F], F]:
    """Have a function of texts work out each result once, for the last `most` arguments.

    Files and forms come from strangers, and a cell of them can be megabytes long. So what has more
    letters than its share of CACHED_LETTERS is worked out each time.
    """
    longest = CACHED_LETTERS // most

    def decorate(function: F) -> F:
        keeping = functools.lru_cache(most)(function)

        @functools.wraps(function)
        def cached(*texts: str) -> Any:
            return function(*texts) if sum(map(len, texts)) > longest else keeping(*texts)

        return cast(F, cached)

    return decorate
