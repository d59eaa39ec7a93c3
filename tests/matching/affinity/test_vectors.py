"""Texts as vectors, and the products of vectors; both beside what others compute."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from matching.domain.affinity import products, tf_idf
from matching.domain.affinity.products import Products
from matching.domain.affinity.tf_idf import STOP_WORDS, UNIT, Vectors, vectors_of
from matching.domain.exclusions.affiliations import plain

WORDS = ["genomic", "genomics", "a", "I", "C", "GPU", "the", "Łódź", "naïve", "数据", "x1", "of"]
TEXTS = st.lists(
    st.lists(st.sampled_from(WORDS) | st.text("abc", min_size=1, max_size=8), max_size=12).map(
        " ".join
    ),
    min_size=1,
    max_size=8,
)


def reference(texts, most_pieces):
    """Return the vectors that scikit-learn makes of these texts, shape (texts, features)."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    texts = [" ".join(w for w in plain(text).split() if w not in STOP_WORDS) for text in texts]
    found = []
    for vectorizer in (
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, max_features=most_pieces
        ),
    ):
        try:
            found.append(vectorizer.fit_transform(texts))
        except ValueError:  # "empty vocabulary"
            found.append(sparse.csr_matrix((len(texts), 1)))
    vectors = normalize(sparse.hstack(found, format="csr"))
    return np.rint(vectors.toarray() * UNIT)


def dense(vectors, rows):
    table = np.zeros((rows, vectors.features))
    table[vectors.row, vectors.feature] = vectors.value
    return table


@given(texts=TEXTS, most_pieces=st.sampled_from([7, 20_000]))
def test_vectors_are_those_of_scikit_learn(texts, most_pieces):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tf_idf, "MOST_PIECES", most_pieces)
        vectors = vectors_of(texts)
    ours, theirs = dense(vectors, len(texts)), reference(texts, most_pieces)
    assert ours.tolist() == theirs[:, theirs.any(axis=0)].tolist()
    assert (np.diff(vectors.row) >= 0).all()


def test_no_texts_have_no_vectors():
    vectors = vectors_of([])
    assert (len(vectors.row), vectors.features) == (0, 0)


def test_stop_words_are_those_of_scikit_learn():
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    assert STOP_WORDS == ENGLISH_STOP_WORDS


# 0: all numbers in lists; a million: all in dense matrices.
@pytest.mark.parametrize("cheaper", [0, 3, 1_000_000])
@pytest.mark.parametrize(("rows", "columns"), [(13, 9), (1, 5), (0, 4), (4, 0)])
def test_products_are_exact_however_features_are_kept(monkeypatch, cheaper, rows, columns):
    monkeypatch.setattr(products, "_DENSE_ARE_CHEAPER", cheaper)
    monkeypatch.setattr(products, "_AT_ONCE", 5)
    rng = np.random.default_rng(rows)
    table = rng.integers(1, 900, (rows + columns, 6)) * (rng.random((rows + columns, 6)) < 0.5)
    row, feature = np.nonzero(table)
    both = Products(Vectors(row, feature, table[row, feature], 6), rows, columns)
    expected = table[:rows] @ table[rows:].T
    assert both.rows_known.tolist() == table[:rows].any(axis=1).tolist()
    assert both.columns_known.tolist() == table[rows:].any(axis=1).tolist()
    assert both.of_rows(np.arange(rows)).tolist() == expected.tolist()
    assert both.of_rows(np.arange(rows)[::-2]).tolist() == expected[::-2].tolist()
    i, j = (side.reshape(-1) for side in np.indices((rows, columns)))
    assert both.of_pairs(i, j).tolist() == expected.reshape(-1).tolist()
