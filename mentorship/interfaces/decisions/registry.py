"""The kinds of decisions that the dashboard asks for, each registered by the package it is of.

A kind finds what waits and settles one case of it; the page, its buttons and its locks are here
and in the `committee` package. Each package registers its own in its `interfaces.decisions`, which
is loaded at the start. A kind that needs its own page to be settled has cases without buttons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from mentorship.models import Participant, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SHOWN = 3
Row = TypeVar("Row", bound=models.Model)
# Every number with fewer digits fits into the column of a key.
_DIGITS = 19


@dataclass(frozen=True)
class Button:
    """One way to settle a case: what is posted as `choice`, and what the button says."""

    choice: str
    words: str


@dataclass(frozen=True)
class Blank:
    """An input beside the buttons: its label, its HTML type, and what stands in it at first."""

    label: str
    kind: str = "text"
    value: str = ""


@dataclass(frozen=True)
class OpenCase:
    """One thing that waits.

    `key` (letters, digits, hyphens) finds it again when it is settled; `who` is shown with a link
    to `path`; `detail` says what there is to decide.
    """

    key: str
    who: str
    detail: str = ""
    path: str = ""
    blank: Blank | None = None
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """How many cases of a kind wait, and the first of them."""

    total: int = 0
    cases: list[OpenCase] = field(default_factory=list)


@dataclass(frozen=True)
class Settled:
    """What a member of the committee chose for one case, with what they wrote into its blank."""

    program: Program
    key: str
    choice: str
    value: str = ""
    by: User | None = None


@dataclass(frozen=True)
class DecisionKind:
    """A kind of decision.

    `find(program, at_most)` returns what waits, in a constant number of queries. `settle` does
    what was chosen and returns the sentence that says so; it runs in a transaction that holds the
    program's lock, and raises ValidationError if the case is gone or the choice is none.
    `sentence(total)` is the heading. `page` and `query` lead to the list of all of them, `see` is
    that link's text. Kinds with a lower `order` stand first. Only
    chairs are shown a kind of `chairs_only`. One of `until_end` decides nothing once the
    conference is over, and is not shown any more.
    """

    name: str
    icon: str
    order: int
    sentence: Callable[[int], str]
    find: Callable[[Program, int], Waiting]
    page: str
    see: str
    query: str = ""
    settle: Callable[[Settled], str] | None = None
    chairs_only: bool = False
    until_end: bool = False

    @property
    def path(self) -> str:
        """The path of the page that lists all cases of this kind."""
        path = reverse(self.page)
        return f"{path}?{self.query}" if self.query else path


@dataclass(frozen=True)
class OpenDecision:
    """A kind of which something waits, and what."""

    kind: DecisionKind
    waiting: Waiting

    @property
    def sentence(self) -> str:
        return self.kind.sentence(self.waiting.total)

    @property
    def more(self) -> int:
        """How many cases wait beside those that are shown."""
        return self.waiting.total - len(self.waiting.cases)


_kinds: dict[str, DecisionKind] = {}


def register_decision(kind: DecisionKind) -> None:
    """Add a kind of decision to the dashboard."""
    _kinds[kind.name] = kind


def open_decisions(
    program: Program, at_most: int = SHOWN, *, chair: bool = False
) -> list[OpenDecision]:
    """Return the kinds of which something waits, each with up to `at_most` cases.

    `chair`: also those that only chairs may see.
    """
    over = program.is_over(timezone.now())
    shown = (
        kind
        for kind in _kinds.values()
        if (chair or not kind.chairs_only) and not (over and kind.until_end)
    )
    kinds = sorted(shown, key=lambda kind: kind.order)
    found = [OpenDecision(kind, kind.find(program, at_most)) for kind in kinds]
    return [decision for decision in found if decision.waiting.total]


def settle_case(name: str, settled: Settled) -> str:
    """Settle one case as chosen and return the sentence that says so.

    Raise ValidationError, with nothing changed, if there is nothing (more) to settle there.
    """
    kind = _kinds.get(name)
    if kind is None or kind.settle is None:
        raise ValidationError("There is nothing to decide here.")
    with transaction.atomic():
        # Of two who decide at the same time, the second sees what the first has done.
        Program.objects.locked(settled.program.pk)
        return kind.settle(settled)


def waiting_people(
    people: models.QuerySet[Participant], at_most: int, case: Callable[[Participant], OpenCase]
) -> Waiting:
    """Return what waits for each of these people, in two queries, in one if nobody is there."""
    total = people.count()
    return Waiting(total, [case(person) for person in people[:at_most]] if total else [])


def waiting_row(rows: models.QuerySet[Row], key: str) -> Row:
    """Return the one of the rows that wait with this key. Raise ValidationError if it is gone."""
    row = rows.filter(pk=key).first() if key.isdecimal() and len(key) < _DIGITS else None
    if row is None:
        raise already_settled()
    return row


def already_settled() -> ValidationError:
    """Return what to raise for a case that waits no more."""
    return ValidationError("This has been settled already, by somebody else or in another tab.")


def person_path(person: Participant) -> str:
    """Return the path of a person's page."""
    return reverse("admin:mentorship_participant_change", args=[person.pk])


def unknown_choice() -> ValidationError:
    """Return what to raise for a choice that no button of the case has."""
    return ValidationError("Choose one of the buttons.")
