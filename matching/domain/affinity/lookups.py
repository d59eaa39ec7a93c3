"""The parts of affinity that depend on one fact about each person: sector, seniority, hours."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

import numpy as np

from matching.domain.affinity.text_similarity import FULL, Ints
from mentorship.models import CareerStage, Participant, Program

# By how many stages the mentor is ahead, from three behind to three ahead.
_AHEAD = np.array([0, 0, 200, 500, 1000, 1000, 1000])
_STAGES = {stage: i for i, stage in enumerate(CareerStage.values)}
_WAKES, _SLEEPS = 8, 22  # by a person's own clock
_UNKNOWN = -1


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
        """Return the scores of mentors `start` to `stop` (rows) with every mentee (columns)."""
        return self._table[self._rows[start:stop, None], self._columns[None, :]]

    def of_pairs(self, rows: Ints, columns: Ints) -> Ints:
        """Return the score of mentor `rows[k]` with mentee `columns[k]` for each k; shape (k,)."""
        return self._table[self._rows[rows], self._columns[columns]]


def sector_of(person: Participant) -> int | None:
    """Return the key of a person's sector; None if it is unknown or "other"."""
    return person.sector_id if person.sector and not person.sector.is_other else None


def compare_sectors(mentors: Sequence[Participant], mentees: Sequence[Participant]) -> Lookup:
    """Return 1000 for pairs in the same sector, else 0; "other" is no sector to share."""
    codes: dict[int | None, int] = {None: _UNKNOWN}
    for person in (*mentors, *mentees):
        codes.setdefault(sector_of(person), len(codes) - 1)
    return Lookup(
        [codes[sector_of(p)] for p in mentors],
        [codes[sector_of(p)] for p in mentees],
        FULL * np.eye(max(len(codes) - 1, 1), dtype=np.int64),
    )


def compare_seniority(mentors: Sequence[Participant], mentees: Sequence[Participant]) -> Lookup:
    """Return scores by how many career stages the mentor is ahead of the mentee."""
    return Lookup(
        [_STAGES.get(p.career_stage, _UNKNOWN) for p in mentors],
        [_STAGES.get(p.career_stage, _UNKNOWN) for p in mentees],
        _AHEAD[3 + np.subtract.outer(np.arange(4), np.arange(4))],
    )


def compare_hours(
    program: Program,
    mentors: Sequence[Participant],
    mentees: Sequence[Participant],
    free_hours: Mapping[int, Sequence[int]],
) -> Lookup:
    """Compare the hours in which people are free on the program's first day, else awake.

    A pair scores the share that both days have in common of the shorter of the two. A person who
    attends in person keeps the conference's clock, wherever home is. `free_hours` are whole hours
    (0 to 23) on the person's own clock, by the person's key.
    """
    codes: dict[tuple[str, tuple[int, ...]], int] = {}

    def code(person: Participant) -> int:
        zone = person.time_zone if person.is_virtual else program.time_zone
        free = tuple(sorted(set(free_hours.get(person.pk) or ())))
        return codes.setdefault((zone, free), len(codes)) if zone else _UNKNOWN

    rows, columns = [code(p) for p in mentors], [code(p) for p in mentees]
    if not codes:
        return Lookup(rows, columns, np.zeros((1, 1), dtype=np.int64))
    day = np.array([_awake(zone, program, free) for zone, free in codes])
    size = day.sum(axis=1)
    return Lookup(rows, columns, FULL * (day @ day.T) // np.minimum.outer(size, size))


def _awake(zone: str, program: Program, free: tuple[int, ...]) -> Ints:
    """Return 48 half hours of a day (UTC): 1 where a person in this zone is free, or else awake."""
    hours = free or range(_WAKES, _SLEEPS)
    midnight = datetime.combine(program.starts_on, time(), tzinfo=zoneinfo.ZoneInfo("UTC"))
    clock = zoneinfo.ZoneInfo(zone)
    moments = (midnight + i * timedelta(minutes=30) for i in range(48))
    return np.array([int(m.astimezone(clock).hour in hours) for m in moments])
