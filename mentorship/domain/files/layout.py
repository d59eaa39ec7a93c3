"""Finding the table in a sheet: which rows are headings, which are people, and which are neither.

Above the headings may stand a title, under them a second row of headings or what a form tool says
about its questions, in between the headings again, and at the end totals.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Sequence

from django.core.exceptions import ValidationError

from mentorship.domain.files.tables import Row, RowLeftOut, Table, shown

# How many things that are looked for are recognized in a row of headings.
Known = Callable[[Sequence[str]], int]
DELIMITERS = ",;\t|"
# More than the longest survey has, few enough to look at each.
_COLUMNS_AT_MOST = 2000
# The headings are among so many first rows.
_LOOKED_THROUGH = 40
EMPTY = "{} is empty. Check the export where it comes from, and download it again."
_RESPONSE = {"response", "open-ended response", "open ended response"}
_TOTAL = re.compile(
    r"(grand |sub)?-?totals?\b|sum\b|summe\b|gesamt\w*\b|insgesamt\b|total général\b|totaal\b"
    r"|number of |count\b|anzahl\b|exported\b|generated\b|created (on|by|at)\b|printed\b"
    r"|downloaded\b|report (date|generated)\b|end of (report|list)\b|powered by\b|exportiert\b"
    r"|exporté\b|exportado\b|erstellt\b",
    re.IGNORECASE,
)
_IMPORT_ID = '"ImportId"'


def lay_out(name: str, raw: Sequence[Sequence[str]], known: Known | None = None) -> Table:
    """Return the table in a sheet's rows; `known` tells headings from a title above them.

    Raise ValidationError if there is none, with the reason.
    """
    rows = [Row(number, list(cells)) for number, cells in enumerate(raw, start=1) if any(cells)]
    if not rows:
        raise ValidationError(EMPTY.format(name))
    rows = _taken_apart(rows)
    width = max(_width(row.cells) for row in rows[:_LOOKED_THROUGH])
    if width > _COLUMNS_AT_MOST:
        raise ValidationError(
            f"{name} has {width:,} columns. At most {_COLUMNS_AT_MOST:,} can be read. Export only "
            "the columns that are needed, or check what separates the cells."
        )
    top = _top(rows, known)
    head, below = rows[top], rows[top + 1 :]
    headings, choices = _words(head, width), [""] * width
    left_out: list[RowLeftOut] = []
    ids = _import_ids(rows)
    if ids is not None and ids >= top:
        headings = _of_qualtrics(rows[max(ids - 2, 0) : ids], rows[ids], width, known)
        left_out = [_left(row, "a row of headings") for row in rows[top + 1 : ids + 1]]
        below = rows[ids + 1 :]
    elif below and _is_second(headings, below, known):
        headings, choices = _two_rows(headings, _words(below[0], width), known)
        left_out = [_left(below[0], "a row of headings")]
        below = below[1:]
    while headings and not headings[-1]:
        headings.pop()
    headings, choices = [shown(each) for each in headings], [shown(each) for each in choices]
    if all(is_value(cell) for cell in headings if cell):
        quoted = ", ".join(f"“{cell[:40]}”" for cell in headings[:12])
        raise ValidationError(
            f"{name} has no heading row: its first row is {quoted}. "
            "Put the names of the columns into the first row."
        )
    end = _end(below)
    left_out += [_left(row, "a total or note under the table") for row in below[end:]]
    people = []
    again = [cell.casefold() for cell in _words(head, width)]
    for row in below[:end]:
        # Most rows differ from the headings in their first cell.
        if row.cells[0].casefold() == head.cells[0].casefold() and (
            [cell.casefold() for cell in _words(row, width)] == again
        ):
            left_out.append(_left(row, "the headings again"))
        else:
            people.append(row)
    note = ""
    if top and ids is None:
        note = f"The headings are in row {head.number}. What is above them is taken for a title."
    return Table(
        name,
        headings,
        people,
        choices[: len(headings)] if any(choices) else [],
        left_out,
        note=note,
    )


def _width(cells: Sequence[str]) -> int:
    """Return how many cells there are up to the last one that is not blank."""
    width = len(cells)
    while width and not cells[width - 1]:
        width -= 1
    return width


def is_value(cell: str) -> bool:
    """Return whether a cell holds an address or a number, and so is no heading."""
    return "@" in cell or not any(letter.isalpha() for letter in cell)


def _words(row: Row, width: int) -> list[str]:
    cells = [" ".join(cell.split()) for cell in row.cells[:width]]
    return cells + [""] * (width - len(cells))


def _left(row: Row, why: str) -> RowLeftOut:
    return RowLeftOut(row.number, shown(" ".join(filter(None, row.cells)))[:200], why)


def _taken_apart(rows: list[Row]) -> list[Row]:
    """Return the rows with cells of their own, if each is one cell that holds a whole line."""
    lines = [row.cells[0] for row in rows if row.cells and not any(row.cells[1:])]
    if len(lines) < max(len(rows), 2):
        return rows
    delimiter = max(DELIMITERS, key=lines[0].count)
    if lines[0].count(delimiter) < 2:
        return rows
    split = (next(csv.reader([line], delimiter=delimiter), []) for line in lines)
    return [
        Row(row.number, [cell.strip() for cell in cells])
        for row, cells in zip(rows, split, strict=True)
    ]


def _top(rows: list[Row], known: Known | None) -> int:
    """Return which row holds the headings: the first, unless a later one clearly does."""
    if known is None:
        return 0
    scores = [
        0 if any("@" in cell for cell in row.cells) else known(row.cells)
        for row in rows[:_LOOKED_THROUGH]
    ]
    best = max(scores)
    return scores.index(best) if best >= 2 else 0


def _import_ids(rows: list[Row]) -> int | None:
    """Return which row is Qualtrics' own, with the numbers by which it knows its questions."""
    for place, row in enumerate(rows[:4]):
        if any(cell.startswith("{") and _IMPORT_ID in cell for cell in row.cells):
            return place
    return None


def _of_qualtrics(above: Sequence[Row], ids: Row, width: int, known: Known | None) -> list[str]:
    """Return the headings from the rows of codes and of questions, with the zone of their times."""
    codes = _words(above[0], width)
    questions = _words(above[-1], width)
    zones = [_zone_in(cell) for cell in _words(ids, width)]
    headings = []
    for code, question, zone in zip(codes, questions, zones, strict=True):
        heading = question or code
        if known and known([code]) and not known([question]):
            heading = code
        headings.append(f"{heading} ({zone})" if zone else heading)
    return headings


def _zone_in(cell: str) -> str:
    try:
        said = json.loads(cell)
    except (ValueError, RecursionError):  # the latter of what is nested too deep
        return ""
    zone = said.get("timeZone", "") if isinstance(said, dict) else ""
    return zone if isinstance(zone, str) and zone != "Z" else "UTC" if zone == "Z" else ""


def _is_second(headings: list[str], below: list[Row], known: Known | None) -> bool:
    """Return whether the row under the headings is one of headings, too."""
    second = _words(below[0], len(headings))
    if any("@" in cell or _is_number(cell) for cell in second):
        return False
    if _RESPONSE & {cell.casefold() for cell in second}:
        return True
    others = below[1:6]
    if not any("@" in cell for row in others for cell in row.cells):
        return False
    fills_gaps = sum(
        bool(cell) and not heading for heading, cell in zip(headings, second, strict=True)
    )
    if fills_gaps and not all(second):
        return True
    return known is not None and known(second) >= max(3, known(headings) - 1)


def _is_number(cell: str) -> bool:
    return bool(cell) and not any(letter.isalpha() for letter in cell)


def _two_rows(
    first: list[str], second: list[str], known: Known | None
) -> tuple[list[str], list[str]]:
    """Return (questions, choices) from a row of questions and a row of choices under it."""
    if all(first) and known and known(second) >= 3:
        # Codes above questions: the question counts unless only the code says something.
        both = zip(first, second, strict=True)
        return [code if known([code]) and not known([asked]) else asked or code
                for code, asked in both], [""] * len(first)  # fmt: skip
    questions, choices, question = [], [], ""
    for place, (heading, under) in enumerate(zip(first, second, strict=True)):
        question = heading or (question if under else "")
        questions.append(question)
        alone = bool(heading) and (place + 1 == len(first) or bool(first[place + 1]))
        whole = under.casefold() in _RESPONSE or (
            alone and not under.casefold().startswith("other")
        )
        choices.append("" if whole else under)
    return questions, choices


def _end(rows: list[Row]) -> int:
    """Return how many of these rows come before the totals and notes at the end."""
    end = len(rows)
    while end and _is_closing(rows[end - 1]):
        end -= 1
    # A row with nothing but numbers closes a table only under a row that says what they are.
    while end < len(rows) and not any(letter.isalpha() for letter in "".join(rows[end].cells)):
        end += 1
    return end


def _is_closing(row: Row) -> bool:
    filled = [cell for cell in row.cells if cell]
    if any("@" in cell for cell in filled):
        return False
    if not any(letter.isalpha() for letter in "".join(filled)):
        return len(filled) <= max(2, len(row.cells) // 3)
    words = [cell for cell in filled if not _is_number(cell)]
    return len(words) == 1 and bool(_TOTAL.match(words[0]))
