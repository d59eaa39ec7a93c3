"""Taking a file's columns for what they are: by heading, by content, or as a person chose."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import get_text_list

from mentorship.domain.columns.find import find_columns
from mentorship.domain.columns.found import Found, quoted
from mentorship.domain.columns.headings import Headings
from mentorship.domain.columns.known import Column, plain
from mentorship.domain.columns.ticks import is_tick
from mentorship.domain.files.tables import Table, shown
from mentorship.domain.meaning.attendance import read_attendance
from mentorship.domain.meaning.cells import read_capacity, read_career_stage
from mentorship.domain.meaning.times import read_time
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.meaning.willingness import read_role, read_yes_no
from mentorship.domain.meaning.zones import read_time_zone

SAMPLES = 3
_SAMPLE_AT_MOST = 80
# What share of the cells that are not blank must read as one thing.
_ENOUGH = 0.9
# Or an address with a slip: what is in its column is clear all the same.
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class Guess:
    """One column of a file: what it is taken for (`key`, or "" if for nothing), and why.

    `by` is "choice" (made for this program before), "heading", "content" or "". `choice` is the
    choice that a tick in this column stands for. Together with others that are `joined` it says
    one thing.
    """

    heading: str
    samples: list[str]
    key: str = ""
    by: str = ""
    choice: str = ""
    joined: bool = False


def guess_columns(
    table: Table,
    columns: Sequence[Column],
    remembered: Mapping[str, str],
    options: Mapping[str, Collection[str]] | None = None,
) -> list[Guess]:
    """Return for each column of the table, in its order, what it is taken for.

    `remembered` is as for `Headings`; `options` are the words that this program has
    for a column (key → names). Two columns may be taken for one thing if both headings say it. By
    content a column is taken only for what no heading says, and only if it alone qualifies.
    """
    by_heading = Headings(table, columns, remembered)
    keys, ticks = list(by_heading.keys), _options_as_headings(table, by_heading.keys, options or {})
    for place in ticks:
        keys[place] = "fields"
    samples = [table.values_of(place) for place in range(len(table.headings))]
    taken = {place for place, key in enumerate(keys) if key or table.choice_of(place)}
    taken |= by_heading.settled
    content = _by_content(samples, columns, taken, set(keys), options or {})
    several = by_heading.joined | set(ticks)
    return [
        Guess(
            heading,
            [
                shown(text)[:_SAMPLE_AT_MOST]
                for text in list(dict.fromkeys(samples[place]))[:SAMPLES]
            ],
            keys[place] or content.get(place, ""),
            "choice"
            if place in by_heading.chosen
            else "heading"
            if keys[place]
            else "content"
            if place in content
            else "",
            table.choice_of(place),
            place in several,
        )
        for place, heading in enumerate(table.headings)
    ]


def _options_as_headings(
    table: Table, keys: Sequence[str], options: Mapping[str, Collection[str]]
) -> list[int]:
    """Return the columns whose heading is one of the program's fields, ticked or repeated below."""
    known = {plain(name) for name in options.get("fields", ())}
    if "fields" in keys:
        return []
    places = [
        place
        for place, heading in enumerate(table.headings)
        if not keys[place]
        and plain(heading) in known
        and all(is_tick(value, heading) for value in table.values_of(place))
    ]
    return places if len(places) > 1 else []


def find_or_ask(
    table: Table, columns: Sequence[Column], remembered: Mapping[str, str], key: str
) -> Found:
    """Find the columns as `find_columns` does, for a file that may do without this key.

    Raise ValidationError also if no heading says it, but a column holds it by its content.
    """
    found = find_columns(table, columns, remembered)
    if key not in found:
        ask_about_guessed(table, columns, guess_columns(table, columns, remembered), key)
    return found


def ask_about_guessed(
    table: Table, columns: Sequence[Column], guesses: Sequence[Guess], key: str
) -> None:
    """Raise ValidationError if a column is taken for this only by its content, with its heading."""
    if held := [guess.heading for guess in guesses if (guess.key, guess.by) == (key, "content")]:
        called = next(column.called for column in columns if column.key == key)
        raise ValidationError(
            f"{table.name} has no column for the {called}. “{held[0]}” may be it. Columns "
            f"found: {quoted(table)}.",
            code="columns",
        )


def is_certain(guesses: Iterable[Guess], columns: Sequence[Column]) -> bool:
    """Return whether nobody need look: nothing missing, twice, or guessed by content."""
    guesses = list(guesses)
    return not faults_of(guesses, columns) and all(guess.by != "content" for guess in guesses)


def faults_of(guesses: Sequence[Guess], columns: Sequence[Column]) -> list[str]:
    """Return a sentence for each fault of a choice, which says what each column is.

    A key that is none of `columns` is a fault too.
    """
    keys = [guess.key for guess in guesses]
    called = {column.key: column.called for column in columns}
    missing = [
        column.called
        for column in columns
        if column.needed and not ({column.key} | column.instead) & set(keys)
    ]
    faults = []
    if missing:
        faults.append(f"Say which column is the {get_text_list(missing, 'and which the')}.")
    for column in columns:
        of_key = [guess for guess in guesses if guess.key == column.key]
        if len(of_key) > 1 and not column.many and not all(guess.joined for guess in of_key):
            faults.append(
                f"{_times(len(of_key))} columns are taken for the {column.called}. Leave one."
            )
    if unknown := [key for key in keys if key and key not in called]:
        faults.append(f"There is no such thing as “{unknown[0][:40]}” to take a column for.")
    return faults


def as_remembered(
    headings: Sequence[str], keys: Sequence[str], said: Sequence[Guess]
) -> dict[str, str]:
    """Return what of this choice is worth remembering: what the headings do not say by themselves.

    Plain heading → key, as `guess_columns` takes it; `said` is what the columns are taken for if
    nothing is remembered. Headings that are blank or stand there twice are of no use.
    """
    plains = [plain(heading) for heading in headings]
    return {
        heading: keys[place]
        for place, heading in enumerate(plains)
        if heading
        and plains.count(heading) == 1
        and keys[place] != (said[place].key if said[place].by == "heading" else "")
    }


def _times(number: int) -> str:
    return {2: "Two", 3: "Three", 4: "Four"}.get(number, str(number))


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


def _yes_no(text: str) -> bool:
    if len(text.strip()) < 2 or text.strip().isdecimal():  # a tick or the number of something
        raise NotUnderstood(text)
    return read_yes_no(text)


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
    "taking_part": _yes_no,
    "ticket": read_attendance,
    "attendance": read_attendance,
    "registered_at": _moment,
    "submitted_at": _moment,
    "capacity": _capacity,
    "career_stage": read_career_stage,
    "time_zone": read_time_zone,
}
