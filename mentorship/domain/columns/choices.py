"""One question that stands in several columns, one for each choice, as form tools export it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mentorship.domain.columns.known import plain
from mentorship.domain.columns.ticks import is_tick
from mentorship.domain.files.tables import Table

# "fields[SQ001]. Field of expertise [Biology]", "Field of expertise - Selected Choice - Biology".
_CODE = re.compile(r"^[^\W\d]\w*\[\w+\]\s*[.:]?\s+")
_FORMS = [
    re.compile(r"(?P<question>.+\S)\s*\(choice=(?P<choice>.+)\)"),
    re.compile(r"(?P<question>.+\S)\s*\[(?P<choice>[^\[\]]+)\]"),
    re.compile(r"(?P<question>.+\S)\s+\((?P<choice>[^()]+)\)"),
    re.compile(r"(?P<question>.+\S)\s+-\s+Selected Choice\s+-\s+(?P<choice>.+)", re.IGNORECASE),
    re.compile(r"(?P<question>.+\S)(?:\s+[-\u2013\u2014|>]\s+|:\s+)(?P<choice>[^:]+)"),
]
# Words by which tools name a choice that they leave to the writer.
_OTHER = re.compile(r"other|sonstige|andere|autre|otr[oa]|outr[oa]|anders", re.IGNORECASE)


def with_choices(table: Table) -> Table:
    """Return the table with question and choice told apart where each choice has a column.

    Columns whose headings begin alike are one question if there are ticks in them, or the choices
    themselves.
    """
    headings, choices = list(table.headings), list(table.choices) or [""] * len(table.headings)
    for places in _questions(table):
        parts = [_parts(table, place) for place in places]
        if _are_ticks(table, places, [choice for _, choice in parts]):
            for place, (question, choice) in zip(places, parts, strict=True):
                headings[place], choices[place] = question, choice
        else:
            for place in places:
                if choices[place]:  # two rows of headings, but no ticks
                    headings[place], choices[place] = f"{headings[place]}: {choices[place]}", ""
    return replace(table, headings=headings, choices=choices if any(choices) else [])


def _questions(table: Table) -> Iterator[list[int]]:
    """Yield the columns that may be the choices of one question."""
    found: dict[str, list[int]] = {}
    for place in range(len(table.headings)):
        question, choice = _parts(table, place)
        if choice:
            found.setdefault(plain(question), []).append(place)
    for places in found.values():
        if len(places) > 1 or table.choice_of(places[0]):
            yield places


def _parts(table: Table, place: int) -> tuple[str, str]:
    """Return the question and the choice that a heading may name, "" if it names none."""
    if choice := table.choice_of(place):
        return table.headings[place], choice
    heading = _CODE.sub("", table.headings[place])
    # "Fields/Biology/Health" behind "Fields", which repeats all that was chosen.
    for slash in re.finditer("/", heading):
        if (question := heading[: slash.start()]) in table.headings:
            return question, heading[slash.end() :]
    for form in _FORMS:
        if found := form.fullmatch(heading):
            return found["question"], found["choice"]
    return table.headings[place], ""


def _are_ticks(table: Table, places: Sequence[int], choices: Sequence[str]) -> bool:
    columns = [
        (table.values_of(place), choice) for place, choice in zip(places, choices, strict=True)
    ]
    closed = [(values, choice) for values, choice in columns if not _OTHER.match(choice)]
    return any(values for values, _ in columns) and all(
        is_tick(value, choice) for values, choice in closed for value in values
    )
