"""The sheet that counts the mistakes on both sheets while somebody edits them.

It uses only functions that Excel and LibreOffice have had for years, and none that reads * or ? in
a name as a pattern. Its cells point at rows of the two sheets with INDEX, so sorting or deleting
rows breaks nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from mentorship.interfaces.exports.workbook import HEADING_FILL, HEADING_FONT, fit_to_paper

CHECKS = "Checks"
_MISTAKE = PatternFill("solid", start_color="F8D7DA", end_color="F8D7DA")
_INTRO = (
    "These counts update as you edit the other two sheets. Enter each name as in the column Name. "
    "Separate several names with semicolons."
)
# What is counted, the column of its marks below, and what to do about it.
_COUNTS = [
    ("Mentees with two mentors", "E", "Leave the mentee in one mentor's row only."),
    ("Mentors over capacity", "F", "Move one of the mentees to another mentor."),
    ("The two sheets disagree", "G", "Enter the pair on both sheets, or delete it from both."),
    ("Unknown names", "H", "Choose the name from the list in the cell."),
]
_NOT_LIVE = (
    "Colleagues, do-not-match pairs",
    "A spreadsheet cannot find these. They are checked when you upload the workbook.",
)
_HEAD = 11  # the row of the headings of the list below


@dataclass(frozen=True)
class Place:
    """Where a sheet has what the checks need: its number of rows and its column letters."""

    title: str
    rows: int
    name: str
    match: str
    capacity: str = ""

    def cells(self, letter: str) -> str:
        return f"{letter}2:{letter}{max(self.rows, 1) + 1}"

    def cell(self, letter: str, row: int) -> str:
        """Return the formula for a cell of the `row`-th person, counted from 1."""
        last = max(self.rows, 1) + 1
        return f"INDEX({self.title}!${letter}$2:${letter}${last},{row})"


def add_checks(book: Workbook, mentors: Place, mentees: Place) -> None:
    """Add the sheet: counts at the top, then each person with their mistakes."""
    sheet = book.create_sheet(CHECKS)
    first = _HEAD + 1
    of_mentees = first, first + max(mentees.rows, 1) - 1
    of_mentors = of_mentees[1] + 1, of_mentees[1] + max(mentors.rows, 1)
    for number in range(max(mentees.rows, 1)):
        _mentee(sheet, first + number, mentees, number + 1, of_mentors)
    for number in range(max(mentors.rows, 1)):
        _mentor(sheet, of_mentors[0] + number, mentors, number + 1, of_mentees)
    last = of_mentors[1]
    _counts(sheet, first, last)
    for position, heading in enumerate(["Sheet", "Name", "Match as entered", "What is wrong"], 1):
        cell = sheet.cell(_HEAD, position, heading)
        cell.font, cell.fill = HEADING_FONT, HEADING_FILL
    for letter, width in zip("ABCD", (30, 30, 36, 70), strict=True):
        sheet.column_dimensions[letter].width = width
    for letter in "EFGHIJKLM":
        sheet.column_dimensions[letter].hidden = True
    sheet.auto_filter.ref = f"A{_HEAD}:D{last}"
    fit_to_paper(sheet)
    sheet.conditional_formatting.add(
        f"A{first}:D{last}", FormulaRule(formula=[f'$D{first}<>""'], fill=_MISTAKE)
    )
    sheet.conditional_formatting.add("A5:D8", FormulaRule(formula=["$B5>0"], fill=_MISTAKE))


def _counts(sheet: Worksheet, first: int, last: int) -> None:
    sheet["A1"] = "Checks"
    sheet["A1"].font = Font(name="Calibri", size=14, bold=True)
    sheet["A2"] = _INTRO
    for position, heading in enumerate(["What is counted", "How many", "What to do", ""], start=1):
        cell = sheet.cell(4, position, heading)
        cell.font, cell.fill = HEADING_FONT, HEADING_FILL
    for row, (what, letter, todo) in enumerate(_COUNTS, start=5):
        sheet.cell(row, 1, what)
        sheet.cell(row, 2, f"=SUM({letter}{first}:{letter}{last})")
        sheet.cell(row, 2).alignment = Alignment(horizontal="left")
        sheet.cell(row, 3, todo)
    sheet.cell(9, 1, _NOT_LIVE[0])
    sheet.cell(9, 2, "after upload")
    sheet.cell(9, 3, _NOT_LIVE[1])


def _names_in(cell: str) -> str:
    """Return the formula for the names in a cell, in lower case, each between two semicolons."""
    bare = f'SUBSTITUTE(SUBSTITUTE(TRIM({cell})," ;",";"),"; ",";")'
    return f'SUBSTITUTE(";"&LOWER({bare})&";",";;",";")'


def _written(sheet: Worksheet, row: int, place: Place, number: int) -> None:
    sheet.cell(row, 1, place.title)
    sheet.cell(row, 2, f'={place.cell(place.name, number)}&""')
    sheet.cell(row, 3, f'={place.cell(place.match, number)}&""')
    sheet.cell(row, 9, f"={_names_in(f'C{row}')}")  # I: the names in the match
    sheet.cell(row, 10, f'=";"&LOWER(TRIM(B{row}))&";"')  # J: the own name
    # K: how many names are in the match
    sheet.cell(row, 11, f'=IF(TRIM(C{row})="",0,LEN(I{row})-LEN(SUBSTITUTE(I{row},";",""))-1)')


def _mentee(sheet: Worksheet, row: int, place: Place, number: int, others: tuple[int, int]) -> None:
    _written(sheet, row, place, number)
    matches, names = (f"${letter}${others[0]}:${letter}${others[1]}" for letter in "IJ")
    listed = f"ISNUMBER(FIND(J{row},{matches}))"
    named = f"ISNUMBER(FIND({names},I{row}))"
    sheet.cell(row, 12, f"=SUMPRODUCT(--{listed})")  # L: mentors who list this mentee
    sheet.cell(row, 13, f"=SUMPRODUCT({listed}*{named})")  # M: of them, those named here
    sheet.cell(row, 5, f'=IF(B{row}="",0,IF(OR(L{row}>1,K{row}>1),1,0))')
    sheet.cell(row, 8, f"=IF(SUMPRODUCT(--{named})<K{row},1,0)")
    differ = f"OR(AND(K{row}=0,L{row}>0),AND(K{row}=1,M{row}=0))"
    sheet.cell(row, 7, f'=IF(OR(B{row}="",E{row}=1,H{row}=1),0,IF({differ},1,0))')
    sheet.cell(
        row,
        4,
        f'=IF(E{row}=1,"has more than one mentor",IF(H{row}=1,"no mentor has this name",'
        f'IF(G{row}=1,"the mentors\' sheet says something else","")))',
    )


def _mentor(sheet: Worksheet, row: int, place: Place, number: int, others: tuple[int, int]) -> None:
    _written(sheet, row, place, number)
    names = f"$J${others[0]}:$J${others[1]}"
    capacity = place.cell(place.capacity, number)
    sheet.cell(row, 6, f"=IF(ISNUMBER({capacity}),IF(K{row}>{capacity},1,0),0)")
    sheet.cell(row, 8, f"=IF(SUMPRODUCT(--ISNUMBER(FIND({names},I{row})))<K{row},1,0)")
    sheet.cell(
        row,
        4,
        f'=IF(F{row}=1,"has "&K{row}&" mentees, capacity "&{capacity},"")'
        f'&IF(AND(F{row}=1,H{row}=1),"; ","")&IF(H{row}=1,"no mentee has this name","")',
    )
