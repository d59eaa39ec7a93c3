"""The shops and form tools whose files are known: one small table for each, in `tools/`.

A file is a tool's if all headings of its `signature` are there. `columns` says what its headings
mean where their words alone might mislead ("" for a column that is of no use); of headings that
stand there twice the first is meant. `refuse` says what to export instead of such a file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from mentorship.domain.columns.known import plain_heading


@dataclass(frozen=True)
class Profile:
    """One kind of file that a tool writes."""

    name: str
    signature: frozenset[str]
    columns: Mapping[str, str] = field(default_factory=dict)
    refuse: str = ""

    def fits(self, headings: set[str]) -> bool:
        """Return whether a file with these plain headings is one of these."""
        return self.signature <= headings


def profile_of(headings: Sequence[str]) -> Profile | None:
    """Return the profile of the tool that writes these headings, the most particular of them."""
    said = {plain_heading(heading) for heading in headings}
    fitting = [profile for profile in _profiles() if profile.fits(said)]
    return max(fitting, key=lambda profile: len(profile.signature), default=None)


@cache
def _profiles() -> list[Profile]:
    found = []
    for file in sorted((Path(__file__).parent / "tools").glob("*.toml")):
        tool = tomllib.loads(file.read_text(encoding="utf-8"))
        columns = {plain_heading(heading): key for heading, key in tool.get("columns", {}).items()}
        found += [
            Profile(
                tool["name"],
                frozenset(plain_heading(heading) for heading in signature),
                columns,
                tool.get("refuse", ""),
            )
            for signature in tool["signatures"]
        ]
    return found
