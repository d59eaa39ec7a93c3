"""What a schedule does, in sentences."""

from __future__ import annotations

import datetime

from django.utils.translation import ngettext

from mentorship.models import Program
from notifications.domain.schedule_defaults import first_day, last_day
from notifications.domain.schedules.forecast import Planned
from notifications.models import Anchor, Schedule

# Each date of the program as what days are counted from.
ANCHORED = {
    Anchor.SURVEY_OPENS.value: "the day the survey goes out",
    Anchor.SURVEY_CLOSES.value: "the day responses are due",
    Anchor.ANNOUNCED.value: "the day matches are announced",
    Anchor.STARTS.value: "the first day",
    Anchor.ENDS.value: "the last day",
}


def describe(schedule: Schedule) -> str:
    """Return when a schedule runs, in a sentence that is true whether it is on or not."""
    formats, hours = schedule.program.formats, _hours(schedule)
    until = formats.short_weekday(last_day(schedule))
    if schedule.is_per_person:
        return (
            f"{_days(schedule.after_days or 0)} after each person’s own invitation or last "
            f"reminder, {hours}, at most {_times(schedule.at_most or 0)}, until {until}."
        )
    first = first_day(schedule)
    if first is None:
        return (
            "Set this date in the program’s settings first: "
            f"{ANCHORED[schedule.anchor]}. Until then nothing is sent."
        )
    then = f", then every day until {until} to people who are due by then"
    return (
        f"On {formats.short_weekday(first)} ({anchored(schedule)}), {hours}"
        f"{then if schedule.keeps_on else ''}."
    )


def anchored(schedule: Schedule) -> str:
    """Return from which date of the program a schedule counts: 2 days after the first day."""
    label = ANCHORED[schedule.anchor]
    if not schedule.days:
        return label
    return f"{_days(abs(schedule.days))} {'after' if schedule.days > 0 else 'before'} {label}"


def hour_of(program: Program, hour: int) -> str:
    """Return an hour of the day, 0 to 24, as the program writes hours: 9 AM."""
    return program.formats.hour(hour) if hour % 24 else "midnight"


def to_whom(planned: Planned) -> str:
    """Return how many people an email reaches at most."""
    number = planned.number
    if not number:
        return "to nobody as things stand"
    return ngettext("to 1 person", "to up to %(number)d people", number) % {"number": number}


def sentence_of(planned: Planned, now: datetime.datetime) -> str:
    """Return who gets which email when: Survey reminder to up to 12 people on …"""
    if planned.at <= now:
        when = "within minutes"
    else:
        when = f"on {short_moment(planned.schedule.program, planned.at)}"
    return f"{planned.schedule} {to_whom(planned)} {when}"


def milestones(program: Program) -> list[tuple[datetime.date, str]]:
    """Return the program's own dates, each with what is on that day."""
    words = {
        Anchor.SURVEY_OPENS: "The survey goes out",
        Anchor.SURVEY_CLOSES: "Survey responses are due",
        Anchor.ANNOUNCED: "Matches are announced",
        Anchor.STARTS: "First day",
        Anchor.ENDS: "Last day",
    }
    dates = [(getattr(program, anchor), what) for anchor, what in words.items()]
    return [(date, what) for date, what in dates if date]


def short_moment(program: Program, moment: datetime.datetime) -> str:
    """Return a moment as the program writes it, in short: Thu, Jul 8, 9:00 AM."""
    return f"{program.formats.short_weekday(moment)}, {program.formats.time(moment)}"


def _hours(schedule: Schedule) -> str:
    if (schedule.from_hour, schedule.to_hour) == (0, 24):
        return "at any hour"
    begin, end = (hour_of(schedule.program, h) for h in (schedule.from_hour, schedule.to_hour))
    return f"between {begin} and {end}"


def _days(number: int) -> str:
    return ngettext("%(number)d day", "%(number)d days", number) % {"number": number}


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
