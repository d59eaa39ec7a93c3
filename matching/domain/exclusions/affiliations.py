"""Whether two affiliations, as people wrote them, name one employer."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from mentorship.domain.text import cached_by_text, plain_letters, words_in

# What an affiliation's words stand for when they are shortened or in another language.
_SPELT_OUT = {
    "co": "", "corp": "", "corporation": "", "gmbh": "", "inc": "", "llc": "", "ltd": "",
    "plc": "", "company": "", "limited": "",
    "and": "", "at": "", "de": "", "del": "", "der": "", "des": "", "di": "", "do": "", "e": "",
    "for": "", "in": "", "la": "", "le": "", "of": "", "the": "", "und": "", "y": "", "zu": "",
    "us": "", "usa": "", "uk": "",
    "u": "university", "uni": "university", "univ": "university", "universidad": "university",
    "universidade": "university", "universita": "university", "universitat": "university",
    "universite": "university", "universiteit": "university", "universitaet": "university",
    "inst": "institute", "institut": "institute", "instituto": "institute",
    "uc": "university california",
    "coll": "college", "ctr": "center", "centre": "center", "centro": "center",
    "dept": "department", "lab": "laboratory", "labs": "laboratory",
    "laboratories": "laboratory", "natl": "national", "nat": "national", "tech": "technology",
    "technologies": "technology", "sci": "science", "sciences": "science", "res": "research",
    "fdn": "foundation", "intl": "international", "st": "saint",
}  # fmt: skip
# Words that say what kind of place it is, not which one.
_KINDS = {
    "agency", "center", "college", "foundation", "group", "hospital", "institute", "laboratory",
    "school", "university",
}  # fmt: skip
_PART_OF_A_PLACE = {"department", "division", "faculty", "school", "section", "unit"}
_NO_EMPLOYER = {
    "", "freelance", "freelancer", "independent", "independent consultant", "n a", "na", "nil",
    "no affiliation", "none", "not applicable", "not employed", "private", "retired", "self",
    "self employed", "student", "unaffiliated", "unemployed", "unknown", "between jobs", "tbd",
    "consultant", "home", "individual", "personal", "independent researcher",
}  # fmt: skip
# Words by which people say what they are. If an affiliation has no others, it names nobody's
# employer, and two people who wrote the same are no colleagues.
STATUSES = {
    "a", "academia", "academic", "affiliated", "affiliation", "am", "an", "analyst",
    "applicable", "assistant", "associate", "available", "between", "bsc", "candidate",
    "career", "college", "company", "consultant", "consulting", "contractor", "contributor",
    "currently", "data", "developer", "doctoral", "early", "emeritus", "employed", "employment",
    "engineer", "engineering", "entrepreneur", "etc", "faculty", "fellow", "for", "founder",
    "freelance", "freelancer", "freelancing", "gap", "government", "grad", "graduate", "hire",
    "hobbyist", "home", "hunting", "i", "im", "in", "independent", "individual", "industry",
    "institute", "intern", "internship", "it", "job", "jobs", "junior", "late", "learning",
    "leave", "lecturer", "looking", "machine", "maintainer", "manager", "master", "masters",
    "mid", "msc", "multiple", "my", "n", "na", "new", "nil", "no", "non", "none", "nonprofit",
    "not", "open", "opportunities", "or", "oss", "other", "own", "parent", "parental",
    "personal", "phd", "position", "positions", "postdoc", "postdoctoral", "private",
    "professor", "profit", "programmer", "public", "research", "researcher", "retired",
    "sabbatical", "school", "science", "scientist", "sector", "seeker", "seeking", "self",
    "senior", "software", "source", "staff", "startup", "stay", "student", "students", "tbd",
    "teacher", "tech", "transition", "unaffiliated", "undergrad", "undergraduate", "unemployed",
    "university", "unknown", "various", "volunteer", "work", "year",
}  # fmt: skip
# Of these it has at least one: "Research" alone may be a place.
WHAT_SOMEBODY_IS = {
    "academia", "academic", "analyst", "bsc", "candidate", "consultant", "contractor",
    "contributor", "developer", "doctoral", "employment", "engineer", "entrepreneur", "faculty",
    "founder", "freelance", "freelancer", "freelancing", "government", "grad", "graduate",
    "hobbyist", "independent", "individual", "industry", "intern", "job", "jobs", "lecturer",
    "looking", "maintainer", "msc", "nonprofit", "opportunities", "personal", "phd",
    "positions", "postdoc", "postdoctoral", "professor", "programmer", "researcher", "retired",
    "sabbatical", "scientist", "sector", "seeker", "seeking", "self", "student", "students",
    "teacher", "unaffiliated", "undergrad", "undergraduate", "unemployed", "volunteer", "work",
}  # fmt: skip
# Subjects and units that may follow a university's name.
SUBJECTS = {
    "and", "applied", "astro", "astronomy", "astrophysics", "biochemistry", "bioinformatics",
    "biologia", "biologie", "biology", "business", "chemical", "chemie", "chemistry", "chimie",
    "civil", "computer", "computing", "data", "earth", "ecology", "economics", "education",
    "electrical", "engineering", "environmental", "fisica", "genetics", "geography", "geology",
    "geoscience", "geosciences", "health", "history", "informatics", "informatik", "it", "law",
    "libraries", "library", "linguistics", "matematicas", "materials", "math", "mathematics",
    "mathematik", "mathematiques", "maths", "mechanical", "medicine", "meteorology",
    "neuroscience", "nursing", "oceanography", "of", "pharmacy", "philosophy", "physics",
    "physik", "physique", "political", "psychology", "quimica", "research", "science",
    "sciences", "services", "social", "sociology", "statistics", "the",
}  # fmt: skip
# Two names whose telling words are less similar than this (0 to 100) are not compared further.
WORTH_A_LOOK = 80
_SHORTEST_WORD_WITH_A_TYPO = 6
_SHORTEST_ACRONYM = 3


def plain(text: str) -> str:
    """Return text without accents, capitals and punctuation."""
    # Not `text.fold`: a full stop in a place's name shortens a word ("U.S.", "M.I.T.").
    return " ".join(words_in(plain_letters(text).replace("&", " and ").replace(".", "")))


@cached_by_text(50_000)
def telling_words(affiliation: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that say which place this is, and those that say what kind of place.

    Both are empty for an affiliation that names no employer (“none”, “self-employed”).
    A department before its university, and a subject after it, is left out.
    """
    if names_no_employer(affiliation):
        return frozenset(), frozenset()
    parts = [_spelt_out(part) for part in re.split(r"[,;/|()\n]| [-\u2013\u2014] ", affiliation)]
    parts = [part for part in parts if part]
    if len(parts) > 1:
        parts = [part for part in parts if not _PART_OF_A_PLACE & set(part)] or parts
        parts = [part for part in parts if not set(part) <= SUBJECTS] or parts
    words = frozenset(itertools.chain.from_iterable(parts))
    return words - _KINDS, words & _KINDS


def names_no_employer(affiliation: str) -> bool:
    """Return whether an affiliation does not say where: “Postdoc”, “Looking for work”, “none”."""
    said = plain(affiliation)
    words = set(said.split())
    return said in _NO_EMPLOYER or (words <= STATUSES and bool(words & WHAT_SOMEBODY_IS))


def _spelt_out(text: str) -> list[str]:
    words = (_SPELT_OUT.get(word, word) for word in plain(text).split())
    return [part for word in words for part in word.split()]


def alike(one: str, other: str) -> bool:
    """Return whether two affiliations name one employer.

    Every word that says which place it is must have its partner on the other side, with at most
    one typo (OSA distance 1) in a longer word; and the kinds of place must not contradict each
    other. So Univ. of Eastport is the University of Eastport, but not the University of Westport.
    An acronym of three letters or more stands for the words whose initials it has.
    """
    mine, my_kind = telling_words(one)
    theirs, their_kind = telling_words(other)
    if not mine or not theirs:
        return False
    if _is_acronym(one, other) or _is_acronym(other, one):
        return True
    if len(mine) != len(theirs):
        return False
    if my_kind and their_kind and not (my_kind <= their_kind or their_kind <= my_kind):
        return False
    return _paired(mine, theirs) and _paired(theirs, mine)


def _paired(words: frozenset[str], others: frozenset[str]) -> bool:
    return all(any(_same_word(word, other) for other in others) for word in words)


def _same_word(word: str, other: str) -> bool:
    if word == other:
        return True
    if min(len(word), len(other)) < _SHORTEST_WORD_WITH_A_TYPO or word[0] != other[0]:
        return False
    return OSA.distance(word, other, score_cutoff=1) <= 1


def _is_acronym(short: str, long: str) -> bool:
    letters = letters_of(short)
    return bool(letters) and letters in initials_of(long)


@cached_by_text(50_000)
def letters_of(affiliation: str) -> str:
    """Return the letters of what may be an acronym, else ""."""
    letters = plain(affiliation)
    return letters if len(letters) >= _SHORTEST_ACRONYM and letters.isalpha() else ""


@cached_by_text(50_000)
def initials_of(affiliation: str) -> frozenset[str]:
    """Return the initials of a name, with and without its small words."""
    words = plain(affiliation).split()
    if len(words) < _SHORTEST_ACRONYM:
        return frozenset()
    large = [word for word in words if _SPELT_OUT.get(word, word)]
    return frozenset({"".join(w[0] for w in words), "".join(w[0] for w in large)})


def similar(affiliations: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Return, for each affiliation, all of these that name the same employer, itself included.

    An affiliation that names no employer is like none, not even itself. Each spelling is compared
    once, however many people wrote it.
    """
    return _similar(tuple(sorted({text for text in affiliations if telling_words(text)[0]})))


# Every page that shows pairs asks this, mostly about the same people as the page before.
@lru_cache(maxsize=8)
def _similar(spellings: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {text: {text} for text in spellings}
    keys = [" ".join(sorted(telling_words(text)[0])) for text in spellings]
    likeness = process.cdist(keys, keys, scorer=fuzz.ratio, score_cutoff=WORTH_A_LOOK)
    for i, j in zip(*likeness.nonzero(), strict=True):
        if i < j and alike(spellings[i], spellings[j]):
            found[spellings[i]].add(spellings[j])
            found[spellings[j]].add(spellings[i])
    by_letters: dict[str, list[str]] = {}
    for text in spellings:
        by_letters.setdefault(plain(text), []).append(text)
    for text in spellings:
        for initials in initials_of(text):
            for short in by_letters.get(initials, []):
                if _is_acronym(short, text):
                    found[short].add(text)
                    found[text].add(short)
    return {text: frozenset(others) for text, others in found.items()}
