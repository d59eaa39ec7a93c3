"""Dates and times in templates, as a program writes them: `{{ date|weekday:program }}`.

What is empty stays empty.
"""

from __future__ import annotations

import datetime

from django import template

from mentorship.models import Program

register = template.Library()


@register.filter
def ahead(value: datetime.date | None, program: Program) -> datetime.date | None:
    """Return this day, nothing once it has passed: `{{ date|ahead:program|weekday:program }}`."""
    return program.ahead(value)


@register.filter
def day(value: datetime.date | None, program: Program) -> str:
    """Return "July 8"."""
    return program.formats.day(value)


@register.filter
def full_date(value: datetime.date | None, program: Program) -> str:
    """Return "July 8, 2027"."""
    return program.formats.date(value)


@register.filter
def weekday(value: datetime.date | None, program: Program) -> str:
    """Return "Thursday, July 8"."""
    return program.formats.weekday(value)


@register.filter
def weekday_date(value: datetime.date | None, program: Program) -> str:
    """Return "Thursday, July 8, 2027"."""
    return program.formats.weekday_date(value)


@register.filter
def short_date(value: datetime.date | None, program: Program) -> str:
    """Return "Jul 8, 2027"."""
    return program.formats.short_date(value)


@register.filter
def short_weekday(value: datetime.date | None, program: Program) -> str:
    """Return "Thu, Jul 8"."""
    return program.formats.short_weekday(value)


@register.filter
def clock_time(value: datetime.datetime | None, program: Program) -> str:
    """Return "4:30 PM"."""
    return program.formats.time(value)


@register.filter
def moment(value: datetime.datetime | None, program: Program) -> str:
    """Return "July 8, 2027, 4:30 PM"."""
    return program.formats.moment(value)


@register.filter
def short_moment(value: datetime.datetime | None, program: Program) -> str:
    """Return "Jul 8, 2027, 4:30 PM"."""
    return program.formats.short_moment(value)
