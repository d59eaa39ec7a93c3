"""Whether two names, as two rows write them, are one person's."""

from __future__ import annotations

from rapidfuzz import fuzz

from mentorship.domain.text import cached_by_text, fold

# Of two names with the same number of words, so alike (0 to 100) are those with a slip in one.
_A_SLIP = 90
_TITLES = frozenset({"dr", "prof", "professor", "mr", "mrs", "ms", "mx", "phd", "dipl", "ing"})


@cached_by_text(20_000)
def same_person(one: str, other: str) -> bool:
    """Return whether these may be two spellings of one person's name; a blank one may be anybody's.

    "Bo Li" and "Li, Bo" are, "Ana Lima" and "Ana Lima Reyes", "A. Lima", and a name with a slip;
    "Sue Ross" and "Tom Ross" are not.
    """
    mine, theirs = _words(one), _words(other)
    if not mine or not theirs or mine == theirs:
        return True
    shorter, longer = sorted((mine, theirs), key=len)
    if all(any(_stands_for(word, each) for each in longer) for word in shorter):
        return True
    return len(mine) == len(theirs) and fuzz.ratio(" ".join(mine), " ".join(theirs)) >= _A_SLIP


def _words(name: str) -> list[str]:
    return sorted(word for word in fold(name).split() if word not in _TITLES)


def _stands_for(word: str, other: str) -> bool:
    return word == other or (len(word) == 1 and other.startswith(word))
