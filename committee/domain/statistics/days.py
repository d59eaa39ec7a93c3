"""What happened on which day: rows counted by the day of one of their columns."""

from __future__ import annotations

import datetime
import itertools
import zoneinfo
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from mentorship.models import Program, SurveyResponse

ByDay = dict[datetime.date, int]


def by_day(rows: QuerySet[Any], column: str, zone: zoneinfo.ZoneInfo) -> ByDay:
    """Return how many rows have their `column` (a moment, may be null) on each day of this clock.

    The days are in order; one query, whose rows are as many as there are such days.
    """
    days = (
        rows.filter(**{f"{column}__isnull": False})
        .order_by()
        .annotate(day=TruncDate(column, tzinfo=zone))
        .values("day")
        .annotate(number=Count("pk"))
        .order_by("day")
    )
    return {row["day"]: row["number"] for row in days}


def first_answers(program: Program) -> QuerySet[SurveyResponse]:
    """Return the first response of each person who takes part."""
    earlier = Q(submitted_at__lt=OuterRef("submitted_at")) | Q(
        submitted_at=OuterRef("submitted_at"), pk__lt=OuterRef("pk")
    )
    same_person = SurveyResponse.objects.filter(participant=OuterRef("participant"))
    answers = SurveyResponse.objects.filter(
        participant__program=program, participant__withdrawn_at=None
    )
    return answers.filter(~Exists(same_person.filter(earlier)))


def summed(days: Mapping[datetime.date, int]) -> ByDay:
    """Return how many there were up to and on each of these days."""
    return dict(zip(days, itertools.accumulate(days.values()), strict=True))
