"""A program's people as others may write of them: by name, email address or employer."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeVar, cast

from rapidfuzz import fuzz, process

from matching.domain.exclusions.affiliations import (
    WORTH_A_LOOK,
    alike,
    initials_of,
    letters_of,
    telling_words,
)
from matching.domain.exclusions.domains import registrable_domain
from mentorship.domain.text import fold
from mentorship.models import Participant, Program

T = TypeVar("T")
K = TypeVar("K", str, int)
# Two words this alike (0 to 100) may be one word that was misspelled.
_WORDS_ALIKE = 75
_NAMES_ALIKE = 80
# Below this, a word is too short to say that another is like it.
_SHORTEST_LIKE = 4
_SHORTEST_BEGINNING = 3
_LONGEST_NAME = 6


class Entry(NamedTuple):
    """One person of a program, in the words that a wish may have for them."""

    pk: int
    name: str
    short_name: str
    email: str
    affiliation: str


class PeopleByWords:
    """Everyone in a program, to find out who is meant by some words."""

    def __init__(self, people: Collection[Entry], free_domains: Iterable[str]) -> None:
        self.people = {person.pk: person for person in people}
        self._read: dict[tuple[int, str], object] = {}
        self.by_email = {person.email: person.pk for person in people}
        free = {domain.strip().casefold() for domain in free_domains}
        self._free = free | {registrable_domain(f"@{domain}") for domain in free}
        self.words = {person.pk: words_of(person) for person in people}
        self.by_word: dict[str, set[int]] = {}
        for pk, words in self.words.items():
            for word in words:
                self.by_word.setdefault(word, set()).add(pk)
        self.by_full_name: dict[tuple[str, ...], set[int]] = {}
        for person in people:
            for form in full_names(person):
                self.by_full_name.setdefault(tuple(sorted(form)), set()).add(person.pk)
        self.by_domain: dict[str, set[int]] = {}
        for person in people:
            domain = registrable_domain(person.email)
            if domain not in self._free:
                self.by_domain.setdefault(domain, set()).add(person.pk)

    def reading(self, wisher: int, text: str, read: Callable[[int, str, PeopleByWords], T]) -> T:
        """Return what `read` finds in a text of the person with this key, read only once."""
        known = self._read.get((wisher, text))
        if known is None:
            known = self._read[wisher, text] = read(wisher, text, self)
        return cast(T, known)

    def everyone_with(self, words: Iterable[str]) -> set[int]:
        """Return the people in whose names each of these words is."""
        found = [self.by_word.get(word, set()) for word in words]
        return set.intersection(*found) if found else set()

    def colleagues_of(self, pk: int) -> set[int]:
        """Return the people who share an employer with this one."""
        person = self.people[pk]
        found = self._with_affiliation_like(person.affiliation)
        found |= self.by_domain.get(registrable_domain(person.email), set())
        return found - {pk}

    def at(self, employer: str) -> set[int]:
        """Return the people of the employer with this name, who share its email domain, too."""
        found = self._with_affiliation_like(employer)
        for pk in list(found):
            found |= self.by_domain.get(registrable_domain(self.people[pk].email), set())
        return found

    def perhaps_at(self, employer: str) -> set[int]:
        """Return the people in whose affiliation or email domain this name seems to be."""
        telling, _ = telling_words(employer)
        if not telling:
            return set()
        found: set[int] = set()
        for theirs, affiliations in self._by_telling_words.items():
            if telling <= theirs or (len(theirs) > 1 and theirs <= telling):
                found.update(*(self._by_affiliation[text] for text in affiliations))
        joined = {"".join(fold(employer).split()), "".join(sorted(telling))}
        for domain, pks in self.by_domain.items():
            label = domain.partition(".")[0]
            if label in joined or telling <= set(label.split("-")):
                found |= pks
        for affiliation in _alike(fold(employer), self._folded_affiliations, fuzz.token_sort_ratio):
            found |= self._by_affiliation[affiliation[0]]
        return found

    def like_word(self, word: str) -> Iterator[tuple[int, int]]:
        """Yield (key, score of 0 to 100) for each person with such a word in the name."""
        for pk in self.by_word.get(word, ()):
            yield pk, 100
        for other in self._beginning(word):
            yield from ((pk, 90) for pk in self.by_word[other])
        if len(word) >= _SHORTEST_LIKE:
            for other, score in _alike(word, self._vocabulary, fuzz.ratio, _WORDS_ALIKE):
                yield from ((pk, score) for pk in self.by_word[other])

    def like_name(self, words: str) -> Iterator[tuple[int, int]]:
        """Yield (key, score) for each person whose name, run together, is like these words."""
        joined = words.replace(" ", "")
        if len(joined) >= _SHORTEST_LIKE:
            yield from _alike(joined, self._run_together, fuzz.ratio)

    def like_address(self, word: str) -> Iterator[tuple[int, int]]:
        """Yield (key, score) for each person in whose email address this word is."""
        if len(word) >= _SHORTEST_LIKE:
            yield from _alike(word, self._fronts, fuzz.ratio)

    def _beginning(self, word: str) -> Iterator[str]:
        """Yield the words of names that begin with this one, or that it begins with."""
        if len(word) < _SHORTEST_BEGINNING:
            return
        for place in range(bisect_right(self._in_order, word), len(self._in_order)):
            if not self._in_order[place].startswith(word):
                break
            yield self._in_order[place]
        for end in range(_SHORTEST_BEGINNING, len(word)):
            if word[:end] in self.by_word:
                yield word[:end]

    @cached_property
    def _in_order(self) -> list[str]:
        return sorted(self.by_word)

    @cached_property
    def _vocabulary(self) -> dict[str, str]:
        return {word: word for word in self.by_word}

    @cached_property
    def _fronts(self) -> dict[int, str]:
        return {
            pk: "".join(fold(p.email.partition("@")[0]).split()) for pk, p in self.people.items()
        }

    @cached_property
    def _folded_affiliations(self) -> dict[str, str]:
        return {text: fold(text) for text in self._by_affiliation}

    @cached_property
    def _telling_keys(self) -> dict[str, str]:
        return {text: " ".join(sorted(telling_words(text)[0])) for text in self._by_affiliation}

    @cached_property
    def _by_letters(self) -> dict[str, set[str]]:
        return _inverted({text: {letters_of(text)} for text in self._by_affiliation})

    @cached_property
    def _by_initials(self) -> dict[str, set[str]]:
        return _inverted({text: initials_of(text) for text in self._by_affiliation})

    @cached_property
    def _by_telling_words(self) -> dict[frozenset[str], list[str]]:
        found: dict[frozenset[str], list[str]] = {}
        for text in self._by_affiliation:
            found.setdefault(telling_words(text)[0], []).append(text)
        return found

    @cached_property
    def _run_together(self) -> dict[int, str]:
        return {pk: "".join(fold(p.name).split()) for pk, p in self.people.items()}

    @cached_property
    def _by_affiliation(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for pk, person in self.people.items():
            if affiliation := person.affiliation.strip():
                found.setdefault(affiliation, set()).add(pk)
        return found

    def _with_affiliation_like(self, affiliation: str) -> set[int]:
        affiliation = affiliation.strip()
        telling = telling_words(affiliation)[0]
        if not telling:
            return set()
        key = " ".join(sorted(telling))
        worth = {text for text, _ in _alike(key, self._telling_keys, fuzz.ratio, WORTH_A_LOOK)}
        for letters in initials_of(affiliation):
            worth |= self._by_letters.get(letters, set())
        worth |= self._by_initials.get(letters_of(affiliation), set())
        return set().union(
            *(self._by_affiliation[text] for text in worth if alike(text, affiliation))
        )


def words_of(person: Entry) -> frozenset[str]:
    """Return the words of a person's names; an initial is none."""
    words = fold(f"{person.name} {person.short_name}").split()
    return frozenset(word for word in words if len(word) > 1)


def full_names(person: Entry) -> list[list[str]]:
    """Return the ways to write a person's whole name, each as its words: at least two."""
    name, short = fold(person.name).split(), fold(person.short_name).split()
    forms = [name]
    if short and name:
        forms.append([*short, name[-1]])
    return [words for words in forms if 2 <= len(set(words)) <= _LONGEST_NAME]


def _inverted(keys_of: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Return each key that is not empty with the texts that have it."""
    found: dict[str, set[str]] = {}
    for text, keys in keys_of.items():
        for key in filter(None, keys):
            found.setdefault(key, set()).add(text)
    return found


def _alike(
    text: str,
    among: dict[K, str],
    scorer: Callable[..., float],
    at_least: int = _NAMES_ALIKE,
) -> list[tuple[K, int]]:
    """Return which of the texts are like this one, as (key, score)."""
    close = process.extract(text, among, scorer=scorer, score_cutoff=at_least, limit=None)
    return [(key, int(score)) for _, score, key in close]


def people_by_words(program: Program) -> PeopleByWords:
    """Return everyone in a program, those who withdrew too, in one query."""
    columns = ("pk", "name", "short_name", "email", "affiliation")
    rows = Participant.objects.filter(program=program).order_by("pk").values_list(*columns)
    return _people_by_words(tuple(Entry(*row) for row in rows), tuple(program.free_mail_domains))


# The board, the dashboard and the emails ask about the same people again and again.
@lru_cache(maxsize=4)
def _people_by_words(people: tuple[Entry, ...], free_domains: tuple[str, ...]) -> PeopleByWords:
    return PeopleByWords(people, free_domains)
