"""The research sheet as a workbook: what is known, where to look, and what to fill in."""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from mentorship.domain.imports.research import (
    ASKED,
    MARK_HEADING,
    known_of,
    left_to_research,
    mark_of,
)
from mentorship.interfaces.exports.workbook import (
    TO_FILL_IN,
    SheetColumn,
    as_bytes,
    fill_table,
    hidden_table,
    offer,
)
from mentorship.interfaces.research.searches import SEARCHES, search_links
from mentorship.models import CareerStage, Participant, Program

_WIDTHS = {"affiliation": 28, "fields": 34, "sector": 20, "career_stage": 14, "notes": 50}
_CHOICES = "Choices"


def research_sheet(program: Program) -> bytes:
    """Return the workbook of those who have not answered, one row a person."""
    people = list(left_to_research(program))
    columns = [
        SheetColumn("Name", 26),
        SheetColumn("Email", 34),
        SheetColumn("Role", 10),
        SheetColumn("Attending", 11),
        *(SheetColumn(title, 15) for title in SEARCHES),
        *(SheetColumn(heading, _WIDTHS[detail], TO_FILL_IN) for detail, heading in ASKED.items()),
        SheetColumn(MARK_HEADING, 120),
    ]
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Research"
    fill_table(sheet, columns, (_values(person) for person in people))
    sheet.column_dimensions[get_column_letter(len(columns))].hidden = True
    _add_links(sheet, people)
    _offer_choices(book, sheet, program, len(people))
    return as_bytes(book)


def _values(person: Participant) -> list[Any]:
    known = known_of(person)
    return [
        person.name,
        person.email,
        person.role,
        person.attendance_words,
        *SEARCHES,
        *known.values(),
        mark_of(known),
    ]


def _add_links(sheet: Worksheet, people: list[Participant]) -> None:
    for row, person in enumerate(people, start=2):
        links = search_links(person)
        for position, title in enumerate(SEARCHES, start=5):
            cell: Any = sheet.cell(row, position)
            cell.hyperlink = links[title]
            cell.font = Font(name="Calibri", size=11, color="0563C1", underline="single")


def _offer_choices(book: Workbook, sheet: Worksheet, program: Program, people: int) -> None:
    choices = [
        [each.name for each in program.fields.all()],
        [each.name for each in program.sectors.all()],
        [str(stage.label) for stage in CareerStage],
    ]
    longest = max(map(len, choices))
    hidden_table(
        book,
        _CHOICES,
        ["Fields", "Sector", "Career stage"],
        zip(*(each + [""] * (longest - len(each)) for each in choices), strict=True),
    )
    first = 5 + len(SEARCHES)
    for detail, source, names in zip(
        ("fields", "sector", "career_stage"), "ABC", choices, strict=True
    ):
        letter = get_column_letter(first + list(ASKED).index(detail))
        several = detail == "fields"
        if names:
            offer(
                sheet,
                f"{letter}2:{letter}{max(people, 1) + 1}",
                f"{_CHOICES}!${source}$2:${source}${len(names) + 1}",
                strict=not several,
                prompt="For more than one, write them with semicolons between." if several else "",
            )
