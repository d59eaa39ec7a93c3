"""Text as the numbers of its word pieces, as models of the BERT family read it (uncased)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

_LONGEST_WORD = 100  # letters; a longer word is unknown


class WordPieces:
    """A vocabulary of words and pieces of words; `##` begins a piece that goes on a word.

    A word that is not in it is taken apart, the longest piece first.
    """

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._numbers = numbers
        self._first, self._last = numbers["[CLS]"], numbers["[SEP]"]
        self._unknown = numbers["[UNK]"]

    def read(self, text: str, at_most: int) -> tuple[int, ...]:
        """Return the numbers of a text's pieces between those of its two ends.

        What is beyond `at_most` numbers is left out. Nothing comes of a text without a known piece.
        """
        pieces = [piece for word in _words(text) for piece in self._pieces(word)]
        if set(pieces) <= {self._unknown}:
            return ()
        return (self._first, *pieces[: at_most - 2], self._last)

    def _pieces(self, word: str) -> list[int]:
        if len(word) > _LONGEST_WORD:
            return [self._unknown]
        found, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                number = self._numbers.get(("##" if start else "") + word[start:end])
                if number is not None:
                    break
            else:
                return [self._unknown]
            found.append(number)
            start = end
        return found


def _words(text: str) -> list[str]:
    """Return words in lower case without accents, each mark and each Chinese sign by itself."""
    apart = []
    for sign in unicodedata.normalize("NFD", text.lower()):
        kind = unicodedata.category(sign)
        if kind == "Mn" or (kind.startswith("C") and not sign.isspace()):
            continue
        apart.append(f" {sign} " if _stands_alone(sign, kind) else sign)
    return "".join(apart).split()


def _stands_alone(sign: str, kind: str) -> bool:
    if kind.startswith("P") or (sign.isascii() and kind.startswith("S")):
        return True
    return "\u3400" <= sign <= "\u9fff" or "\uf900" <= sign <= "\ufaff"
