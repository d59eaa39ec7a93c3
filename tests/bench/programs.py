"""Programs in the database for the benchmarks of pages, with the shares of `conference`."""

from __future__ import annotations

import random
from typing import Any

from tests.bench.conference import FIELD_SHARE, FIELDS

WORDS = [
    "ocean", "climate", "genome", "protein", "telescope", "galaxy", "compiler", "kernel", "python",
    "array", "tensor", "cloud", "teaching", "career", "industry", "academia", "grant", "thesis",
]  # fmt: skip
EMPLOYERS = ("University of {}port", "{} Institute", "{} Labs", "{} State University")
SURNAMES = ("Lund", "Ost", "Moe", "Ng", "Barraza", "Thompson", "Procházka", "Monteiro", "Szarzec")


def signed_in(user: Any) -> Any:
    """Return a test client with which this user is signed in, as the pages sign somebody in."""
    from django.test import Client

    import mentorship.urls  # noqa: F401 - notes since when somebody is signed in

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def program_of(people: int, seed: int = 0):
    """Make a program with so many people, and its pairs as proposed.

    Four in five have answered. Two in a hundred of these would rather not meet somebody, and one
    in fifty pairs of people is kept apart by the committee. Five people share an employer.
    """
    from django.utils import timezone

    from matching.domain.proposals.propose import propose
    from matching.models import KeepApart
    from mentorship.models import Participant, SurveyResponse
    from tests.factories import ProgramFactory

    chance = random.Random(seed)
    program = ProgramFactory()
    sectors = list(program.sectors.all())
    mentors = round(0.45 * people)

    def words(count: int) -> str:
        return " ".join(chance.choices(WORDS, k=count)).capitalize() + "."

    def employer(number: int) -> str:
        place = number % (people // 5)
        return EMPLOYERS[place % 4].format(f"{WORDS[place % 18].capitalize()} {place // 18}")

    def address(number: int) -> str:
        return f"employer{number % (people // 5)}.example" if number % 3 else "freemail.example"

    persons = Participant.objects.bulk_create(
        Participant(
            program=program,
            name=f"{chance.choice(('Ada', 'Ben', 'Cy', 'Di', 'Eve'))} "
            f"{chance.choice(SURNAMES)} {number}",
            email=f"person{number}@{address(number)}",
            affiliation=employer(number) if chance.random() < 0.7 else "",
            signup_role="mentor" if number < mentors else "mentee",
            signup_attendance="virtual" if chance.random() < 0.2 else "in_person",
            sector=chance.choice(sectors),
            career_stage="senior" if number < mentors else "student",
            capacity=chance.choices((1, 2, 3), (6, 3, 1))[0],
            notes=words(25),
            topics_wanted="" if number < mentors else words(12),
            topics_offered=words(12) if number < mentors else "",
        )
        for number in range(people)
    )
    fields = {field.name: field for field in program.fields.all()}
    through = Participant.fields.through
    through.objects.bulk_create(
        through(participant_id=person.pk, field_id=fields[name].pk)
        for person in persons
        for name, share in zip(FIELDS, FIELD_SHARE, strict=True)
        if name in fields and chance.random() < share
    )
    SurveyResponse.objects.bulk_create(
        SurveyResponse(
            participant=person,
            submitted_at=timezone.now(),
            notes=person.notes,
            free_hours=sorted(chance.sample(range(8, 20), 5)),
            rather_not_meet=chance.choice(persons).name if chance.random() < 0.02 else "",
        )
        for person in persons
        if chance.random() < 0.8
    )
    apart = (sorted(chance.sample(persons, 2), key=lambda p: p.pk) for _ in range(people // 50))
    KeepApart.objects.bulk_create(
        (KeepApart(program=program, first=one, second=other) for one, other in apart),
        ignore_conflicts=True,
    )
    propose(program)
    return program
