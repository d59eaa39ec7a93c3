"""What all imports report: the people that they change, and what undo needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mentorship.domain.people.bulk import snapshot
from mentorship.domain.text import cached_by_text
from mentorship.models import Participant

Progress = Callable[[int, int], None]


@cached_by_text(2000)
def _kept(*pair: str) -> list[str]:
    return list(pair)


def once(pair: list[Any]) -> list[Any]:
    """Return the one list for these two texts: of fifty thousand changes most are alike.

    It must not be changed.
    """
    return _kept(*pair) if all(isinstance(each, str) for each in pair) else pair


@dataclass(frozen=True, slots=True)
class PersonChange:
    """One person who is new, changed or missing, and the row that says so (0: no row does).

    `fields` gives what changes as (old, new), as a person reads them.
    """

    row: int
    email: str
    name: str
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass
class Changed:
    """What undoing an import needs: who is new, and each value before and after it.

    `created` are keys of people, `responses` of their responses. `columns` is person → column →
    [before, after], `fields` is person → [keys of their fields before, after], all as JSON.
    """

    created: list[int] = field(default_factory=list)
    responses: list[int] = field(default_factory=list)
    columns: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    fields: dict[str, list[list[int]]] = field(default_factory=dict)

    def note(self, person: Participant, before: Mapping[str, Any]) -> None:
        """Keep what is another value now than in `before`, the person's `snapshot` of then.

        What was kept of the same person earlier is continued, where nobody else wrote in between.
        """
        now = snapshot(person, before)
        kept = self.columns.get(str(person.pk), {})
        for key, old in before.items():
            if old != now[key]:
                first, last = kept.get(key, (old, old))
                kept[key] = once([first if last == old else old, now[key]])
        if kept:
            self.columns[str(person.pk)] = kept

    def note_fields(self, person: int, before: Iterable[int], after: Iterable[int]) -> None:
        """Keep which fields a person had and has, by their keys, if these are others."""
        old, now = sorted(set(before)), sorted(set(after))
        if old != now:
            first, last = self.fields.get(str(person), [old, old])
            self.fields[str(person)] = [first if last == old else old, now]

    def as_json(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        return vars(self)
