"""One sheet as a plain table of text: its headings, and the rows under them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# So many rows say what a column holds; of an export of fifty thousand, reading all takes seconds.
LOOKED_AT = 300
# What no text can hold.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# How a control character is shown: U+2400 and following are pictures of them.
_PICTURES = {chr(sign): chr(0x2400 + sign) for sign in range(32)} | {"\x7f": "\u2421"}


def shown(text: str) -> str:
    """Return a text as it can be shown and kept, with pictures of its control characters."""
    return CONTROLS.sub(lambda sign: _PICTURES[sign[0]], text)


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not blank; `number` is the spreadsheet's own."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class RowLeftOut:
    """A row of a sheet that is nobody's: its number, what it says, and why it is left out."""

    number: int
    text: str
    why: str


@dataclass(frozen=True)
class Table:
    """A sheet: its file's name, its headings, and the rows under them.

    A row may have fewer cells than there are headings (the rest is blank) or more (something
    is wrong with it). `choices` are given where a heading has several columns, one for each choice
    of a question. `sha256` is the file's checksum, `note` a sentence about what was read of it, if
    there is something to say; `left_out` are rows of the sheet that are nobody's.
    """

    name: str
    headings: list[str]
    rows: list[Row]
    choices: list[str] = field(default_factory=list)
    left_out: list[RowLeftOut] = field(default_factory=list, compare=False)
    sheet: str = field(default="", compare=False)
    sheets: list[str] = field(default_factory=list, compare=False)
    sha256: str = field(default="", compare=False)
    note: str = field(default="", compare=False)

    def __len__(self) -> int:
        return len(self.rows)

    def choice_of(self, position: int) -> str:
        """Return the choice for which a column stands, or "" if it stands for a whole question."""
        return self.choices[position] if position < len(self.choices) else ""

    def called(self, position: int) -> str:
        """Return a column's heading, with the choice for which it stands in parentheses."""
        choice = self.choice_of(position)
        return f"{self.headings[position]} ({choice})" if choice else self.headings[position]

    def column(self, position: int, rows: int = LOOKED_AT) -> list[str]:
        """Return the first cells of a column, blank ones too."""
        return [
            row.cells[position] if len(row.cells) > position else "" for row in self.rows[:rows]
        ]

    def values_of(self, position: int) -> list[str]:
        """Return what stands in the first cells of a column that are not blank."""
        return [cell for cell in self.column(position) if cell]
