"""The model that the host has given, and the vectors of phrases that were asked for lately."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt
from cachetools import LRUCache
from django.conf import settings

from matching.domain.meaning.sentence_model import SentenceModel, UnusableModel

logger = logging.getLogger(__name__)
# The length of a vector. Its parts are rounded to whole numbers, so products are exact in 32 bits
# (below 2**24), however the work is cut into blocks.
UNIT = 1 << 11
KEPT_AT_MOST = 50_000  # vectors of one process: 40 MB for a model of 384 numbers

Vectors = npt.NDArray[np.float32]


class PhraseVectors:
    """The vectors of phrases by the host's model. Two threads may ask at once."""

    def __init__(self, model: SentenceModel) -> None:
        self.stamp = model.stamp
        self._model = model
        self._kept: LRUCache[str, npt.NDArray[np.int16]] = LRUCache(KEPT_AT_MOST)
        self._lock = Lock()

    def of(self, phrases: Sequence[str]) -> Vectors:
        """Return a vector of whole numbers and length `UNIT` for each phrase, as its row."""
        with self._lock:
            known = {phrase: self._kept.get(phrase) for phrase in phrases}
        new = [phrase for phrase, vector in known.items() if vector is None]
        rounded = np.rint(self._model.vectors(new) * UNIT).astype(np.int16)
        known.update(zip(new, rounded, strict=True))
        with self._lock:
            self._kept.update(zip(new, rounded, strict=True))
        found = np.zeros((len(phrases), self._model.size), dtype=np.float32)
        for row, phrase in enumerate(phrases):
            found[row] = known[phrase]
        return found


def phrase_vectors() -> PhraseVectors | None:
    """Return the vectors of the host's model; None without one, or if it cannot be used."""
    return _read(Path(settings.MEANING_MODEL))[0] if settings.MEANING_MODEL else None


def model_problem() -> str:
    """Return what is wrong with the host's model as a sentence; “” if nothing is or none is set."""
    return _read(Path(settings.MEANING_MODEL))[1] if settings.MEANING_MODEL else ""


@lru_cache(maxsize=1)
def _read(folder: Path) -> tuple[PhraseVectors | None, str]:
    try:
        return PhraseVectors(SentenceModel(folder)), ""
    except UnusableModel as error:
        problem = f"The model in MEANING_MODEL={folder} cannot be used: {error}."
        logger.error("%s Words are compared without it.", problem)
        return None, problem
