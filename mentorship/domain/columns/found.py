"""Which column of a table holds what, and a row's text for each of these things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from mentorship.domain.columns.ticks import has_ticks, read_tick
from mentorship.domain.files.tables import CONTROLS, Row, Table, shown

# What stands between the texts of several columns that together say one thing. Of the columns of
# anything else the first that is filled counts.
_JOINED_BY = {
    "fields": "; ",
    "registered_at": " ",
    "submitted_at": " ",
    "ticket": " – ",
    "status": "; ",
    "finished": "; ",
    "answer": "; ",
    "role": "; ",
}
# What may have a column for each choice, whose heading is the choice.
TICKED = ("fields",)


@dataclass(frozen=True)
class ColumnPart:
    """One column of what a key says: where it stands, its heading, and what a tick in it means."""

    position: int
    heading: str = ""
    tick: str = ""


class Found(dict[str, int]):
    """What stands where in a table: key → position of the first column that says it.

    `parts` are all of a key's columns, in their order.
    """

    def __init__(self, parts: Mapping[str, Sequence[ColumnPart]]) -> None:
        super().__init__({key: of_key[0].position for key, of_key in parts.items()})
        self.parts = {key: list(of_key) for key, of_key in parts.items()}
        self._simple = not any(len(of_key) > 1 or of_key[0].tick for of_key in self.parts.values())

    @property
    def is_simple(self) -> bool:
        """Return whether each key is one column, whose text is what it says."""
        return self._simple


def found_of(table: Table, keys: Sequence[str]) -> Found:
    """Return what stands where, if `keys` say for each column of the table what it is."""
    parts: dict[str, list[ColumnPart]] = {}
    for position, key in enumerate(keys):
        if key:
            heading, tick = table.headings[position], table.choice_of(position)
            if not tick and key in TICKED and has_ticks(table.values_of(position), heading):
                tick = heading
            parts.setdefault(key, []).append(ColumnPart(position, heading, tick))
    return Found(parts)


def cells_of(row: Row, found: Mapping[str, int]) -> dict[str, str]:
    """Return the row's text for each key found; cells that the row does not have are blank.

    What several columns say together is one text: choices with semicolons between them, date and
    time as one, else the first that is not blank.
    """
    cells, count = row.cells, len(row.cells)
    if not isinstance(found, Found) or found.is_simple:
        return {key: cells[place] if place < count else "" for key, place in found.items()}
    said = {}
    for key, parts in found.parts.items():
        if len(parts) == 1 and not parts[0].tick:
            place = parts[0].position
            said[key] = cells[place] if place < count else ""
            continue
        texts = _without_summary(list(_filled(row, parts)))
        joiner = "; " if any(part.tick for part in parts) else _JOINED_BY.get(key)
        said[key] = joiner.join(texts) if joiner else texts[0] if texts else ""
    return said


def _without_summary(filled: list[tuple[ColumnPart, str]]) -> list[str]:
    """Return the texts, each once, without those that repeat what is ticked beside them."""
    texts = []
    for part, text in filled:
        rest = text
        ticked = {said for other, said in filled if other.tick and other.heading == part.heading}
        if not part.tick:
            for said in sorted(ticked, key=len, reverse=True):
                rest = rest.replace(said, " ")
        if any(map(str.isalnum, rest)):
            texts.append(text)
    return list(dict.fromkeys(texts))


def values_of(row: Row, found: Mapping[str, int], key: str) -> list[tuple[str, str]]:
    """Return what each column of a key says in this row, if anything: (heading, text)."""
    if not isinstance(found, Found):
        found = Found({each: [ColumnPart(place)] for each, place in found.items()})
    return [(part.heading, text) for part, text in _filled(row, found.parts.get(key, []))]


def _filled(row: Row, parts: Iterable[ColumnPart]) -> Iterator[tuple[ColumnPart, str]]:
    for part in parts:
        text = row.cells[part.position] if part.position < len(row.cells) else ""
        if part.tick:
            text = read_tick(text, part.tick)
        if text:
            yield part, text


def quoted(table: Table, positions: Iterable[int] | None = None) -> str:
    """Return these columns, or all, as a sentence names them: of two alike, with their numbers."""
    called = [table.called(position) for position in range(len(table.headings))]
    places = range(len(called)) if positions is None else positions
    return (
        ", ".join(
            f"“{called[place]}”"
            + (f" (column {place + 1})" if called.count(called[place]) > 1 else "")
            for place in places
            if called[place]
        )
        or "none"
    )


def need_a_name(table: Table, found: Mapping[str, int]) -> None:
    """Raise ValidationError unless the table has a name, or first and last name."""
    if not has_a_name(found):
        raise ValidationError(
            f"{table.name} has no column for the name (or first and last name). "
            f"Columns found: {quoted(table)}.",
            code="columns",
        )


def has_a_name(keys: Iterable[str]) -> bool:
    """Return whether these columns give a name, in one or in two parts."""
    keys = set(keys)
    return "name" in keys or {"first_name", "last_name"} <= keys


def whole_name(cells: Mapping[str, str]) -> str:
    """Return the name in this row, from its one or its two columns."""
    if "first_name" in cells and "last_name" in cells:
        parts = [cells.get(key, "") for key in ("first_name", "particle", "last_name")]
        both = " ".join(filter(None, parts)) if parts[2] else parts[0]
        return both or cells.get("name", "")
    return cells.get("name", "") or cells.get("first_name", "") or cells.get("last_name", "")


def fault_of(row: Row, headings: int) -> tuple[str, str] | None:
    """Return (value, why) if a row cannot be taken as it stands, whatever it says; else None."""
    if found := CONTROLS.search("\t".join(row.cells)):
        sign = found[0]
        at_fault = next(cell for cell in row.cells if sign in cell)
        called = "NUL" if sign == "\0" else f"U+{ord(sign):04X}"
        return shown(at_fault)[:200], f"a character that no text can hold ({called})"
    for cell in row.cells[headings:]:
        if cell:
            return cell[:200], "more cells than there are headings"
    return None
