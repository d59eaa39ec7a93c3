"""The people and pairs of a board, read without making a model instance of each.

A board of thousands asks little about each person: these have just that, under the names that
checks and exclusions know from Participant and Match.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, cast

from matching.domain.matches.kept import kept
from matching.domain.matches.people import People
from matching.models import Match
from mentorship.models import Attendance, Field, Participant, Program


@dataclass(slots=True, eq=False)
class BoardPerson:
    """What the board knows of one person.

    `place` is that in the order of names. `field_pks` are in the program's order; where no field is
    known, that of Other.
    """

    pk: int
    name: str
    email: str
    affiliation: str
    role: str
    attendance: str
    capacity: int
    withdrawn_at: datetime | None
    withdrawn_why: str
    mail_bounced_at: datetime | None
    sector: str | None
    field_pks: tuple[int, ...] = ()
    place: int = 0

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_virtual(self) -> bool:
        return self.attendance == Attendance.VIRTUAL

    @property
    def takes_part(self) -> bool:
        return self.withdrawn_at is None


@dataclass(slots=True, eq=False)
class BoardMatch:
    """What the board knows of one live match."""

    is_live: ClassVar[bool] = True

    pk: int
    mentor_id: int
    mentee_id: int
    bin_id: int | None
    status: str
    locked: bool
    affinity: int | None
    note: str | None
    program: Program = field(init=False)
    mentor: BoardPerson = field(init=False)
    mentee: BoardPerson = field(init=False)

    def __str__(self) -> str:
        return f"{self.mentor} & {self.mentee}"

    @property
    def is_announced(self) -> bool:
        return self.status == Match.Status.ANNOUNCED

    @property
    def needs_call(self) -> bool:
        return self.mentor.is_virtual or self.mentee.is_virtual


class Roster(People):
    """The people of a program as the board knows them."""

    def fields_of(self, person: Participant) -> list[Field]:
        """Return a person's fields in the program's order; where none is known, Other."""
        keys = cast(Any, person).field_pks
        return [one for one in self.fields if one.pk in keys]

    def cross_field(self, one: Participant, another: Participant) -> bool:
        """Return whether two people share no field; False where no field is known of either."""
        mine, theirs = cast(Any, one).field_pks, cast(Any, another).field_pks
        return bool(mine or theirs) and not any(key in theirs for key in mine)


def read_matches(program: Program) -> list[BoardMatch]:
    """Read a program's live matches."""
    columns = ("pk", "mentor_id", "mentee_id", "bin_id", "status", "locked", "affinity", "note")
    return [BoardMatch(*row) for row in program.matches.live().order_by().values_list(*columns)]


@kept(quickly_read=True)
def read_roster(program: Program) -> Roster:
    """Read everyone in a program, in three queries, in order of their keys."""
    rows = Participant.objects.filter(program=program).order_by("pk")
    columns = ("pk", "name", "email", "affiliation", "role", "attendance", "capacity",
               "withdrawn_at", "withdrawn_why", "mail_bounced_at", "sector__name")  # fmt: skip
    persons = {row[0]: BoardPerson(*row) for row in rows.values_list(*columns)}
    by_name = sorted(persons.values(), key=lambda person: (person.name.casefold(), person.pk))
    for place, person in enumerate(by_name):
        person.place = place
    # They have all that is asked of a Participant where pairs are checked.
    roster = Roster(program, cast(dict[int, Participant], persons), list(program.fields.all()))
    fields: dict[int, list[int]] = {}
    through = Participant.fields.through.objects.filter(participant__program=program)
    through = through.order_by("field__order", "field__pk")
    for pk, key in through.values_list("participant_id", "field_id"):
        fields.setdefault(pk, []).append(key)
    unknown = (roster.other.pk,) if roster.other else ()
    for pk, person in persons.items():
        person.field_pks = tuple(fields.get(pk, unknown))
    return roster
