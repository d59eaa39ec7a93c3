"""Similarity of people's own words: TF-IDF with cosine, in exact whole numbers.

Words (one and two at a time, without English stop words) and pieces of words (three to five
characters, so that "genomic" is near "genomics") are weighted by scikit-learn's TF-IDF
(G. Salton, C. Buckley, Information Processing & Management 24, 1988). The vectors are then rounded
to whole numbers, so that a product is the same however the work is cut into blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from matching.domain.exclusions.affiliations import plain

Ints = npt.NDArray[np.int64]

_UNIT = 1 << 12  # the length of a vector; products stay below 2**25
_SAMPLE = 500  # rows, and columns, from which an average is taken at most
FULL = 1000  # the highest score


class TextSimilarity:
    """The similarity of each mentor's text to each mentee's text, from 0 to 1000.

    It is the square root of the cosine of the two TF-IDF vectors. An empty text scores the average
    of all pairs in which both wrote something, so a person who wrote nothing is neither helped nor
    hurt. `known` is False if there is no such pair at all.
    """

    def __init__(self, mentors: Sequence[str], mentees: Sequence[str]) -> None:
        vectors = _vectors([*mentors, *mentees])
        self._rows = vectors[: len(mentors)].tocsr()
        self._columns = vectors[len(mentors) :].tocsr()
        self._columns_across = self._columns.T.tocsr()
        self._rows_known = np.diff(self._rows.indptr) > 0
        self._columns_known = np.diff(self._columns.indptr) > 0
        self.known = bool(self._rows_known.any() and self._columns_known.any())
        self._average = self._average_similarity() if self.known else 0

    def block(self, start: int, stop: int) -> Ints:
        """Return the scores of mentors `start` to `stop` (rows) with every mentee (columns).

        The array has the shape (stop - start, mentees).
        """
        products = (self._rows[start:stop] @ self._columns_across).toarray()
        known = self._rows_known[start:stop, None] & self._columns_known[None, :]
        return self._scaled(products, known)

    def of_pairs(self, rows: Ints, columns: Ints) -> Ints:
        """Return the score of mentor `rows[k]` with mentee `columns[k]` for each k; shape (k,)."""
        products = self._rows[rows].multiply(self._columns[columns]).sum(axis=1)
        known = self._rows_known[rows] & self._columns_known[columns]
        return self._scaled(np.asarray(products).reshape(-1), known)

    def _scaled(self, products: npt.NDArray[Any], known: npt.NDArray[np.bool_]) -> Ints:
        return np.where(known, _similarity(products), self._average)

    def _average_similarity(self) -> int:
        """Return the mean of all known pairs, or of an even sample where there are many."""
        rows = np.flatnonzero(self._rows_known)
        columns = np.flatnonzero(self._columns_known)
        rows = rows[:: -(-len(rows) // _SAMPLE)]
        columns = columns[:: -(-len(columns) // _SAMPLE)]
        products = (self._rows[rows] @ self._columns[columns].T).toarray()
        return int(_similarity(products).sum()) // products.size


def _similarity(products: npt.NDArray[Any]) -> Ints:
    # Cosines of short texts crowd near 0; their root spreads them and keeps the order.
    return np.rint(np.sqrt(np.minimum(products / _UNIT**2, 1.0)) * FULL).astype(np.int64)


def _vectors(texts: Sequence[str]) -> sparse.csr_matrix:
    # Imported here because it takes a second, which no other command or page should wait for.
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
    from sklearn.preprocessing import normalize

    if not texts:
        return sparse.csr_matrix((0, 1), dtype=np.int64)
    # Left out beforehand, so that no piece of "I would like to" makes two texts alike.
    texts = [
        " ".join(w for w in plain(text).split() if w not in ENGLISH_STOP_WORDS) for text in texts
    ]
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    pieces = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, max_features=20_000
    )
    found = []
    for vectorizer in (words, pieces):
        try:
            found.append(vectorizer.fit_transform(texts))
        except ValueError:  # nothing but stop words in any text: "empty vocabulary"
            found.append(sparse.csr_matrix((len(texts), 1)))
    vectors = normalize(sparse.hstack(found, format="csr"), copy=False)
    vectors.data = np.rint(vectors.data * _UNIT)
    vectors = vectors.astype(np.int64)
    vectors.eliminate_zeros()
    return vectors
