"""Places with mentors and the mentees who want one, by field and attendance: now and expected.

A person with several fields counts in each of them, and once in the total. A person whose field is
unknown counts in the field that means "other".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet, Sum

from mentorship.models import Attendance, Participant, Program, Role

# The order in which a table reads well; "" is unknown.
_ATTENDANCES = (Attendance.IN_PERSON.value, Attendance.VIRTUAL.value, "")
_Cell = tuple[int | None, str]  # the key of a field (None: all together), and the attendance


@dataclass(frozen=True)
class Balance:
    """Places less mentees."""

    number: int

    @property
    def short(self) -> int:
        """How many places are short."""
        return max(0, -self.number)

    @property
    def over(self) -> int:
        """How many places are over."""
        return max(0, self.number)


@dataclass(frozen=True)
class SupplyRow:
    """One field at one attendance, or everyone: places, mentees, and what is expected."""

    field: str
    attendance: str
    places: int
    mentees: int
    expected: Balance

    @property
    def now(self) -> Balance:
        return Balance(self.places - self.mentees)

    @property
    def attendance_words(self) -> str:
        """How the people of this row attend; "" if that is unknown."""
        return str(Attendance(self.attendance).label).lower() if self.attendance else ""


@dataclass(frozen=True)
class Supply:
    """The table. `silent`: of how many people nothing is known but their sign-up."""

    rows: list[SupplyRow]
    total: SupplyRow
    mentors: int
    silent: int


@dataclass(frozen=True)
class _Group:
    """How many people are alike, and how many mentees they take together.

    `like` is their role and attendance at sign-up.
    """

    like: tuple[str, str]
    role: str
    cell: _Cell
    known: bool
    takes_part: bool
    people: int
    places: int


def read_supply(program: Program) -> Supply:
    """Return supply and demand of a program, in three queries.

    Expected is what comes about if those who said nothing yet answer as their like did: the people
    with the same role and attendance at sign-up who have answered or were researched. Where there
    are none of those, they count as what they signed up for.
    """
    fields = list(program.fields.all())
    people = Participant.objects.filter(program=program)
    other = next((each.pk for each in fields if each.is_other), None)
    once = _groups(people, lambda row: None)
    groups = _groups(people, lambda row: row["fields"] or other, "fields")
    places, mentees = _counted(groups)
    expected = _expected(groups, once)
    rows = [
        SupplyRow(
            field.name, attendance, places[cell], mentees[cell], Balance(round(expected[cell]))
        )
        for field in fields
        for attendance in _ATTENDANCES
        if places[cell := (field.pk, attendance)] or mentees[cell]
    ]
    here = [group for group in once if group.takes_part]
    total = SupplyRow(
        "",
        "",
        sum(group.places for group in here if group.role == Role.MENTOR),
        sum(group.people for group in here if group.role == Role.MENTEE),
        Balance(round(sum(_expected(once, once).values()))),
    )
    return Supply(
        rows,
        total,
        sum(group.people for group in here if group.role == Role.MENTOR),
        sum(group.people for group in here if not group.known),
    )


def _groups(
    people: QuerySet[Participant], field: Callable[[dict[str, int]], int | None], *by: str
) -> list[_Group]:
    """Return everyone in groups: not one row a person, but one for each kind of people."""
    known = Q(pk__in=Participant.objects.answered().values("pk")) | Q(
        pk__in=Participant.objects.researched().values("pk")
    )
    rows = (
        people.order_by()
        .annotate(
            is_known=ExpressionWrapper(known, BooleanField()),
            is_in=ExpressionWrapper(Q(withdrawn_at=None), BooleanField()),
        )
        .values("signup_role", "signup_attendance", "role", "attendance", "is_known", "is_in", *by)
        .annotate(people=Count("pk"), places=Sum("capacity"))
    )
    return [
        _Group(
            (row["signup_role"], row["signup_attendance"]),
            row["role"],
            (field(row), row["attendance"]),
            row["is_known"],
            row["is_in"],
            row["people"],
            row["places"],
        )
        for row in rows
    ]


def _counted(groups: list[_Group]) -> tuple[Counter[_Cell], Counter[_Cell]]:
    """Return the places and the mentees in each cell now."""
    places, mentees = Counter[_Cell](), Counter[_Cell]()
    for group in groups:
        if group.takes_part and group.role == Role.MENTOR:
            places[group.cell] += group.places
        elif group.takes_part:
            mentees[group.cell] += group.people
    return places, mentees


def _expected(groups: list[_Group], once: list[_Group]) -> dict[_Cell, float]:
    """Return places less mentees in each cell, once everyone has answered as their like did."""
    known, silent = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for group in once:
        if group.known:
            known[group.like] += group.people
        elif group.takes_part:
            silent[group.like] += group.people
    balance: dict[_Cell, float] = dict.fromkeys((group.cell for group in groups), 0.0)
    for group in groups:
        if not group.takes_part:
            continue
        if group.known:
            weight = 1 + silent[group.like] / known[group.like]
        else:
            weight = 0 if known[group.like] else 1
        size = group.places if group.role == Role.MENTOR else -group.people
        balance[group.cell] += weight * size
    return balance
