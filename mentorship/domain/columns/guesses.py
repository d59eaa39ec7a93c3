"""Taking a file's columns for what they are: by heading, by content, or as a person chose."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import get_text_list

from mentorship.domain.columns.find import Column, has_a_name, plain, positions_by_heading
from mentorship.domain.files.spreadsheets import Table
from mentorship.domain.meaning.attendance import read_attendance
from mentorship.domain.meaning.cells import (
    NotUnderstood,
    read_capacity,
    read_career_stage,
    read_time,
    read_time_zone,
)
from mentorship.domain.meaning.willingness import read_role, read_yes_no

SAMPLES = 3
_SAMPLE_AT_MOST = 80
# So many rows say what a column holds; of an export of fifty thousand, reading all takes seconds.
_LOOKED_AT = 300
# What share of the cells that are not blank must read as one thing.
_ENOUGH = 0.9
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Guess:
    """One column of a file: what it is taken for (`key`, or "" if for nothing), and why.

    `by` is "choice" (made for this program before), "heading", "content" or "".
    """

    heading: str
    samples: list[str]
    key: str = ""
    by: str = ""


def guess_columns(
    table: Table,
    columns: Sequence[Column],
    remembered: Mapping[str, str],
    options: Mapping[str, Collection[str]] | None = None,
) -> list[Guess]:
    """Return for each column of the table, in its order, what it is taken for.

    `remembered` is as for `find_columns`; `options` are the words that this program has for a
    column (key → names). Two columns may be taken for one thing if both headings say it. By content
    a column is taken only for what no heading says, and only if it alone qualifies.
    """
    samples = [_values(table, position) for position in range(len(table.headings))]
    by_heading = positions_by_heading(table.headings, columns, remembered)
    taken = {place: key for key, places in by_heading.items() for place in places}
    chosen = {place for place, h in enumerate(table.headings) if plain(h) in remembered}
    content = _by_content(samples, columns, set(taken) | chosen, set(by_heading), options or {})
    return [
        Guess(
            heading,
            [value[:_SAMPLE_AT_MOST] for value in list(dict.fromkeys(samples[place]))[:SAMPLES]],
            taken.get(place) or content.get(place, ""),
            "choice"
            if place in chosen
            else "heading"
            if place in taken
            else "content"
            if place in content
            else "",
        )
        for place, heading in enumerate(table.headings)
    ]


def is_certain(
    guesses: Iterable[Guess], columns: Sequence[Column], *, needs_name: bool = False
) -> bool:
    """Return whether nobody need look: nothing missing, twice, or guessed by content."""
    guesses = list(guesses)
    keys = [guess.key for guess in guesses]
    return not faults_of(keys, columns, needs_name=needs_name) and all(
        guess.by != "content" for guess in guesses
    )


def faults_of(
    keys: Sequence[str], columns: Sequence[Column], *, needs_name: bool = False
) -> list[str]:
    """Return a sentence for each fault of a choice: `keys` says what each column is.

    A key that is none of `columns` is a fault too.
    """
    called = {column.key: column.called for column in columns}
    missing = [column.called for column in columns if column.needed and column.key not in keys]
    if needs_name and not has_a_name(keys):
        missing.append("name (or first and last name)")
    faults = []
    if missing:
        faults.append(f"Say which column is the {get_text_list(missing, 'and which the')}.")
    faults += [
        f"{_times(keys.count(key))} columns are taken for the {called[key]}. Leave one."
        for key in called
        if keys.count(key) > 1
    ]
    if unknown := [key for key in keys if key and key not in called]:
        faults.append(f"There is no such thing as “{unknown[0][:40]}” to take a column for.")
    return faults


def as_remembered(
    headings: Sequence[str], keys: Sequence[str], columns: Sequence[Column]
) -> dict[str, str]:
    """Return what of this choice is worth remembering: what the headings do not say by themselves.

    Plain heading → key, as `find_columns` takes it. Headings that are blank or stand there twice
    are of no use.
    """
    said = {
        place: key
        for key, places in positions_by_heading(headings, columns, {}).items()
        for place in places
        if len(places) == 1
    }
    plains = [plain(heading) for heading in headings]
    return {
        heading: keys[place]
        for place, heading in enumerate(plains)
        if heading and plains.count(heading) == 1 and keys[place] != said.get(place, "")
    }


def _times(number: int) -> str:
    return {2: "Two", 3: "Three", 4: "Four"}.get(number, str(number))


def _values(table: Table, position: int) -> list[str]:
    rows = table.rows[:_LOOKED_AT]
    return [
        row.cells[position] for row in rows if len(row.cells) > position and row.cells[position]
    ]


def _by_content(
    values: list[list[str]],
    columns: Sequence[Column],
    taken: set[int],
    found: set[str],
    options: Mapping[str, Collection[str]],
) -> dict[int, str]:
    qualified: dict[int, list[str]] = {}
    for column in columns:
        if column.key in found or (column.key not in _READERS and column.key not in options):
            continue
        read = _READERS.get(column.key) or _one_of(options[column.key])
        places = [
            place
            for place, cells in enumerate(values)
            if place not in taken and cells and _reads(cells, read)
        ]
        if len(places) == 1:
            qualified.setdefault(places[0], []).append(column.key)
    return {place: keys[0] for place, keys in qualified.items() if len(keys) == 1}


def _reads(cells: list[str], read: Callable[[str], Any]) -> bool:
    understood = 0
    something = False
    for cell in cells:
        try:
            # Zero and "no" alone do not tell a column: any column of noughts would qualify.
            something = bool(read(cell)) or something
            understood += 1
        except NotUnderstood:
            pass
    return something and understood >= _ENOUGH * len(cells)


def _address(text: str) -> bool:
    if not _ADDRESS.fullmatch(text.strip()):
        raise NotUnderstood(text)
    return True


def _capacity(text: str) -> bool:
    # A column of bare numbers may be anything.
    return read_capacity(text) > 0 and not text.strip().isdecimal()


def _moment(text: str) -> bool:
    if len(text) > 40 or not any(sign.isdigit() for sign in text):
        raise NotUnderstood(text)
    return isinstance(read_time(text), datetime.datetime)


def _one_of(names: Collection[str]) -> Callable[[str], bool]:
    known = {plain(name) for name in names}

    def read(text: str) -> bool:
        if not any(plain(part) in known for part in [text, *re.split(r"[,;\n]", text)]):
            raise NotUnderstood(text)
        return True

    return read


_READERS: dict[str, Callable[[str], Any]] = {
    "address": _address,
    "answer": read_role,
    "role": read_role,
    "taking_part": read_yes_no,
    "ticket": read_attendance,
    "attendance": read_attendance,
    "registered_at": _moment,
    "submitted_at": _moment,
    "capacity": _capacity,
    "career_stage": read_career_stage,
    "time_zone": read_time_zone,
}
