"""The meeting that a match email proposes: in words, and as an entry for a calendar."""

from __future__ import annotations

import datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.crypto import salted_hmac

from matching.domain.matches.meetings import LENGTH, clock_of, on_clocks
from notifications.domain.content.escaping import Trusted, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icalendar import Event

    from matching.models import Match, Meeting

FILE_NAME = "meeting.ics"
# Published, not requested: nobody's answer goes to the committee, and nothing is in a calendar
# before its owner puts it there.
METHOD = "PUBLISH"
CANCEL = "CANCEL"
_NAME_LENGTH = 100


def in_words(match: Match, start: datetime.datetime) -> Trusted:
    """Return when a meeting is, on the clock of each of the two people."""
    clocks = (clock_of(person) for person in (match.mentor, match.mentee))
    return Trusted(on_clocks(match.program, start, clocks))


def calendar_of(
    matches: Sequence[Match],
    meetings: Mapping[int, datetime.datetime],
    now: datetime.datetime,
) -> str:
    """Return the iCalendar file (RFC 5545) of the meetings proposed to these matches, or "".

    `meetings` are their beginnings by the matches' keys. The UID of an entry is its match's own
    however often it is written, so a newer one takes the place of an older one.
    """
    proposed = [match for match in matches if match.pk in meetings]
    if not proposed:
        return ""
    return _calendar([_entry(match, meetings[match.pk], now) for match in proposed], METHOD)


def hour_calendar(meeting: Meeting, now: datetime.datetime) -> str:
    """Return the iCalendar file of the hour on which two people agreed, or that it is canceled."""
    entry = _entry(meeting.match, meeting.starts_at, now)
    del entry["description"], entry["status"]
    entry.add("sequence", meeting.sequence)
    entry.add("status", "CONFIRMED" if meeting.stands else "CANCELLED")
    return _calendar([entry], METHOD if meeting.stands else CANCEL)


def canceled_calendar(match: Match, start: datetime.datetime, now: datetime.datetime) -> str:
    """Return the iCalendar file that takes an hour out of calendars that was only proposed."""
    entry = _entry(match, start, now)
    del entry["description"], entry["status"]
    entry.add("sequence", 1)
    entry.add("status", "CANCELLED")
    return _calendar([entry], CANCEL)


def hour_in(calendar: str, match: Match) -> datetime.datetime | None:
    """Return when the meeting of a match begins by a calendar file written here, None if not."""
    from icalendar import Calendar

    for entry in Calendar.from_ical(calendar).walk("VEVENT"):
        if str(entry["uid"]) == uid(match):
            start: datetime.datetime = entry.decoded("dtstart")
            return start
    return None


def method_of(calendar: str) -> str:
    """Return the method of a calendar file that was written here."""
    return CANCEL if f"METHOD:{CANCEL}" in calendar else METHOD


def _calendar(entries: Sequence[Event], method: str) -> str:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Conference mentorship//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for entry in entries:
        calendar.add_component(entry)
    return str(calendar.to_ical().decode())


def _entry(match: Match, start: datetime.datetime, now: datetime.datetime) -> Event:
    from icalendar import Event, vCalAddress

    program = match.program
    names = [as_text(str(person))[:_NAME_LENGTH] for person in (match.mentor, match.mentee)]
    about = (
        "This is a proposal: you both told us you're free at this time. "
        "If another time works better, tell each other."
    )
    entry = Event()
    entry.add("uid", uid(match))
    entry.add("dtstamp", now.astimezone(datetime.UTC))
    # In UTC, which each calendar shows on its own clock.
    entry.add("dtstart", start.astimezone(datetime.UTC))
    entry.add("dtend", (start + LENGTH).astimezone(datetime.UTC))
    entry.add("summary", f"{program.name} mentorship: {' and '.join(names)}")
    entry.add("status", "TENTATIVE")
    # No location: the city is no room, and the call service's front page is none either.
    if match.needs_call:
        about += f" Set up a call, for example with {program.call_service_name}."
    entry.add("description", about)
    # A calendar takes a canceled entry out only if it names who organized it (RFC 5546, 3.2.5).
    organizer = vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    organizer.params["CN"] = as_text(program.signature)[:_NAME_LENGTH]
    entry.add("organizer", organizer)
    return entry


def uid(match: Match) -> str:
    """Return the UID that belongs to a match's meeting."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    mark = salted_hmac("notifications.meeting", str(match.pk)).hexdigest()[:12]
    return f"match-{match.pk}-{mark}@{domain}"
