"""Similarity of people's own words: the cosine of TF-IDF vectors, in exact whole numbers.

The vectors are whole numbers, so that a product is the same however the work is cut into blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.domain.affinity.products import Products
from matching.domain.affinity.tf_idf import UNIT, Ints, Whole, vectors_of

Scores = Whole

_SAMPLE = 500  # rows, and columns, from which an average is taken at most
FULL = 1000  # the highest score


class TextSimilarity:
    """The similarity of each mentor's text to each mentee's text, from 0 to 1000.

    It is the square root of the cosine of the two TF-IDF vectors. An empty text scores the average
    of all pairs in which both wrote something, so a person who wrote nothing is neither helped nor
    hurt. `known` is False if there is no such pair at all.
    """

    def __init__(self, mentors: Sequence[str], mentees: Sequence[str]) -> None:
        self._products = Products(vectors_of([*mentors, *mentees]), len(mentors), len(mentees))
        self._rows_known = self._products.rows_known
        self._columns_known = self._products.columns_known
        self.known = bool(self._rows_known.any() and self._columns_known.any())
        self._average = self._average_similarity() if self.known else 0

    def block(self, start: int, stop: int) -> Scores:
        """Return the scores of mentors `start` to `stop` (rows) with every mentee (columns).

        The array has the shape (stop - start, mentees).
        """
        scores = _similarity(self._products.of_rows(np.arange(start, stop)))
        scores[~self._rows_known[start:stop]] = self._average
        scores[:, ~self._columns_known] = self._average
        return scores

    def of_pairs(self, rows: Ints, columns: Ints) -> Scores:
        """Return the score of mentor `rows[k]` with mentee `columns[k]` for each k; shape (k,)."""
        scores = _similarity(self._products.of_pairs(rows, columns))
        scores[~(self._rows_known[rows] & self._columns_known[columns])] = self._average
        return scores

    def _average_similarity(self) -> int:
        """Return the mean of all known pairs, or of an even sample where there are many."""
        rows = np.flatnonzero(self._rows_known)
        columns = np.flatnonzero(self._columns_known)
        rows = rows[:: -(-len(rows) // _SAMPLE)]
        columns = columns[:: -(-len(columns) // _SAMPLE)]
        scores = _similarity(self._products.of_rows(rows)[:, columns])
        return int(scores.sum(dtype=np.int64)) // scores.size


def _similarity(products: npt.NDArray[Any]) -> Scores:
    # Cosines of short texts crowd near 0; their root spreads them and keeps the order.
    root = np.minimum(products, UNIT**2, dtype=np.float64)
    np.sqrt(root, out=root)
    root *= FULL / UNIT
    return np.rint(root, out=root).astype(np.int16)
