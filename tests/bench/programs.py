"""Programs in the database for the benchmarks of pages, with the shares of `conference`."""

from __future__ import annotations

import random

from tests.bench.conference import FIELD_SHARE, FIELDS

WORDS = [
    "ocean", "climate", "genome", "protein", "telescope", "galaxy", "compiler", "kernel", "python",
    "array", "tensor", "cloud", "teaching", "career", "industry", "academia", "grant", "thesis",
]  # fmt: skip
SURNAMES = ("Lund", "Ost", "Moe", "Ng", "Barraza", "Thompson", "Procházka", "Monteiro", "Szarzec")


def program_of(people: int, seed: int = 0):
    """Make a program with so many people who have answered, and its pairs as proposed."""
    from matching.domain.proposals.propose import propose
    from mentorship.models import Participant
    from tests.factories import ProgramFactory

    chance = random.Random(seed)
    program = ProgramFactory()
    sectors = list(program.sectors.all())
    mentors = round(0.45 * people)

    def words(count: int) -> str:
        return " ".join(chance.choices(WORDS, k=count)).capitalize() + "."

    persons = Participant.objects.bulk_create(
        Participant(
            program=program,
            name=f"{chance.choice(('Ada', 'Ben', 'Cy', 'Di', 'Eve'))} "
            f"{chance.choice(SURNAMES)} {number}",
            email=f"person{number}@freemail.example",
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
    propose(program)
    return program
