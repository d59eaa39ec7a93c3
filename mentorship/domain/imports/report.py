"""What all imports report: refused rows, cells that need review, people, what undo needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from mentorship.domain.people.bulk import snapshot
from mentorship.models import Participant, normalise_address

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class RefusedRow:
    """A row that is not imported: its number in the sheet, the text at fault, and why."""

    row: int
    value: str
    why: str

    def as_json(self) -> dict[str, object]:
        return {"row": self.row, "value": self.value, "why": self.why}


@dataclass(frozen=True)
class Doubt:
    """A cell that needs review: not understood, and left out of a row that is imported."""

    row: int
    email: str
    field: str
    value: str

    def as_json(self) -> dict[str, object]:
        return {"email": self.email, "field": self.field, "value": self.value}


@dataclass(frozen=True)
class PersonChange:
    """One person who is new, changed or missing, and the row that says so (0: no row does).

    `fields` gives what changes as (old, new), as a person reads them.
    """

    row: int
    email: str
    name: str
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass
class Changed:
    """What undoing an import needs: who is new, and each value before and after it.

    `created` are keys of people, `responses` of their responses. `columns` is person → column →
    [before, after], `fields` is person → [keys of their fields before, after], all as JSON.
    """

    created: list[int] = field(default_factory=list)
    responses: list[int] = field(default_factory=list)
    columns: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    fields: dict[str, list[list[int]]] = field(default_factory=dict)

    def note(self, person: Participant, before: Mapping[str, Any]) -> None:
        """Keep what is another value now than in `before`, the person's `snapshot` of then.

        What was kept of the same person earlier is continued, where nobody else wrote in between.
        """
        now = snapshot(person, before)
        kept = self.columns.get(str(person.pk), {})
        for key, old in before.items():
            if old != now[key]:
                first, last = kept.get(key, (old, old))
                kept[key] = [first if last == old else old, now[key]]
        if kept:
            self.columns[str(person.pk)] = kept

    def note_fields(self, person: int, before: Iterable[int], after: Iterable[int]) -> None:
        """Keep which fields a person had and has, by their keys, if these are others."""
        old, now = sorted(set(before)), sorted(set(after))
        if old != now:
            first, last = self.fields.get(str(person), [old, old])
            self.fields[str(person)] = [first if last == old else old, now]

    def as_json(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        return vars(self)


class UnusableRow(Exception):
    """This row cannot be imported. Its arguments are the value at fault and why."""

    def __init__(self, value: str, why: str) -> None:
        super().__init__(value, why)
        self.value, self.why = value, why


def read_address(text: str) -> str:
    """Return the email address in a cell, normalized. Raise UnusableRow if there is none."""
    address = normalise_address(text)
    if not address:
        raise UnusableRow(text, "no address")
    try:
        validate_email(address)
    except ValidationError:
        raise UnusableRow(text[:200], "invalid address") from None
    return address


def check_lengths(texts: Mapping[str, str], limits: Mapping[str, int]) -> None:
    """Raise UnusableRow if one of these texts is longer than its column holds."""
    for key, limit in limits.items():
        if len(texts.get(key, "")) > limit:
            called = key.replace("_", " ")
            raise UnusableRow(texts[key][:60] + "…", f"{called} longer than {limit} characters")
