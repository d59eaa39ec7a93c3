"""What a schedule does, in sentences."""

from __future__ import annotations

import datetime

from mentorship.models import Program
from notifications.domain.schedule_defaults import first_day, last_day
from notifications.domain.schedules.forecast import Planned
from notifications.models import Anchor, Schedule

# Each date of the program as what days are counted from.
ANCHORED = {
    Anchor.SURVEY_OPENS.value: "the day the survey goes out",
    Anchor.SURVEY_CLOSES.value: "the day by which answers are wanted",
    Anchor.ANNOUNCED.value: "the day matches are announced",
    Anchor.STARTS.value: "the first day",
    Anchor.ENDS.value: "the last day",
}


def describe(schedule: Schedule) -> str:
    """Return when a schedule goes, in a sentence that is true whether it is on or not."""
    hours = f"between {schedule.from_hour}:00 and {schedule.to_hour}:00"
    if schedule.is_per_person:
        return (
            f"{in_days(schedule.after_days or 0)} after each person’s own invitation or last "
            f"reminder, {hours}, at most {times(schedule.at_most or 0)}, "
            f"until {short_day(last_day(schedule))}."
        )
    first = first_day(schedule)
    if first is None:
        return f"The program does not say when {Anchor(schedule.anchor).label}, so it has no day."
    then = f", then every day until {short_day(last_day(schedule))} to whoever is due by then"
    return (
        f"On {short_day(first)} ({anchored(schedule)}), {hours}{then if schedule.keeps_on else ''}."
    )


def anchored(schedule: Schedule) -> str:
    """Return from which date of the program a schedule counts: 2 days after the first day."""
    label = ANCHORED[schedule.anchor]
    if not schedule.days:
        return label
    return f"{in_days(abs(schedule.days))} {'after' if schedule.days > 0 else 'before'} {label}"


def to_whom(planned: Planned) -> str:
    """Return how many people an email reaches at most."""
    number = planned.number
    if not number:
        return "to nobody as things stand"
    return "to 1 person" if number == 1 else f"to up to {number} people"


def sentence_of(planned: Planned, now: datetime.datetime) -> str:
    """Return who gets which email when: Survey reminder to up to 12 people on …"""
    when = "within minutes" if planned.at <= now else f"on {short_moment(planned.at)}"
    return f"{planned.schedule} {to_whom(planned)} {when}"


def milestones(program: Program) -> list[tuple[datetime.date, str]]:
    """Return the program's own dates, each with what is on that day."""
    words = {
        Anchor.SURVEY_OPENS: "The survey goes out",
        Anchor.SURVEY_CLOSES: "Answers are wanted by today",
        Anchor.ANNOUNCED: "Matches are announced",
        Anchor.STARTS: "First day",
        Anchor.ENDS: "Last day",
    }
    dates = [(getattr(program, anchor), what) for anchor, what in words.items()]
    return [(date, what) for date, what in dates if date]


def in_days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def short_day(date: datetime.date) -> str:
    return f"{date:%a} {date.day} {date:%b}"


def short_moment(moment: datetime.datetime) -> str:
    return f"{short_day(moment.date())}, {moment.hour}:{moment:%M}"
