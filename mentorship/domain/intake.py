"""What imports of people have in common: what they report, and how they refuse."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from mentorship.models import normalise_address

Item = TypeVar("Item")
Progress = Callable[[int, int], None]

# Rows that are read, compared and written at a time: enough to make queries rare, few enough
# that fifty thousand people do not stand in memory at once.
BATCH = 1000


@dataclass(frozen=True)
class Refused:
    """A row that is not taken over: its number in the sheet, the text at fault, and why."""

    row: int
    value: str
    why: str

    def as_json(self) -> dict[str, object]:
        return {"row": self.row, "value": self.value, "why": self.why}


@dataclass(frozen=True)
class Doubt:
    """A cell that could not be understood, in a row that is taken over without it."""

    row: int
    email: str
    field: str
    value: str

    def as_json(self) -> dict[str, object]:
        return {"email": self.email, "field": self.field, "value": self.value}


@dataclass(frozen=True)
class Change:
    """One person who is new, changed or missing, and the row that says so (0: no row does).

    `fields` gives what changes as (old, new), as a person reads them.
    """

    row: int
    email: str
    name: str
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)


class RowRefused(Exception):
    """This row cannot be taken over. Its arguments are the value at fault and why."""

    def __init__(self, value: str, why: str) -> None:
        super().__init__(value, why)
        self.value, self.why = value, why


def read_address(text: str) -> str:
    """Give the address in a cell as the program compares it; raise RowRefused if there is none."""
    address = normalise_address(text)
    if not address:
        raise RowRefused(text, "no address")
    try:
        validate_email(address)
    except ValidationError:
        raise RowRefused(text[:200], "invalid address") from None
    return address


def check_lengths(texts: Mapping[str, str], limits: Mapping[str, int]) -> None:
    """Raise RowRefused if one of these texts is longer than its column holds."""
    for key, limit in limits.items():
        if len(texts.get(key, "")) > limit:
            called = key.replace("_", " ")
            raise RowRefused(texts[key][:60] + "…", f"{called} longer than {limit} characters")


def in_batches(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """Give the items as lists of at most `size`."""
    rest = iter(items)
    while batch := list(itertools.islice(rest, size)):
        yield batch
