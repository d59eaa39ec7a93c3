"""The people of a program as matching sees them, read in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from matching.domain.affinity.answers import NewestAnswers, read_newest_answers
from matching.domain.affinity.score import Affinity, cached_affinity
from matching.domain.exclusions.rules import Exclusions, read_exclusions
from matching.domain.matches.kept import kept
from mentorship.models import Field, Participant, Program, Role


@dataclass
class People:
    """The people of one program, or some of them, with all that decides about matching.

    `checked` is what was found wrong with pairs of them, by the keys of mentor and mentee.
    """

    program: Program
    by_pk: dict[int, Participant]
    fields: list[Field]
    checked: dict[tuple[int, int], list[Any]] = field(default_factory=dict)

    @cached_property
    def other(self) -> Field | None:
        """The field for people whose field is unknown."""
        return next((field for field in self.fields if field.is_other), None)

    @cached_property
    def exclusions(self) -> Exclusions:
        """Which two of these people must not be matched."""
        return read_exclusions(self.program, self.by_pk.values())

    @cached_property
    def answers(self) -> NewestAnswers:
        """What the program's people answered last that counts for affinity."""
        return read_newest_answers(self.program)

    @cached_property
    def mentors(self) -> list[Participant]:
        """Mentors who take part, in the order of their keys (those not taking mentees too)."""
        return [p for p in self.by_pk.values() if p.takes_part and p.role == Role.MENTOR]

    @cached_property
    def mentees(self) -> list[Participant]:
        """Mentees who take part, in the order of their keys."""
        return [p for p in self.by_pk.values() if p.takes_part and p.role == Role.MENTEE]

    @cached_property
    def affinity(self) -> Affinity:
        """The affinity of each of `mentors` with each of `mentees`, by their places there."""
        return cached_affinity(self.program, self.mentors, self.mentees, self.answers)

    @cached_property
    def everyone(self) -> EveryonesAffinity:
        """The affinity of the program's mentors and mentees, also where these are only some."""
        return read_affinity(self.program)

    def fields_of(self, person: Participant) -> list[Field]:
        """Return a person's fields in the program's order; where none is known, Other."""
        known = list(person.fields.all())
        return known or ([self.other] if self.other else [])

    def shared_fields(self, one: Participant, another: Participant) -> list[Field]:
        """Return the fields that two people share, in the program's order."""
        theirs = {field.pk for field in self.fields_of(another)}
        return [field for field in self.fields_of(one) if field.pk in theirs]

    def cross_field(self, one: Participant, another: Participant) -> bool:
        """Return whether two people share no field; False where no field is known of either."""
        if not self.fields_of(one) and not self.fields_of(another):
            return False
        return not self.shared_fields(one, another)


@dataclass(frozen=True)
class EveryonesAffinity:
    """The affinity of each mentor of a program with each mentee, by their keys."""

    affinity: Affinity
    row: dict[int, int]
    column: dict[int, int]

    def parts(self, mentor: Participant, mentee: Participant) -> dict[str, int]:
        """Return the points that each part gives two people who take part."""
        return self.affinity.of_pairs([self.row[mentor.pk]], [self.column[mentee.pk]])[0]


@kept()
def read_affinity(program: Program) -> EveryonesAffinity:
    """Read the affinity of everyone in a program; it depends on what all of them wrote."""
    people = read_people(program)
    return EveryonesAffinity(
        people.affinity,
        {mentor.pk: row for row, mentor in enumerate(people.mentors)},
        {mentee.pk: column for column, mentee in enumerate(people.mentees)},
    )


def read_people(program: Program, only: Iterable[int] | None = None) -> People:
    """Read a program's people with their fields and sectors: three queries, however many.

    `only`: keys of the people to read, if not all are needed.
    """
    rows = Participant.objects.filter(program=program).select_related("sector").order_by("pk")
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    people = {person.pk: person for person in rows.prefetch_related("fields")}
    for person in people.values():
        person.program = program
    return People(program, people, list(program.fields.all()))
