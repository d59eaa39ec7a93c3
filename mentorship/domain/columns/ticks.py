"""Questions of which each choice has a column of its own, with a tick where somebody chose it."""

from __future__ import annotations

from collections.abc import Iterable

from mentorship.domain.columns.known import plain
from mentorship.domain.text import cached_by_text

_TICKED = {
    "x", "yes", "y", "true", "1", "ja", "oui", "sí", "si", "sim", "checked", "selected", "quoted",
    "wahr", "vrai", "verdadero", "verdadeiro", "waar", "on",
}  # fmt: skip
_NOT_TICKED = {
    "", "✗", "no", "n", "false", "0", "nein", "non", "não", "nao", "nee", "not selected",
    "unchecked", "not checked", "falsch", "faux", "falso", "onwaar", "off", "none", "n a",
    "nicht gewählt", "non sélectionné", "nicht quotiert",
}  # fmt: skip
_SIGNS = {"✓", "✔", "☑", "✅", "●", "•", "☒"}


@cached_by_text(4000)
def read_tick(text: str, choice: str) -> str:
    """Return what the cell of a choice says: the choice if it is ticked, or what was typed."""
    if text in _SIGNS:
        return choice
    said = plain(text)
    if said in _NOT_TICKED:
        return ""
    return choice if said in _TICKED or said == plain(choice) else text


def is_tick(text: str, choice: str = "") -> bool:
    """Return whether a cell is a tick or the lack of one, or repeats its own choice."""
    said = plain(text)
    return text in _SIGNS or said in _TICKED or said in _NOT_TICKED or said == plain(choice)


def has_ticks(values: Iterable[str], choice: str) -> bool:
    """Return whether a column's cells are ticks that do not repeat the choice itself."""
    values = set(values)
    others = {value for value in values if plain(value) != plain(choice)}
    return bool(others) and all(is_tick(value) for value in others)
