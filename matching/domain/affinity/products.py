"""Exact products of the whole-number vectors of two groups of people, each with each.

A feature that many people have is cheapest as a column of a dense matrix, one that few have as a
list of these few. So each is kept the way that is cheaper for it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matching.domain.affinity.tf_idf import Ints, Vectors, Whole

Floats = npt.NDArray[np.floating]

# Two numbers from lists take as long to multiply as so many in dense matrices.
_DENSE_ARE_CHEAPER = 400
_DENSE_CELLS = 1 << 26  # numbers in the dense matrices at most, of four bytes each
_AT_ONCE = 1 << 20  # products of numbers from lists


class Products:
    """The products of the vectors of the first `rows` texts with those of the `columns` others.

    They are exact up to 2**24. `rows_known` and `columns_known` tell whose vectors have entries.
    """

    def __init__(self, vectors: Vectors, rows: int, columns: int) -> None:
        self.shape = rows, columns
        known = np.zeros(rows + columns, dtype=bool)
        known[vectors.row] = True
        self.rows_known, self.columns_known = known[:rows], known[rows:]
        first = int(np.searchsorted(vectors.row, rows))
        sides = [
            (vectors.row[:first], vectors.feature[:first], vectors.value[:first]),
            (vectors.row[first:] - rows, vectors.feature[first:], vectors.value[first:]),
        ]
        have = [np.bincount(feature, minlength=vectors.features) for _, feature, _ in sides]
        # A feature that only one side has makes no product.
        pairs = have[0] * have[1]
        dense = _dense_features(pairs, rows, columns)
        column_of = np.full(vectors.features, -1, np.int32)
        column_of[dense] = np.arange(len(dense))
        self._dense_rows, self._dense_columns = (
            _dense_matrix(*side, people, column_of, len(dense))
            for side, people in zip(sides, self.shape, strict=True)
        )
        pairs[dense] = 0
        (row, feature, value), (column, other, theirs) = (
            tuple(part[(pairs > 0)[side[1]]] for part in side) for side in sides
        )
        self._of_row = _Lists(row, feature, value, rows)
        self._of_feature = _Lists(other, column, theirs, vectors.features)
        self._features = max(vectors.features, 1)
        self._in_columns = column.astype(np.int64) * self._features + other
        self._values = theirs
        # How many products of numbers from lists each row has.
        self._work = np.bincount(row, have[1][feature], rows)

    def of_rows(self, rows: Ints) -> Floats:
        """Return the products of these rows with all columns, shape (rows, columns)."""
        found: Floats = self._dense_rows[rows] @ self._dense_columns.T
        part = np.cumsum(self._work[rows]) // _AT_ONCE
        for start, stop in _runs(part):
            mine, feature, value = self._of_row.of(rows[start:stop])
            entry, column, theirs = self._of_feature.of(feature)
            cell = mine[entry] * self.shape[1] + column
            block = found[start:stop]
            block += np.bincount(cell, value[entry] * theirs, block.size).reshape(block.shape)
        return found

    def of_pairs(self, rows: Ints, columns: Ints) -> Floats:
        """Return the product of `rows[k]` with `columns[k]` for each k, shape (k,)."""
        pair, feature, value = self._of_row.of(rows)
        wanted = columns[pair] * self._features + feature
        at = np.minimum(np.searchsorted(self._in_columns, wanted), len(self._in_columns) - 1)
        both = self._in_columns[at] == wanted if len(wanted) else np.zeros(0, dtype=bool)
        products = value[both] * self._values[at[both]]
        found: Floats = np.bincount(pair[both], products, len(rows)).astype(np.float64)
        step = max(1, _AT_ONCE // max(self._dense_rows.shape[1], 1))
        for start in range(0, len(rows), step):
            here = slice(start, start + step)
            dense = self._dense_rows[rows[here]], self._dense_columns[columns[here]]
            found[here] += np.einsum("kf,kf->k", *dense)
        return found


class _Lists:
    """Entries (key, other, value) in lists, one for each key."""

    def __init__(self, key: Whole, other: Whole, value: Whole, keys: int) -> None:
        order = np.argsort(key, kind="stable")
        self._other, self._value = other[order], value[order].astype(np.float32)
        self._size = np.bincount(key, minlength=keys)
        self._start = np.cumsum(self._size) - self._size

    def of(self, keys: Whole) -> tuple[Ints, Whole, Floats]:
        """Return the entries of these keys, one list after another, each with its key's place."""
        size = self._size[keys]
        place = np.repeat(np.arange(len(keys)), size)
        entry = np.arange(len(place)) + np.repeat(self._start[keys] - np.cumsum(size) + size, size)
        return place, self._other[entry], self._value[entry]


def _dense_features(pairs: Ints, rows: int, columns: int) -> Ints:
    """Return the features that are cheaper dense, by how many pairs of people have them both."""
    dense = np.flatnonzero(pairs * _DENSE_ARE_CHEAPER > rows * columns)
    most = _DENSE_CELLS // max(rows + columns, 1)
    return dense[np.argsort(-pairs[dense], kind="stable")[:most]]


def _dense_matrix(
    person: Whole, feature: Whole, value: Whole, people: int, column: Whole, columns: int
) -> Floats:
    """Return the entries of the features that have a column, shape (people, columns)."""
    at = column[feature]
    here = at >= 0
    matrix = np.zeros((people, columns), dtype=np.float32)
    matrix[person[here], at[here]] = value[here]
    return matrix


def _runs(part: Ints) -> list[tuple[int, int]]:
    """Return the start and the end of each run of equal numbers."""
    cuts = np.flatnonzero(np.diff(part)) + 1
    ends = [*cuts.tolist(), len(part)] if len(part) else []
    return list(zip([0, *ends[:-1]], ends, strict=True)) if ends else []
