"""What all rows have in common: why one is refused or left out, and cells that need review."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mentorship.models import is_address, normalise_address

# An address as mail programs copy it: "Ada Quist <ada@a.example>", "mailto:ada@a.example;".
_AROUND = re.compile(r"(?:[^<>@]*<)?\s*(?:mailto:)?([^<>\s;,@]+@[^<>\s;,@]+?)\s*>?\s*[;,.]?")


@dataclass(frozen=True)
class RefusedRow:
    """A row that is not imported: its number in the sheet, the text at fault, and why."""

    row: int
    value: str
    why: str

    def as_json(self) -> dict[str, object]:
        return {"row": self.row, "value": self.value, "why": self.why}


@dataclass(frozen=True)
class LeftOut(RefusedRow):
    """A row that is nobody's: a ticket that was given up, an add-on, an unfinished answer.

    `name` and `address` are what it says whose it was, where `value` does not say it.
    """

    name: str = ""
    address: str = ""


@dataclass(frozen=True)
class Doubt:
    """A cell that needs review: not understood, and left out of a row that is imported."""

    row: int
    email: str
    field: str
    value: str

    def as_json(self) -> dict[str, object]:
        return {"email": self.email, "field": self.field, "value": self.value}


class UnusableRow(Exception):
    """This row cannot be imported. Its arguments are the value at fault and why."""

    def __init__(self, value: str, why: str) -> None:
        super().__init__(value, why)
        self.value, self.why = value, why


def read_address(text: str) -> str:
    """Return the email address in a cell, normalized. Raise UnusableRow if there is none."""
    # A Japanese keyboard writes the sign in full width.
    address = normalise_address(text.replace("\N{FULLWIDTH COMMERCIAL AT}", "@"))
    if around := _AROUND.fullmatch(address):
        address = around[1]
    if not address:
        raise UnusableRow(text, "no address")
    if not is_address(address):
        raise UnusableRow(text[:200], "invalid address")
    return address


def check_lengths(texts: Mapping[str, str], limits: Mapping[str, int]) -> None:
    """Raise UnusableRow if one of these texts is longer than its column holds."""
    for key, limit in limits.items():
        if len(texts.get(key, "")) > limit:
            called = key.replace("_", " ")
            raise UnusableRow(texts[key][:60] + "…", f"{called} longer than {limit} characters")
