"""Finding the columns of a spreadsheet by what their headings mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.text import get_text_list

from mentorship.domain.files.spreadsheets import CONTROLS, Row, Table
from mentorship.domain.text import composed

# How a control character is shown: U+2400 and following are pictures of them.
SHOWN_CONTROLS = {chr(sign): chr(0x2400 + sign) for sign in range(32)} | {"\x7f": "\u2421"}


@dataclass(frozen=True)
class Column:
    """One thing that a table may say about a person.

    `called` names it in messages. A heading means it if it is one of `headings` (both plain, as
    `plain` gives them) or else, when no such heading is there, if `pattern` is found in it.
    """

    key: str
    called: str
    headings: frozenset[str]
    pattern: str = ""
    needed: bool = False


def column(key: str, called: str, headings: str, pattern: str = "", needed: bool = False) -> Column:
    """Make a Column; `headings` are separated by bars."""
    return Column(key, called, frozenset(headings.split("|")), pattern, needed)


_ADDRESS = column(
    "address",
    "email address",
    "email|e mail|mail|email address|e mail address|mail address|your email|your e mail"
    "|your email address|attendee email|attendee email address",
    r"\be ?mail",
    needed=True,
)
_NAMES = [
    column("first_name", "first name", "first name|given name|given names|forename|first"
           "|attendee first name|your first name", r"\b(first|given) ?name"),
    column("last_name", "last name", "last name|surname|family name|last|attendee last name"
           "|attendee surname|your last name", r"\b(last|family) ?name|\bsurname"),
    column("name", "name", "name|full name|your name|your full name|attendee|attendee name"
           "|participant|participant name|what is your name", r"\bfull name|\byour name"),
]  # fmt: skip
_AFFILIATION = column(
    "affiliation",
    "affiliation",
    "affiliation|company affiliation|company|organisation|organization|institution|employer"
    "|current affiliation|university|institute",
    r"affiliation|institution|employer|organi[sz]ation|\bcompany\b",
)

SIGNUP_COLUMNS = [
    _ADDRESS,
    *_NAMES,
    column("registered_at", "time of registration", "registered at|registered on|registered"
           "|registration date|registration time|date registered|order date|order time"
           "|purchase date|purchased at|ordered at|created at|created|date|timestamp",
           r"\b(registered|registration|order|purchase) (date|time|at|on)\b"),
    column("order", "order number", "order|order number|order no|order id|order code|order ref"
           "|order reference|booking|booking reference|booking number|registration id",
           r"\border\b(?! (date|time))"),
    column("answer", "mentorship question", "mentorship|mentorship program|mentorship programme"
           "|mentoring|mentor or mentee|mentorship role|signed up as", r"mentor", needed=True),
    column("ticket", "ticket", "ticket|ticket type|ticket name|ticket class|ticket category"
           "|registration type|admission|item|product|type", r"\bticket\b", needed=True),
    _AFFILIATION,
]  # fmt: skip

RESPONSE_COLUMNS = [
    _ADDRESS,
    column("submitted_at", "time of the answer", "timestamp|time stamp|submitted at|submitted"
           "|submitted on|submission time|submission date|completion time|completed at|date"
           "|end date", r"\b(submitted|submission|completed|completion)\b", needed=True),
    *_NAMES,
    column("capacity", "how many mentees", "capacity|how many mentees could you take"
           "|number of mentees|max mentees", r"how many|number of mentees|\bcapacity\b"),
    column("topics_offered", "topics offered", "topics offered|topics you can offer"
           "|what can you offer as a mentor", r"\boffer\b|\bmentors? (could|can) (help|talk)"),
    column("topics_wanted", "topics wanted", "topics wanted|topics you would like to talk about"
           "|what would you like to talk about|what do you hope to get out of it",
           r"\bhope\b|like to (talk|learn|discuss)"),
    column("role", "mentor or mentee", "role|mentor or mentee|mentor mentee"
           "|would you like to be a mentor or a mentee|mentorship role",
           r"mentor or (a )?mentee|mentee or (a )?mentor|\brole\b", needed=True),
    column("taking_part", "still taking part (yes or no)", "taking part|take part|participating"
           "|do you want to take part|do you still want to take part|are you taking part",
           r"\btak(e|ing) part\b|\bparticipat(e|ing)\b"),
    column("attendance", "attendance", "attendance|attending|how will you attend"
           "|how are you attending|in person or virtual", r"\battend|in person or"),
    column("fields", "fields of expertise", "field|fields|field s of expertise"
           "|fields of expertise|field of expertise|areas of expertise|expertise",
           r"\bfields?\b|\bexpertise\b"),
    column("sector", "employment sector", "sector|employment sector|sector of employment",
           r"\bsector\b"),
    column("career_stage", "career stage", "career stage|career level|seniority"
           "|where are you in your career", r"\bcareer (stage|level)|\bseniority\b"),
    _AFFILIATION,
    column("time_zone", "time zone", "time zone|timezone|your time zone", r"\btime ?zone\b"),
    column("notes", "notes", "notes|note|comments|comment|anything else"
           "|anything that helps us match you", r"\banything\b|\bnotes?\b|\bcomments?\b"),
]  # fmt: skip


def plain(text: str) -> str:
    """Return a heading as it is compared: lower case, letters and digits, single spaces."""
    # Not `text.words_in`: programs remember headings in this form, in which an apostrophe is a gap.
    return " ".join(re.sub(r"[\W_]+", " ", composed(text)).split())


def find_columns(
    table: Table, columns: Iterable[Column], remembered: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Find which of `columns` stands where in the table: key → position.

    A heading means one thing at most. `remembered` is what a committee has chosen before: plain
    heading → key, or "" for a column that is of no use. Raise ValidationError if a needed column
    is missing, or if two headings could both be one column; it names what was looked for and what
    was found.
    """
    columns = list(columns)
    found = {}
    for key, positions in positions_by_heading(table.headings, columns, remembered or {}).items():
        if len(positions) > 1:
            called = next(column.called for column in columns if column.key == key)
            raise ValidationError(
                f"{table.name} has more than one column that could be the {called}: "
                f"{_quoted(table.headings[position] for position in positions)}. "
                "Rename or remove all but one."
            )
        found[key] = positions[0]
    missing = [wanted.called for wanted in columns if wanted.needed and wanted.key not in found]
    if missing:
        raise ValidationError(
            f"{table.name} has no column for the {get_text_list(missing, 'or the')}. "
            f"Columns found: {_quoted(table.headings)}."
        )
    return found


def positions_by_heading(
    headings: Sequence[str], columns: Sequence[Column], remembered: Mapping[str, str]
) -> dict[str, list[int]]:
    """Return for each column that some heading means where it may stand: key → positions."""
    said = [plain(heading) for heading in headings]
    known = {column.key for column in columns}
    found: dict[str, list[int]] = {}
    taken: set[int] = set()
    for position, heading in enumerate(said):
        key = remembered.get(heading)
        if key == "" or key in known:
            taken.add(position)
            if key:
                found.setdefault(key, []).append(position)
    for by_pattern in (False, True):
        for wanted in columns:
            if wanted.key in found:
                continue
            positions = [
                position
                for position, heading in enumerate(said)
                if position not in taken and _means(heading, wanted, by_pattern=by_pattern)
            ]
            if positions:
                found[wanted.key] = positions
                taken.update(positions)
    return found


def _means(heading: str, wanted: Column, *, by_pattern: bool) -> bool:
    if by_pattern:
        return bool(wanted.pattern and re.search(wanted.pattern, heading))
    return heading in wanted.headings


def _quoted(headings: Iterable[str]) -> str:
    return ", ".join(f"“{heading}”" for heading in headings if heading) or "none"


def need_a_name(table: Table, found: dict[str, int]) -> None:
    """Raise ValidationError unless the table has a name, or first and last name."""
    if not has_a_name(found):
        raise ValidationError(
            f"{table.name} has no column for the name (or first and last name). "
            f"Columns found: {_quoted(table.headings)}."
        )


def has_a_name(keys: Iterable[str]) -> bool:
    """Return whether these columns give a name, in one or in two parts."""
    keys = set(keys)
    return "name" in keys or {"first_name", "last_name"} <= keys


def cells_of(row: Row, found: dict[str, int]) -> dict[str, str]:
    """Return the row's text for each column found; cells that the row does not have are blank."""
    count = len(row.cells)
    return {key: row.cells[position] if position < count else "" for key, position in found.items()}


def whole_name(cells: dict[str, str]) -> str:
    """Return the name in this row, from its one or its two columns."""
    if "first_name" in cells and "last_name" in cells:
        both = f"{cells['first_name']} {cells['last_name']}".strip()
        return both or cells.get("name", "")
    return cells.get("name", "")


def fault_of(row: Row, headings: int) -> tuple[str, str] | None:
    """Return (value, why) if a row cannot be taken as it stands, whatever it says; else None."""
    if found := CONTROLS.search("\t".join(row.cells)):
        sign = found[0]
        at_fault = next(cell for cell in row.cells if sign in cell)
        called = "NUL" if sign == "\0" else f"U+{ord(sign):04X}"
        shown = CONTROLS.sub(lambda sign: SHOWN_CONTROLS[sign[0]], at_fault)
        return shown[:200], f"a character that no text can hold ({called})"
    for cell in row.cells[headings:]:
        if cell:
            return cell[:200], "more cells than there are headings"
    return None
