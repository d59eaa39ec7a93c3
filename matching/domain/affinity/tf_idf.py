"""Texts as TF-IDF vectors of whole numbers.

The features are words (one and two at a time, without English stop words) and pieces of words
(three to five characters, so that "genomic" is near "genomics"), weighted as by G. Salton and
C. Buckley (Information Processing & Management 24, 1988). The numbers are those of scikit-learn's
TfidfVectorizer. That takes a second to load and goes through every text letter by letter; here each
different word is taken apart once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.domain.exclusions.affiliations import plain
from mentorship.domain.text import cached_by_text

Ints = npt.NDArray[np.int64]
Whole = npt.NDArray[np.signedinteger[Any]]  # whole numbers of any size
Floats = npt.NDArray[np.float64]

# Words that are in every text: the list of the Glasgow Information Retrieval Group.
STOP_WORDS = frozenset(Path(__file__).with_name("stop_words.txt").read_text().split())
UNIT = 1 << 12  # the length of a vector
MOST_PIECES = 20_000  # those that occur most often
_SHORTEST_WORD = 2  # a single letter is a piece, but no word
_PIECE_LENGTHS = (3, 4, 5)
_TEXTS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Vectors:
    """Vectors as their entries that are not 0: `value` of `feature` in the text `row`.

    All three have the shape (entries,) and are sorted by row. `features` is how many there are.
    """

    row: Whole
    feature: Whole
    value: Whole
    features: int


@dataclass(frozen=True)
class _Counts:
    """How often (`count`) a `feature` occurs in the text `row`, sorted by row and feature."""

    row: Whole
    feature: Whole
    count: Whole
    features: int

    def of_texts(self, start: int, stop: int) -> _Counts:
        """Return the same of the texts start..stop-1, which count from 0."""
        # In the rows' own type: else each search would write all of them in another one first.
        here = slice(*np.searchsorted(self.row, np.array([start, stop], self.row.dtype)))
        return _Counts(self.row[here] - start, self.feature[here], self.count[here], self.features)


def vectors_of(texts: Sequence[str]) -> Vectors:
    """Return the vectors of these texts, of the length `UNIT` but for rounding.

    A text without a telling word has no entries.
    """
    # Each text is divided three times, since all words of all texts as objects take much room.
    written = [telling_words(text) for text in texts]
    words = sorted({word for text in written for word in text.split()})
    number = {word: k for k, word in enumerate(words)}
    row = np.repeat(np.arange(len(texts)), [len(text.split()) for text in written])
    word = np.fromiter((number[w] for text in written for w in text.split()), dtype=np.int64)
    both = _words(row, word, words), _pieces(row, word, words)
    rarity = [_rarity(counts, len(texts)) for counts in both]
    found = [np.zeros((3, 0), np.int32)]
    # In blocks of texts: the weights of all features of all texts would take much room at once.
    for first in range(0, len(texts), _TEXTS_AT_ONCE):
        parts = [counts.of_texts(first, first + _TEXTS_AT_ONCE) for counts in both]
        weight = np.concatenate(list(map(_weights, parts, rarity)))
        row = np.concatenate([part.row for part in parts])
        feature = np.concatenate([parts[0].feature, parts[1].feature + both[0].features])
        value = np.rint(_normalized(row, weight) * UNIT).astype(np.int32)
        order = np.argsort(row, kind="stable")
        order = order[value[order] != 0]
        found.append(np.stack([row[order] + first, feature[order], value[order]]))
    row, feature, value = np.concatenate(found, axis=1)
    return Vectors(row, feature, value, sum(counts.features for counts in both))


# Most people's words are the same as when they were last compared.
@cached_by_text(10_000)
def telling_words(text: str) -> str:
    """Return the words of a text, plain, without those that are in every text."""
    # Without "I would like to" no piece of it makes two texts alike.
    left = " ".join(word for word in plain(text).split() if word not in STOP_WORDS)
    return left.lower()


def _words(row: Ints, word: Ints, words: Sequence[str]) -> _Counts:
    """Return the words of texts, and each two words that stand next to each other."""
    whole = np.array([len(name) >= _SHORTEST_WORD for name in words], dtype=bool)
    row, word = row[whole[word]], word[whole[word]]
    first = word * (len(words) + 1)
    together = row[1:] == row[:-1]
    pairs = (first[:-1] + word[1:] + 1)[together]
    keys, feature = np.unique(np.concatenate([first, pairs]), return_inverse=True)
    return _counted(np.concatenate([row, row[1:][together]]), feature, len(keys))


def _pieces(row: Ints, word: Ints, words: Sequence[str]) -> _Counts:
    """Return the pieces of the words of texts."""
    of_words = [list(_pieces_of(name)) for name in words]
    pieces = sorted({piece for some in of_words for piece in some})
    number = {piece: k for k, piece in enumerate(pieces)}
    owner = np.repeat(np.arange(len(words)), [len(some) for some in of_words])
    piece = np.array([number[p] for some in of_words for p in some], dtype=np.int64)
    features = len(pieces)
    if features > MOST_PIECES:
        times = np.bincount(word, minlength=len(words))[owner]
        often = np.bincount(piece, times, features).astype(np.int64)
        stays = np.zeros(features, dtype=bool)
        stays[(-often).argsort()[:MOST_PIECES]] = True
        owner, piece = owner[stays[piece]], (np.cumsum(stays) - 1)[piece[stays[piece]]]
        features = MOST_PIECES
    size = np.bincount(owner, minlength=len(words))
    start = np.cumsum(size) - size
    found = []
    # In blocks of texts, since all pieces of all words take much room until they are counted.
    last = int(row[-1]) + 1 if len(row) else 1
    ends = np.searchsorted(row, np.arange(0, last + _TEXTS_AT_ONCE, _TEXTS_AT_ONCE))
    for here in itertools.starmap(slice, itertools.pairwise(ends)):
        times = size[word[here]]
        place = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        feature = piece[np.repeat(start[word[here]], times) + place]
        found.append(_counted(np.repeat(row[here], times), feature, features))
    return _Counts(
        np.concatenate([counts.row for counts in found]),
        np.concatenate([counts.feature for counts in found]),
        np.concatenate([counts.count for counts in found]),
        features,
    )


def _pieces_of(word: str) -> Iterator[str]:
    padded = f" {word} "
    for length in _PIECE_LENGTHS:
        for start in range(len(padded) - length + 1):
            yield padded[start : start + length]


def _counted(row: Ints, feature: Ints, features: int) -> _Counts:
    """Return how often each feature occurs in each text, if it occurs as (row, feature) says."""
    bits = features.bit_length()
    at = np.sort(row << bits | feature)
    first = np.flatnonzero(np.diff(at, prepend=-1))
    count = np.diff(first, append=len(at)).astype(np.int32)
    row, feature = at[first] >> bits, at[first] & (1 << bits) - 1
    return _Counts(row.astype(np.int32), feature.astype(np.int32), count, features)


def _rarity(counts: _Counts, texts: int) -> Floats:
    """Return the weight of each feature: the fewer texts have it, the more it says."""
    having = np.bincount(counts.feature, minlength=counts.features)
    rarity: Floats = np.log((texts + 1.0) / (having + 1.0)) + 1
    return rarity


def _weights(counts: _Counts, rarity: Floats) -> Floats:
    """Return the weight of each entry; those of a text have the length 1."""
    weight = np.log(counts.count.astype(np.float64))
    weight += 1
    weight *= rarity[counts.feature]
    return _normalized(counts.row, weight)


def _normalized(row: Whole, value: Floats) -> Floats:
    result: Floats = value / np.sqrt(np.bincount(row, value * value))[row]
    return result
