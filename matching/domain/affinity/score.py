"""How well two people suit each other: a whole number from 0 to 1000, as a sum of parts.

Each part says how well a pair does in one respect, from 0 to 1000, and counts by the program's
weight for it:

sector     the same kind of employment
interests  what both wrote about themselves
meaning    the two phrases, one of each, that are closest in meaning, if the host has a model
hopes      what the mentee would like to talk about, against what the mentor offers
seniority  the mentor is further along in their career
hours      shared hours, free or awake; counts only where a call is needed
questions  similar answers to the committee's own questions, where these count
wish       one of the two would like to meet the other

A person who gave nothing for a part scores the average of those who did: they are neither helped
nor hurt. A part for which nobody gave anything does not count.

Comparing people takes longer than all the rest of a proposal, and depends neither on the weights
nor on who is matched, locked or excluded. So the last few comparisons are kept in memory.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, Protocol

import numpy as np
from cachetools import LRUCache
from django.core.exceptions import ValidationError

from matching.domain.affinity.answers import MeetingWishes, NewestAnswers, SameAnswers
from matching.domain.affinity.lookups import (
    compare_hours,
    compare_sectors,
    compare_seniority,
    sector_of,
)
from matching.domain.affinity.meaning import compare_meaning
from matching.domain.affinity.text_similarity import FULL, Ints, Scores, TextSimilarity
from matching.domain.meaning.model import phrase_vectors
from mentorship.models import Participant, Program

PARTS = ("sector", "interests", "hopes", "seniority", "hours", "questions", "wish", "meaning")
# Programs with more pairs than this are not kept: one of them would fill the memory.
TABLE_CELLS = 25_000_000


def shares(weights: Mapping[str, int], counting: Sequence[str]) -> dict[str, int]:
    """Return how the `counting` parts share 1000 points by their weights.

    What rounding leaves goes to the largest remainders (Hamilton's method), so the shares sum to
    1000 exactly; to 0 if no part that counts has a weight. Raise ValidationError if a weight is
    not a whole number from 0.
    """
    for name, weight in weights.items():
        if not isinstance(weight, int) or isinstance(weight, bool) or weight < 0:
            raise ValidationError(
                f"The weight of “{name}” is {weight!r}. Enter a whole number, 0 or more."
            )
    weighed = {name: weights.get(name, 0) for name in PARTS if name in counting}
    total = sum(weighed.values())
    if not total:
        return dict.fromkeys(weighed, 0)
    points = {name: FULL * weight // total for name, weight in weighed.items()}
    left = sorted(weighed, key=lambda name: (-(FULL * weighed[name] % total), name))
    for name in left[: FULL - sum(points.values())]:
        points[name] += 1
    return points


class Part(Protocol):
    """One respect in which pairs are compared; scores are whole numbers from 0 to 1000."""

    known: bool

    def block(self, start: int, stop: int) -> Scores: ...

    def of_pairs(self, rows: Ints, columns: Ints) -> Scores: ...


class Affinity:
    """The affinity of each mentor with each mentee, by the program's weights or by others."""

    def __init__(
        self,
        program: Program,
        mentors: Sequence[Participant],
        mentees: Sequence[Participant],
        answers: NewestAnswers | None = None,
        weights: Mapping[str, int] | None = None,
    ) -> None:
        answers = answers or NewestAnswers()
        own = [_own_words(p) for p in mentors], [_own_words(p) for p in mentees]
        hopes = (
            [(p.topics_offered or p.notes).strip() for p in mentors],
            [(p.topics_wanted or p.notes).strip() for p in mentees],
        )
        interests = TextSimilarity(*own)
        self._parts: dict[str, Part] = {
            "sector": compare_sectors(mentors, mentees),
            "interests": interests,
            # Where notes are all that is known, they are compared once.
            "hopes": interests if hopes == own else TextSimilarity(*hopes),
            "seniority": compare_seniority(mentors, mentees),
            "hours": compare_hours(program, mentors, mentees, answers.free_hours),
            "questions": SameAnswers(answers, mentors, mentees),
            "wish": MeetingWishes(answers, mentors, mentees),
            **compare_meaning(mentors, mentees),
        }
        self._rows_virtual = np.array([p.is_virtual for p in mentors], dtype=bool)
        self._columns_virtual = np.array([p.is_virtual for p in mentees], dtype=bool)
        self._weigh(program.affinity_weights if weights is None else weights)

    @property
    def silent(self) -> list[str]:
        """The parts that do not count, since nobody gave anything for them."""
        return [name for name, part in self._parts.items() if not part.known]

    def weighed(self, weights: Mapping[str, int]) -> Affinity:
        """Return the affinity of the same people by other weights, without comparing them again.

        Raise ValidationError if a weight is not a whole number from 0.
        """
        other = copy.copy(self)
        other._weigh(weights)
        return other

    def _weigh(self, weights: Mapping[str, int]) -> None:
        known = [name for name, part in self._parts.items() if part.known]
        with_call = shares(weights, known)
        without_call = shares(weights, [name for name in known if name != "hours"])
        scores = np.arange(FULL + 1)
        # The points of each score (columns) without a call and with one (rows).
        self._points = {
            name: np.array(
                [
                    (share * scores + FULL // 2) // FULL
                    for share in (without_call.get(name, 0), with_call[name])
                ],
                dtype=np.int16,
            )
            for name in known
        }

    def block(self, start: int, stop: int) -> Scores:
        """Return the affinity of mentors `start` to `stop` (rows) with every mentee (columns).

        The array has the shape (stop - start, mentees).
        """
        call = self._rows_virtual[start:stop, None] | self._columns_virtual[None, :]
        row_of_points = call * np.int16(FULL + 1)
        total = np.zeros(call.shape, dtype=np.int16)
        scores: dict[int, Scores] = {}
        for name, points in self._points.items():
            if not points.any():
                continue
            part = self._parts[name]
            if id(part) not in scores:
                scores[id(part)] = part.block(start, stop) + row_of_points
            total += points.take(scores[id(part)], mode="clip")
        return total

    def parts(self, rows: Sequence[int] | Ints, columns: Sequence[int] | Ints) -> dict[str, Scores]:
        """Return the points of each part for mentor `rows[k]` and mentee `columns[k]`; shape (k,).

        They sum to the affinity that `block` returns. Hours are -1 where they do not count.
        """
        rows, columns = np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64)
        call = self._rows_virtual[rows] | self._columns_virtual[columns]
        found = {}
        for name, table in self._points.items():
            points = table[call.astype(np.intp), self._parts[name].of_pairs(rows, columns)]
            found[name] = np.where(call, points, -1) if name == "hours" else points
        return found

    def of_pairs(
        self, rows: Sequence[int] | Ints, columns: Sequence[int] | Ints
    ) -> list[dict[str, int]]:
        """Return, for each pair, the points of the parts that count for it."""
        parts = self.parts(rows, columns)
        return [
            {name: int(points[k]) for name, points in parts.items() if points[k] >= 0}
            for k in range(len(rows))
        ]


def _own_words(person: Participant) -> str:
    return " ".join((person.notes, person.topics_wanted, person.topics_offered)).strip()


# A page asks several times in a row about the same program; more than a few are never in use.
_recent: LRUCache[str, Affinity] = LRUCache(4)
_recent_lock = Lock()  # threads share the cache


def cached_affinity(
    program: Program,
    mentors: Sequence[Participant],
    mentees: Sequence[Participant],
    answers: NewestAnswers,
    weights: Mapping[str, int] | None = None,
    key: str = "",
) -> Affinity:
    """Return the affinity of these people by the program's weights or by others.

    `key` is their fingerprint, where it is known. Raise ValidationError if a weight is not a
    whole number from 0.
    """
    weights = program.affinity_weights if weights is None else weights
    key = key or fingerprint(program, mentors, mentees, answers)
    with _recent_lock:
        known = _recent.get(key)
    if known is None:
        known = Affinity(program, mentors, mentees, answers, weights)
        if len(mentors) * len(mentees) <= TABLE_CELLS:
            with _recent_lock:
                _recent[key] = known
    return known.weighed(weights)


def fingerprint(
    program: Program,
    mentors: Sequence[Participant],
    mentees: Sequence[Participant],
    answers: NewestAnswers,
) -> str:
    """Return the SHA-256 (in hex) of everything that decides affinity except the weights."""
    # Names decide only where somebody may have been wished for by name.
    wishes = any(answers.wishes.values())

    def about(person: Participant) -> list[Any]:
        return [
            person.pk, person.is_virtual, sector_of(person), person.career_stage, person.time_zone,
            person.notes, person.topics_wanted, person.topics_offered,
            person.name if wishes else "",
            answers.to_questions.get(person.pk) if answers.questions else None,
            answers.free_hours.get(person.pk), answers.wishes.get(person.pk),
        ]  # fmt: skip

    everything = [
        program.time_zone, program.starts_on.isoformat(),
        [[q.pk, q.kind, q.counts] for q in answers.questions],
        [about(p) for p in mentors], [about(p) for p in mentees],
    ]  # fmt: skip
    if vectors := phrase_vectors():
        everything.append(vectors.stamp)
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()
