"""The parts of affinity that depend on one fact about each person: sector, seniority, hours."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

import numpy as np
import numpy.typing as npt

from matching.domain.affinity.text_similarity import FULL, Ints, Scores
from mentorship.models import CareerStage, Participant, Program

# By how many stages the mentor is ahead, from three behind to three ahead.
_AHEAD = np.array([0, 0, 200, 500, 1000, 1000, 1000])
_STAGES = {stage: i for i, stage in enumerate(CareerStage.values)}
_WAKES, _SLEEPS = 8, 22  # by a person's own clock
_UNKNOWN = -1
_ROWS_AT_ONCE = 256


class Lookup:
    """A part that depends on one code of each person: `table[code of mentor, code of mentee]`.

    A code of -1 is unknown and scores the average of the pairs that are known.
    """

    def __init__(self, mentors: Sequence[int], mentees: Sequence[int], table: Scores) -> None:
        rows, columns = (np.array(codes, dtype=np.int64) for codes in (mentors, mentees))
        often = np.bincount(columns[columns >= 0], minlength=table.shape[1])
        times = np.bincount(rows[rows >= 0], minlength=len(table))
        pairs = int(times.sum()) * int(often.sum())
        self.known = pairs > 0
        # Row by row, since a table may have as many cells as there are pairs.
        totals = (int(n) * int(row @ often) for n, row in zip(times, table, strict=True) if n)
        average = sum(totals) // pairs if pairs else 0
        # The last row and column are reached by the index -1.
        table = np.pad(table, (0, 1), constant_values=average)
        self._rows, self._columns, self._table = rows, columns, table.astype(np.int16)

    def block(self, start: int, stop: int) -> Scores:
        """Return the scores of mentors `start` to `stop` (rows) with every mentee (columns)."""
        codes, code = np.unique(self._rows[start:stop], return_inverse=True)
        return self._table[codes].take(self._columns, axis=1, mode="wrap").take(code, axis=0)

    def of_pairs(self, rows: Ints, columns: Ints) -> Scores:
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
    (rows, mine), (columns, theirs) = (
        _days(program, people, free_hours) for people in (mentors, mentees)
    )
    table = np.empty((len(mine), len(theirs)), dtype=np.int16)
    for start in range(0, len(mine), _ROWS_AT_ONCE):
        some = mine[start : start + _ROWS_AT_ONCE]
        shared = (some @ theirs.T).astype(np.int32)
        shorter = np.minimum.outer(some.sum(axis=1), theirs.sum(axis=1)).astype(np.int32)
        table[start : start + len(some)] = FULL * shared // np.maximum(shorter, 1)
    return Lookup(rows, columns, table)


def _days(
    program: Program, people: Sequence[Participant], free_hours: Mapping[int, Sequence[int]]
) -> tuple[list[int], npt.NDArray[np.float32]]:
    """Return a code for each person, and the day (48 half hours) of each code.

    A day has a 1 where the person is free, or else awake.
    """
    midnight = datetime.combine(program.starts_on, time(), tzinfo=zoneinfo.ZoneInfo("UTC"))
    moments = [midnight + i * timedelta(minutes=30) for i in range(48)]
    codes: dict[tuple[str, tuple[int, ...]], int] = {}
    clocks: dict[str, list[int]] = {}
    days, found = [], []
    for person in people:
        zone = person.time_zone if person.is_virtual else program.time_zone
        hours = tuple(sorted(set(free_hours.get(person.pk) or range(_WAKES, _SLEEPS))))
        if zone and (zone, hours) not in codes:
            codes[zone, hours] = len(codes)
            if zone not in clocks:
                own = zoneinfo.ZoneInfo(zone)
                clocks[zone] = [moment.astimezone(own).hour for moment in moments]
            days.append([hour in hours for hour in clocks[zone]])
        found.append(codes.get((zone, hours), _UNKNOWN))
    return found, np.array(days, dtype=np.float32).reshape(len(days), len(moments))
