"""How to address a person: by the first name where it is certain, else by the whole name.

A name alone does not say which of its words is the first name: "Wang Wei" and "Nagy Anna" begin
with the family name, "Dr. Ana Lima" with a title, "Lima, Ana" with a family name and a comma. A
whole name is stiff at worst and a wrong first name is rude, so only what cannot be read in another
way is shortened: a name that begins with a word of GIVEN_NAMES, has at most initials or a particle
in the middle, and does not end with a given name too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mentorship.domain.text import plain_letters

if TYPE_CHECKING:
    from mentorship.models import Participant

# Given names that are hardly ever family names, in small plain letters. Left out on purpose is what
# is common as both (Martin, Thomas, Kim, Lee, Jordan, Ali), and every name of languages whose names
# begin with the family name unless it can only be a given name.
GIVEN_NAMES = frozenset(
    (Path(__file__).parent / "given_names.txt").read_text(encoding="utf-8").split()
)
_PARTICLES = {"da", "di", "den", "der", "dos", "du", "le", "van", "von"}
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_AT_MOST = 100  # as Participant.short_name holds
_INITIAL = re.compile(r"[^\W\d_]\.?")


def greeting(person: Participant) -> str:
    """Return how to address a person: as they asked, else by first name, else by whole name.

    Return "" if only the person's email address is known.
    """
    return person.short_name or first_name(person.name) or person.name


def first_name(name: str) -> str:
    """Return the first name in a whole name, or "" where it is not certain which word that is."""
    words = name.split()
    if len(words) < 2:
        return ""
    first, *middle, last = words
    certain = (
        first.istitle()
        and _is_given(first)
        and all(_INITIAL.fullmatch(word) or word in _PARTICLES for word in middle)
        and _WORD.fullmatch(last) is not None
        and not _is_given(last)
    )
    return first if certain else ""


def first_name_of(first: str, last: str) -> str:
    """Return the first name in these two cells of a list, or "" where it is not certain.

    The initial of a middle name is left out; a title or an initial in front leaves it open, and so
    does a whole name in the first cell.
    """
    words = first.split()
    while words and _INITIAL.fullmatch(words[-1]):
        words.pop()
    certain = last and all(map(_WORD.fullmatch, words)) and last not in words
    called = " ".join(words) if certain else ""
    return called if len(called) <= _AT_MOST else ""


def _is_given(word: str) -> bool:
    return all(part in GIVEN_NAMES for part in plain_letters(word).split("-"))
