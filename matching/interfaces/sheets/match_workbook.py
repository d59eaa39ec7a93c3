"""The workbook of matches: both sheets, the checks that count while you edit, and a mark.

The mark is a hidden sheet with the pairs at the time of the download. With it, an upload can tell
an edit in the workbook from one made in the app meanwhile.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from matching.domain.sheets.export import MatchSheets, SheetRow, read_match_sheets
from matching.domain.sheets.names import SEPARATOR
from matching.domain.sheets.upload import MARK, MARK_HEADINGS, MENTEES, MENTORS
from matching.interfaces.sheets.checks_sheet import Place, add_checks
from mentorship.interfaces.exports.workbook import (
    BOLD,
    SheetColumn,
    as_bytes,
    fill_table,
    hidden_table,
    line_above,
    offer,
    shade_row,
)
from mentorship.models import Participant, Program, Role

NAMES = "Names"
_TWO = "For more than one mentee, separate the names with semicolons."
_ONE = "Choose the name. Nothing changes until you upload the workbook."


def export_matches(program: Program) -> tuple[bytes, dict[str, int]]:
    """Return the workbook of a program's matches, and its number of mentors, mentees and pairs."""
    sheets = read_match_sheets(program)
    book = Workbook()
    mentors = _add_sheet(book.active, MENTORS, Role.MENTOR, sheets, sheets.mentors)
    mentees = _add_sheet(book.create_sheet(), MENTEES, Role.MENTEE, sheets, sheets.mentees)
    add_checks(book, mentors, mentees)
    _add_names(book, sheets)
    _offer_names(book, sheets, mentors, mentees)
    by_pk = sheets.people.by_pk
    taken_out = program.local(timezone.now()).strftime("%Y-%m-%d %H:%M")
    pairs = [(by_pk[m.mentor_id].email, by_pk[m.mentee_id].email) for m in sheets.matches]
    hidden_table(
        book, MARK, MARK_HEADINGS, [(program.slug, taken_out), *(("", "", *pair) for pair in pairs)]
    )
    numbers = {
        "mentors": len(sheets.mentors),
        "mentees": len(sheets.mentees),
        "pairs": len(sheets.matches),
    }
    return as_bytes(book), numbers


def file_name(program: Program) -> str:
    """Return the file name of a program's workbook."""
    return f"matches-{program.slug}.xlsx"


def _columns(role: Role, sheets: MatchSheets) -> list[SheetColumn]:
    is_mentor = role == Role.MENTOR
    return [
        SheetColumn("Bin", 22),
        SheetColumn("Name", 26),
        SheetColumn("Mentee match" if is_mentor else "Mentor match", 30),
        SheetColumn("Attending", 11),
        *([SheetColumn("Capacity", 10)] if is_mentor else []),
        SheetColumn("Email", 36),
        SheetColumn("Fields", 28),
        SheetColumn("Sector", 18),
        SheetColumn("Career stage", 13),
        SheetColumn("Affiliation", 26),
        SheetColumn("Offers to talk about" if is_mentor else "Hopes to talk about", 40),
        SheetColumn("Notes", 40),
        SheetColumn("Would like to meet", 20),
        SheetColumn("Would rather not meet", 20),
        SheetColumn("Time zone", 18),
        SheetColumn("Free hours", 16),
        *(SheetColumn(question.text, 28) for question in sheets.questions),
        SheetColumn("Committee notes", 30),
        SheetColumn("State", 22),
    ]


def _values(role: Role, sheets: MatchSheets, row: SheetRow) -> list[Any]:
    person, is_mentor = row.person, role == Role.MENTOR
    answer = sheets.answers.get(person.pk, {})
    others = answer.get("other_answers") or {}
    return [
        row.bin,
        row.label,
        SEPARATOR.join(row.partners),
        person.attendance_words,
        *([person.capacity] if is_mentor else []),
        person.email,
        SEPARATOR.join(field.name for field in person.fields.all()),
        person.sector.name if person.sector else "",
        person.get_career_stage_display() if person.career_stage else "",
        person.affiliation,
        person.topics_offered if is_mentor else person.topics_wanted,
        person.notes,
        answer.get("wants_to_meet", ""),
        answer.get("rather_not_meet", ""),
        person.time_zone,
        ", ".join(f"{hour}:00" for hour in answer.get("free_hours") or ()),
        *(_as_text(others.get(str(question.pk), "")) for question in sheets.questions),
        person.committee_notes,
        _state(person, role, bool(answer)),
    ]


def _as_text(answer: Any) -> str:
    return SEPARATOR.join(map(str, answer)) if isinstance(answer, list) else str(answer)


def _state(person: Participant, role: Role, answered: bool) -> str:
    if not person.takes_part:
        return "no longer taking part"
    if person.role != role:
        return f"now a {person.role}"
    return "responded" if answered else "no response"


def _add_sheet(
    sheet: Worksheet, title: str, role: Role, sheets: MatchSheets, rows: list[SheetRow]
) -> Place:
    sheet.title = title
    columns = _columns(role, sheets)
    fill_table(sheet, columns, (_values(role, sheets, row) for row in rows), frozen=3)
    before = None
    for number, row in enumerate(rows, start=2):
        if row.person.is_virtual:
            shade_row(sheet, number, len(columns))
        if row.bin != before:
            line_above(sheet, number, len(columns))
            sheet.cell(number, 1).font = BOLD
            before = row.bin
    letters = {column.heading: get_column_letter(i) for i, column in enumerate(columns[:6], 1)}
    match = "Mentee match" if role == Role.MENTOR else "Mentor match"
    return Place(title, len(rows), letters["Name"], letters[match], letters.get("Capacity", ""))


def _add_names(book: Workbook, sheets: MatchSheets) -> None:
    mentors, mentees = (
        sorted((row.label for row in rows), key=str.casefold)
        for rows in (sheets.mentors, sheets.mentees)
    )
    longest = max(len(mentors), len(mentees))
    columns = [names + [""] * (longest - len(names)) for names in (mentors, mentees)]
    hidden_table(book, NAMES, ["Mentors", "Mentees"], zip(*columns, strict=True))


def _offer_names(book: Workbook, sheets: MatchSheets, mentors: Place, mentees: Place) -> None:
    if not (sheets.mentors and sheets.mentees):
        return
    of_mentors = f"{NAMES}!$A$2:$A${mentors.rows + 1}"
    of_mentees = f"{NAMES}!$B$2:$B${mentees.rows + 1}"
    offer(book[MENTEES], mentees.cells(mentees.match), of_mentors, prompt=_ONE)
    # One rule for the whole column, since sorting rows leaves rules where they are.
    several = any(row.person.capacity > 1 for row in sheets.mentors)
    offer(
        book[MENTORS],
        mentors.cells(mentors.match),
        of_mentees,
        strict=not several,
        prompt=_TWO if several else _ONE,
    )
