"""When the two people of a match could first meet, by the free hours that both gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from matching.models import Match
from mentorship.models import Participant, Program, SurveyResponse

LENGTH = timedelta(hours=1)
# Time for both to read that they are matched, and to say that another hour suits them better.
NOTICE = timedelta(days=1)
# Clocks differ from each other by whole quarters of an hour.
_QUARTER = timedelta(minutes=15)

FreeHours = Mapping[int, Sequence[int]]


def read_free_hours(keys: Iterable[int]) -> dict[int, list[int]]:
    """Read the free hours in the newest answer of each of these people, in one query.

    They are whole hours (0 to 23) on the person's own clock, on any day.
    """
    rows = SurveyResponse.objects.filter(participant__in=list(keys)).newest()
    return dict(rows.values_list("participant_id", "free_hours"))


def clock_of(person: Participant) -> str:
    """Return the time zone in which a person lives during the conference, "" if unknown."""
    return str(person.time_zone if person.is_virtual else person.program.time_zone)


def first_meetings(
    matches: Iterable[Match], free_hours: FreeHours, now: datetime
) -> dict[int, datetime]:
    """Return for each match, by its key, when the first hour starts in which both are free (UTC).

    It lies in the days of the conference, a day or more after the announcement, and not in an
    hour that is proposed to the mentor with another of these matches. A match without such an
    hour, or one in which either person gave no hours, is left out.
    """
    found: dict[int, datetime] = {}
    taken: dict[int, list[datetime]] = {}
    for match in sorted(matches, key=lambda match: match.pk):
        others = taken.setdefault(match.mentor_id, [])
        earliest = max((match.announced_at or now) + NOTICE, now)
        moment = _first_common_hour(match.mentor, match.mentee, free_hours, earliest, others)
        if moment is not None:
            found[match.pk] = moment
            others.append(moment)
    return found


def _first_common_hour(
    one: Participant,
    other: Participant,
    free_hours: FreeHours,
    earliest: datetime,
    taken: Sequence[datetime],
) -> datetime | None:
    sides = [
        (ZoneInfo(clock_of(person)), set(free_hours.get(person.pk) or ()))
        for person in (one, other)
        if clock_of(person)
    ]
    if len(sides) < 2 or not all(hours for _, hours in sides):
        return None
    moment, last = _days(one.program)
    while moment + LENGTH <= last:
        quarters = [moment + part * _QUARTER for part in range(4)]
        if (
            moment >= earliest
            and all(q.astimezone(zone).hour in hours for q in quarters for zone, hours in sides)
            and all(abs(moment - other) >= LENGTH for other in taken)
        ):
            return moment
        moment += _QUARTER
    return None


def _days(program: Program) -> tuple[datetime, datetime]:
    """Return the first moment of the conference and the first one after it (UTC)."""
    after = program.ends_on + timedelta(days=1)
    first, last = (
        datetime.combine(day, time(), tzinfo=program.zone).astimezone(UTC)
        for day in (program.starts_on, after)
    )
    return first, last
