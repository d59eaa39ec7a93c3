"""When the two people of a match could meet, by the hours and days that they gave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location

from matching.models import Match
from mentorship.models import Participant, Program, SurveyResponse

LENGTH = timedelta(hours=1)
# Time for both to read that they are matched, and to say that another hour suits them better.
NOTICE = timedelta(days=1)
# Nobody is asked to meet before or after these hours of their own day.
FROM_HOUR, TO_HOUR = 8, 20
_DAYTIME = frozenset(range(FROM_HOUR, TO_HOUR))
# Clocks differ from each other by whole quarters of an hour.
_QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Availability:
    """When one person can meet: whole hours (0 to 23) of their own clock, and ISO dates.

    Empty where they did not say.
    """

    hours: Sequence[int] = ()
    days: Sequence[str] = ()


UNKNOWN = Availability()
Available = Mapping[int, Availability]


def read_availability(keys: Iterable[int]) -> dict[int, Availability]:
    """Read when each of these people can meet, from the newest answer of each, in one query."""
    rows = SurveyResponse.objects.filter(participant__in=list(keys)).newest()
    columns = ("participant_id", "free_hours", "days_there")
    return {person: Availability(hours, days) for person, hours, days in rows.values_list(*columns)}


def clock_of(person: Participant) -> str:
    """Return the time zone in which a person lives during the conference, "" if unknown."""
    return str(person.time_zone if person.is_virtual else person.program.time_zone)


def on_clock(program: Program, start: datetime, clock: str) -> str:
    """Return when a meeting is on this clock, the name of a time zone.

    Tuesday, July 13, 4:00 PM to 5:00 PM in Berlin.
    """
    formats = program.formats.on_clock(ZoneInfo(clock))
    return f"{formats.weekday_and_time(start)} to {formats.time(start + LENGTH)} {_place(clock)}"


def on_clocks(program: Program, start: datetime, clocks: Iterable[str]) -> str:
    """Return when a meeting is on each of these clocks, the names of time zones; "" is unknown.

    Tuesday, July 13, 9:00 AM to 10:00 AM in Berlin, which is 12:30 PM to 1:30 PM in Kolkata. The
    day is said again where it is another one.
    """
    first, *others = dict.fromkeys(filter(None, clocks))
    said = on_clock(program, start, first)
    for clock in others:
        formats = program.formats.on_clock(ZoneInfo(clock))
        same_day = formats.date(start) == program.formats.on_clock(ZoneInfo(first)).date(start)
        begins = formats.time(start) if same_day else formats.weekday_and_time(start)
        said += f", which is {begins} to {formats.time(start + LENGTH)} {_place(clock)}"
    return said


def _place(clock: str) -> str:
    """Return where a clock is, as a person says it: "in New York", or "(UTC)"."""
    if "/" not in clock or clock.startswith("Etc/"):
        return f"({clock.removeprefix('Etc/')})"
    return f"in {get_timezone_location(clock, locale='en_US', return_city=True)}"


def first_meetings(
    matches: Iterable[Match], available: Available, now: datetime
) -> dict[int, datetime]:
    """Return for each match, by its key, when the first hour starts in which both are free (UTC).

    It lies in the days of the conference, a day or more after the announcement, and not in an
    hour that is proposed to the mentor with another of these matches. A match without such an
    hour, or one in which either person gave no hours, is left out.
    """
    found: dict[int, datetime] = {}
    taken: dict[int, list[datetime]] = {}
    for match in sorted(matches, key=lambda match: match.pk):
        people = (match.mentor, match.mentee)
        if not all(available.get(person.pk, UNKNOWN).hours for person in people):
            continue
        others = taken.setdefault(match.mentor_id, [])
        earliest = max((match.announced_at or now) + NOTICE, now)
        moment = next(common_hours(match, available, earliest, others), None)
        if moment is not None:
            found[match.pk] = moment
            others.append(moment)
    return found


def suggested_hours(
    match: Match, available: Available, now: datetime, taken: Sequence[datetime] = (), most: int = 3
) -> list[datetime]:
    """Return up to `most` beginnings (UTC) of hours to propose, on as many days as possible.

    They begin two hours from now or later. Who gave no hours is taken to be free all day. Empty
    if there is no such hour, or if the clock of one of the two is unknown.
    """
    hours = list(common_hours(match, available, now + 2 * LENGTH, taken))
    zone = match.program.zone
    first_of_day = {hour.astimezone(zone).date(): hour for hour in reversed(hours)}
    chosen = sorted(first_of_day.values())[:most]
    for hour in hours:
        if len(chosen) < most and all(abs(hour - other) >= LENGTH for other in chosen):
            chosen.append(hour)
    return sorted(chosen)


def is_possible(match: Match, start: datetime, now: datetime) -> bool:
    """Return whether the two could meet at this moment, whatever hours they gave."""
    return any(start == hour for hour in common_hours(match, {}, now))


def common_hours(
    match: Match, available: Available, earliest: datetime, taken: Sequence[datetime] = ()
) -> Iterator[datetime]:
    """Yield each moment (UTC, by quarters of an hour) from which both are free for an hour.

    It is in the days of the conference, on days when both are there, in the daytime of both
    clocks, in the hours that they gave, and not in an hour that is `taken`.
    """
    people = (match.mentor, match.mentee)
    if not all(map(clock_of, people)):
        return
    sides = [
        (ZoneInfo(clock_of(person)), _DAYTIME.intersection(said.hours or _DAYTIME))
        for person in people
        for said in [available.get(person.pk, UNKNOWN)]
    ]
    days = _common_days([available.get(person.pk, UNKNOWN) for person in people])
    program = match.program
    moment, last = _days(program)
    while moment + LENGTH <= last:
        quarters = [moment + part * _QUARTER for part in range(4)]
        if (
            moment >= earliest
            and (days is None or program.local(moment).date().isoformat() in days)
            and all(q.astimezone(zone).hour in hours for q in quarters for zone, hours in sides)
            and all(abs(moment - other) >= LENGTH for other in taken)
        ):
            yield moment
        moment += _QUARTER


def days_in_common(match: Match, available: Available) -> list[date]:
    """Return the days on which both said that they are there; empty unless both said so."""
    said = [available.get(person.pk, UNKNOWN) for person in (match.mentor, match.mentee)]
    if not all(one.days for one in said):
        return []
    return sorted(date.fromisoformat(day) for day in _common_days(said) or ())


def _common_days(said: Sequence[Availability]) -> set[str] | None:
    """Return the days that everyone who named days has in common; None if nobody named any."""
    named = [set(one.days) for one in said if one.days]
    return set.intersection(*named) if named else None


def _days(program: Program) -> tuple[datetime, datetime]:
    """Return the first moment of the conference and the first one after it (UTC)."""
    after = program.ends_on + timedelta(days=1)
    first, last = (
        datetime.combine(day, time(), tzinfo=program.zone).astimezone(UTC)
        for day in (program.starts_on, after)
    )
    return first, last
