"""The part of affinity for words that mean the same, whatever their letters; needs a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from matching.domain.affinity.text_similarity import FULL, Ints
from matching.domain.meaning.model import UNIT, PhraseVectors, phrase_vectors
from matching.domain.meaning.phrases import phrases_of
from mentorship.models import Participant

_SAMPLE = 200  # mentors, and mentees, from which an average is taken at most
_CELLS = 1 << 22  # pairs of phrases compared at once: 16 MB


class SameMeaning:
    """A part: the similarity in meaning of the two phrases, one of each person, that are closest.

    The similarity is the cosine of their vectors, from 0 to 1000. A person without a phrase that
    the model knows scores the average of those who have some.
    """

    def __init__(
        self,
        vectors: PhraseVectors,
        mentors: Sequence[Participant],
        mentees: Sequence[Participant],
    ) -> None:
        sides = [[person_phrases(person) for person in side] for side in (mentors, mentees)]
        every = list(dict.fromkeys(phrase for side in sides for some in side for phrase in some))
        place = {phrase: row for row, phrase in enumerate(every)}
        self._vectors = vectors.of(every)
        known = (self._vectors != 0).any(axis=1).tolist()
        self._rows, self._columns = (
            [[at for phrase in some if known[at := place[phrase]]] for some in side]
            for side in sides
        )
        self._known_rows, self._known_columns = (
            np.array([bool(places) for places in side], dtype=bool)
            for side in (self._rows, self._columns)
        )
        self.known = bool(self._known_rows.any() and self._known_columns.any())
        self._average = self._mean() if self.known else 0

    def block(self, start: int, stop: int) -> Ints:
        """Return the scores of mentors `start` to `stop` (rows) with every mentee (columns)."""
        found = np.full((stop - start, len(self._columns)), self._average, dtype=np.int64)
        columns = np.flatnonzero(self._known_columns)
        rows = start + np.flatnonzero(self._known_rows[start:stop])
        if len(rows) and len(columns):
            found[np.ix_(rows - start, columns)] = self._closest(rows, columns)
        return found

    def of_pairs(self, rows: Ints, columns: Ints) -> Ints:
        """Return the score of mentor `rows[k]` with mentee `columns[k]` for each k; shape (k,)."""
        found = np.full(len(rows), self._average, dtype=np.int64)
        for k in np.flatnonzero(self._known_rows[rows] & self._known_columns[columns]):
            products = (
                self._vectors[self._rows[rows[k]]] @ self._vectors[self._columns[columns[k]]].T
            )
            found[k] = _scores(products.max())
        return found

    def _closest(self, rows: Ints, columns: Ints) -> Ints:
        """Return the scores of some mentors with some mentees, all of them with phrases."""
        theirs, ends = _gathered(self._columns, columns)
        across = np.ascontiguousarray(self._vectors[theirs].T)
        found = np.empty((len(rows), len(columns)), dtype=np.int64)
        step = max(1, _CELLS // len(theirs) // max(len(self._rows[row]) for row in rows))
        for at in range(0, len(rows), step):
            mine, starts = _gathered(self._rows, rows[at : at + step])
            products = self._vectors[mine] @ across
            # Over a mentor's few long rows this is ten times faster than with `reduceat`.
            closest = np.vstack([some.max(axis=0) for some in np.split(products, starts[1:])])
            found[at : at + step] = _scores(np.maximum.reduceat(closest, ends, axis=1))
        return found

    def _mean(self) -> int:
        """Return the mean of all known pairs, or of an even sample where there are many."""
        rows, columns = (
            known[:: -(-len(known) // _SAMPLE)]
            for known in map(np.flatnonzero, (self._known_rows, self._known_columns))
        )
        scores = self._closest(rows, columns)
        return int(scores.sum()) // scores.size


def compare_meaning(
    mentors: Sequence[Participant], mentees: Sequence[Participant]
) -> dict[str, SameMeaning]:
    """Return the part under its name; nothing if the host has given no model."""
    vectors = phrase_vectors()
    return {"meaning": SameMeaning(vectors, mentors, mentees)} if vectors else {}


def met_in_meaning(mentor: Participant, mentee: Participant) -> tuple[str, str] | None:
    """Return the two phrases, the mentor's first, that are closest in meaning.

    Return None without a model, or if one of the two wrote none that it knows.
    """
    vectors = phrase_vectors()
    if not vectors:
        return None
    mine, theirs = (
        [one for one, vector in zip(every, vectors.of(every), strict=True) if vector.any()]
        for every in map(person_phrases, (mentor, mentee))
    )
    if not (mine and theirs):
        return None
    products = vectors.of(mine) @ vectors.of(theirs).T
    i, j = np.unravel_index(int(products.argmax()), products.shape)
    return mine[i], theirs[j]


def person_phrases(person: Participant) -> list[str]:
    """Return the phrases of all that a person wrote about themselves, wishes and offers first."""
    return phrases_of((person.topics_wanted, person.topics_offered, person.notes))


def _gathered(side: Sequence[Sequence[int]], people: Ints) -> tuple[Ints, Ints]:
    """Return the places of all phrases of some people, one after another, and where each begins."""
    starts = np.cumsum([0, *(len(side[person]) for person in people)])[:-1]
    places = np.array([place for person in people for place in side[person]], dtype=np.int64)
    return places, starts


def _scores(products: npt.ArrayLike) -> Ints:
    return np.rint(np.clip(products, 0, UNIT**2) * (FULL / UNIT**2)).astype(np.int64)
