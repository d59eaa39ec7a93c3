"""Next year's program, made from this year's."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models, transaction

from mentorship.domain.signals import program_copied
from mentorship.models import Logo, Membership, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# A year later on the same day of the week.
YEAR = datetime.timedelta(weeks=52)
_OWN = {"id", "name", "slug", "starts_on", "ends_on", "time_zone", "created_at", "anonymised_at",
        "import_columns", "is_demo",
        "copied_from"}  # fmt: skip


@dataclass(frozen=True)
class Copied:
    """The new program, and in sentences what should be known about it."""

    program: Program
    remarks: list[str]


def next_edition(source: Program) -> dict[str, Any]:
    """Return what the next edition would be called and when it would be: a year later."""
    starts_on = source.starts_on + YEAR
    return {
        "name": _in_year(source.name, source.starts_on, starts_on),
        "slug": _in_year(source.slug, source.starts_on, starts_on),
        "starts_on": starts_on,
        "ends_on": source.ends_on + YEAR,
        "time_zone": source.time_zone,
    }


def copy_program(
    source: Program,
    *,
    name: str,
    slug: str,
    starts_on: datetime.date,
    ends_on: datetime.date,
    time_zone: str,
    with_committee: bool = True,
    by: User | None = None,
) -> Copied:
    """Make a program with the settings, lists, questions and texts of another, without its people.

    Its other dates keep their distance from the first day. `with_committee` takes the committee
    along; `by` becomes a chair in any case. Sends `program_copied`, on which the packages above
    copy what is theirs. Raises ValidationError, with nothing saved, if a value is not allowed.
    """
    program = Program(name=name, slug=slug, starts_on=starts_on, ends_on=ends_on)
    program.time_zone, program.copied_from = time_zone, source
    for column in Program._meta.concrete_fields:
        if column.name not in _OWN:
            value = getattr(source, column.attname)
            if isinstance(value, datetime.date) and isinstance(column, models.DateField):
                value += starts_on - source.starts_on
            setattr(program, column.attname, value)
    program.committee_name = _in_year(source.committee_name, source.starts_on, starts_on)
    program.full_clean()
    with transaction.atomic():
        program.save()
        for rows in (
            source.fields.all(),
            source.sectors.all(),
            source.questions.asked(),
            source.value_meanings.all(),
        ):
            rows.model._default_manager.bulk_create(copies_for(program, rows))
        Logo.objects.bulk_create(copies_for(program, Logo.objects.filter(program=source)))
        _copy_committee(source, program, with_committee, by)
        remarks = [
            sentence
            for _, sentences in program_copied.send(Program, source=source, program=program)
            for sentence in sentences or []
        ]
    return Copied(program, remarks)


def copies_for(program: Program, rows: models.QuerySet[Any]) -> list[Any]:
    """Return copies, not saved yet, that belong to this program."""
    copies = list(rows)
    for row in copies:
        row.pk, row.program, row._state.adding = None, program, True
    return copies


def names_year(year: int) -> re.Pattern[str]:
    """Return what finds a year where a text names it."""
    return re.compile(rf"(?<!\d){year}(?!\d)")


def _copy_committee(
    source: Program, program: Program, with_committee: bool, by: User | None
) -> None:
    levels = dict(source.memberships.values_list("user", "level")) if with_committee else {}
    if by is not None:
        levels[by.pk] = Membership.Level.CHAIR
    Membership.objects.bulk_create(
        Membership(program=program, user_id=user, level=level) for user, level in levels.items()
    )


def _in_year(text: str, old: datetime.date, new: datetime.date) -> str:
    """Put the new year where a text names the old one."""
    return names_year(old.year).sub(str(new.year), text)
