"""Setting up a program."""

from __future__ import annotations

import datetime

from django.db import transaction

from mentorship.models import Field, Program, Sector

# The blocks and the sectors that the committee's own spreadsheets have used so far.
FIELDS = [
    "Physics/Astro/Chemistry",
    "Biology/Health",
    "Social Science/Econ",
    "Meteorology/Geology/Oceanography/Petrology",
    "CompSci/DS/ML",
    "Software Engineering",
]
OTHER_SECTOR = "Other"
SECTORS = [
    "Academia",
    "Industry",
    "Government / National lab",
    "Non-profit",
    "Student",
    "Between jobs",
    OTHER_SECTOR,
]


def create_program(
    *,
    slug: str,
    name: str,
    starts_on: datetime.date,
    ends_on: datetime.date,
    time_zone: str,
    **details: object,
) -> Program:
    """Create a program with the usual fields and sectors.

    `details` are further columns of Program. Raises ValidationError, with nothing saved, if a
    value is not allowed: a slug in use, an unknown time zone, an end before the start.
    """
    program = Program(
        slug=slug,
        name=" ".join(name.split()),  # it becomes a subject and a sender's name: one line
        starts_on=starts_on,
        ends_on=ends_on,
        time_zone=time_zone,
        **details,
    )
    program.full_clean()
    with transaction.atomic():
        program.save()
        fill_lists(program)
    return program


def fill_lists(program: Program) -> None:
    """Return a new program the usual fields, with the one for "other", and the usual sectors."""
    rows = [Field(program=program, name=field, order=i) for i, field in enumerate(FIELDS)]
    rows.append(Field(program=program, name="Other", order=len(FIELDS), is_other=True))
    Field.objects.bulk_create(rows)
    Sector.objects.bulk_create(
        Sector(program=program, name=sector, order=i, is_other=sector == OTHER_SECTOR)
        for i, sector in enumerate(SECTORS)
    )
