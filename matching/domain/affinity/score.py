"""How well two people suit each other: a whole number from 0 to 1000, as a sum of parts.

Each part says how well a pair does in one respect, from 0 to 1000, and counts by the program's
weight for it:

sector     the same kind of employment
interests  what both wrote about themselves
hopes      what the mentee would like to talk about, against what the mentor offers to
seniority  the mentor is further on in the career
hours      hours free or awake in common; only where a call is needed, else the part does not count
questions  alike answers to the committee's own questions, as far as they are to count
wish       one of the two would like to meet the other

Whoever said nothing in some respect gets the average of those who did: they are neither helped
nor hurt. A part about which nobody said anything does not count.
"""

from __future__ import annotations

import copy
import zoneinfo
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Protocol

import numpy as np
import numpy.typing as npt
from django.core.exceptions import ValidationError

from matching.domain.affinity.answers import Said, SameAnswers, Wishes
from matching.domain.affinity.text_similarity import FULL, Ints, Likeness
from mentorship.models import CareerStage, Participant, Program

PARTS = ("sector", "interests", "hopes", "seniority", "hours", "questions", "wish")
# By how many stages the mentor is ahead, from three behind to three ahead.
_AHEAD = np.array([0, 0, 200, 500, 1000, 1000, 1000])
_STAGES = {stage: i for i, stage in enumerate(CareerStage.values)}
_WAKES, _SLEEPS = 8, 22  # by a person's own clock
_UNKNOWN = -1


def shares(weights: Mapping[str, int], counting: Sequence[str]) -> dict[str, int]:
    """Share 1000 points among the `counting` parts by their weights.

    What rounding leaves over goes to the largest remainders (Hamilton's method), so the shares
    sum to 1000 exactly; to 0 if no part that counts has a weight. Raises ValidationError if a
    weight is not a whole number from 0.
    """
    for name, weight in weights.items():
        if not isinstance(weight, int) or isinstance(weight, bool) or weight < 0:
            raise ValidationError(
                f"The weight of “{name}” is {weight!r}; give a whole number from 0."
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

    def block(self, start: int, stop: int) -> Ints: ...

    def of_pairs(self, rows: Ints, columns: Ints) -> Ints: ...


class Lookup:
    """A part that depends on one code of each person: `table[code of mentor, code of mentee]`.

    A code of -1 is unknown and scores the average of the pairs that are known.
    """

    def __init__(self, mentors: Sequence[int], mentees: Sequence[int], table: Ints) -> None:
        self._rows = np.array(mentors, dtype=np.int64)
        self._columns = np.array(mentees, dtype=np.int64)
        rows = np.bincount(self._rows[self._rows >= 0], minlength=len(table))
        columns = np.bincount(self._columns[self._columns >= 0], minlength=table.shape[1])
        pairs = int(rows.sum()) * int(columns.sum())
        self.known = pairs > 0
        average = int(rows @ table @ columns) // pairs if pairs else 0
        # The last row and column are reached by the index -1.
        self._table = np.pad(table, (0, 1), constant_values=average)

    def block(self, start: int, stop: int) -> Ints:
        return self._table[self._rows[start:stop, None], self._columns[None, :]]

    def of_pairs(self, rows: Ints, columns: Ints) -> Ints:
        return self._table[self._rows[rows], self._columns[columns]]


class Affinity:
    """The affinity of each mentor with each mentee, by the program's weights unless told others."""

    def __init__(
        self,
        program: Program,
        mentors: Sequence[Participant],
        mentees: Sequence[Participant],
        said: Said | None = None,
        weights: Mapping[str, int] | None = None,
    ) -> None:
        said = said or Said()
        self._parts: dict[str, Part] = {
            "sector": _sector(mentors, mentees),
            "interests": Likeness(
                [_own_words(p) for p in mentors], [_own_words(p) for p in mentees]
            ),
            "hopes": Likeness(
                [p.topics_offered or p.notes for p in mentors],
                [p.topics_wanted or p.notes for p in mentees],
            ),
            "seniority": Lookup(
                [_STAGES.get(p.career_stage, _UNKNOWN) for p in mentors],
                [_STAGES.get(p.career_stage, _UNKNOWN) for p in mentees],
                _AHEAD[3 + np.subtract.outer(np.arange(4), np.arange(4))],
            ),
            "hours": _hours(program, mentors, mentees, said),
            "questions": SameAnswers(said, mentors, mentees),
            "wish": Wishes(said, mentors, mentees),
        }
        self._rows_virtual = np.array([p.is_virtual for p in mentors], dtype=bool)
        self._columns_virtual = np.array([p.is_virtual for p in mentees], dtype=bool)
        self._weigh(program.affinity_weights if weights is None else weights)

    @property
    def silent(self) -> list[str]:
        """The parts that do not count, since nobody said anything in that respect."""
        return [name for name, part in self._parts.items() if not part.known]

    def weighed(self, weights: Mapping[str, int]) -> Affinity:
        """Give the affinity of the same people by other weights; comparing them took the time."""
        other = copy.copy(self)
        other._weigh(weights)
        return other

    def _weigh(self, weights: Mapping[str, int]) -> None:
        known = [name for name, part in self._parts.items() if part.known]
        self._with_call = shares(weights, known)
        self._without_call = shares(weights, [name for name in known if name != "hours"])

    def block(self, start: int, stop: int) -> Ints:
        """Give the affinity of mentors `start` to `stop` (rows) with every mentee (columns)."""
        call = self._rows_virtual[start:stop, None] | self._columns_virtual[None, :]
        total = np.zeros(call.shape, dtype=np.int64)
        for name, part in self._parts.items():
            if name in self._with_call:
                total += self._points(name, part.block(start, stop), call)
        return total

    def parts(self, rows: Sequence[int] | Ints, columns: Sequence[int] | Ints) -> dict[str, Ints]:
        """Give the points of each part for mentor `rows[k]` and mentee `columns[k]`.

        They sum to the affinity that `block` gives. Hours are -1 where they do not count.
        """
        rows, columns = np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64)
        call = self._rows_virtual[rows] | self._columns_virtual[columns]
        found = {}
        for name, part in self._parts.items():
            if name in self._with_call:
                points = self._points(name, part.of_pairs(rows, columns), call)
                found[name] = np.where(call, points, -1) if name == "hours" else points
        return found

    def of_pairs(
        self, rows: Sequence[int] | Ints, columns: Sequence[int] | Ints
    ) -> list[dict[str, int]]:
        """Give, for each pair, the points of the parts that count for it."""
        parts = self.parts(rows, columns)
        return [
            {name: int(points[k]) for name, points in parts.items() if points[k] >= 0}
            for k in range(len(rows))
        ]

    def _points(self, name: str, scores: Ints, call: npt.NDArray[np.bool_]) -> Ints:
        share = np.where(call, self._with_call[name], self._without_call.get(name, 0))
        return (share * scores + FULL // 2) // FULL


def _own_words(person: Participant) -> str:
    return " ".join((person.notes, person.topics_wanted, person.topics_offered)).strip()


def _sector(mentors: Sequence[Participant], mentees: Sequence[Participant]) -> Lookup:
    codes: dict[int | None, int] = {None: _UNKNOWN}
    for person in (*mentors, *mentees):
        codes.setdefault(person.sector_id, len(codes) - 1)
    return Lookup(
        [codes[p.sector_id] for p in mentors],
        [codes[p.sector_id] for p in mentees],
        FULL * np.eye(max(len(codes) - 1, 1), dtype=np.int64),
    )


def _hours(
    program: Program,
    mentors: Sequence[Participant],
    mentees: Sequence[Participant],
    said: Said,
) -> Lookup:
    """Compare on the program's first day the hours that people stated as free, else waking hours.

    A pair scores the share of the shorter of the two days that they have in common. Whoever
    attends in person keeps the conference's clock, wherever home is.
    """
    codes: dict[tuple[str, tuple[int, ...]], int] = {}

    def code(person: Participant) -> int:
        zone = person.time_zone if person.is_virtual else program.time_zone
        free = tuple(sorted(set(said.free_hours.get(person.pk) or ())))
        return codes.setdefault((zone, free), len(codes)) if zone else _UNKNOWN

    rows, columns = [code(p) for p in mentors], [code(p) for p in mentees]
    if not codes:
        return Lookup(rows, columns, np.zeros((1, 1), dtype=np.int64))
    day = np.array([_awake(zone, program, free) for zone, free in codes])
    size = day.sum(axis=1)
    return Lookup(rows, columns, FULL * (day @ day.T) // np.minimum.outer(size, size))


def _awake(zone: str, program: Program, free: tuple[int, ...]) -> Ints:
    """Give 48 half hours of a day (UTC): 1 where a person in this zone is free, or else awake."""
    hours = free or range(_WAKES, _SLEEPS)
    midnight = datetime.combine(program.starts_on, time(), tzinfo=zoneinfo.ZoneInfo("UTC"))
    clock = zoneinfo.ZoneInfo(zone)
    moments = (midnight + i * timedelta(minutes=30) for i in range(48))
    return np.array([int(m.astimezone(clock).hour in hours) for m in moments])
