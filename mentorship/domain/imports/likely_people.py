"""Who somebody with an unknown address probably is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from mentorship.domain.text import fold
from mentorship.models import Participant, Program

_NAME_ALIKE = 88
_ADDRESS_ALIKE = 88


@dataclass(frozen=True)
class Likely:
    """A person of the program, and why somebody else's address may be theirs."""

    email: str
    name: str
    why: str

    def as_json(self) -> dict[str, Any]:
        return vars(self)


class LikelyPeople:
    """Everyone in a program, to compare with names and email addresses from elsewhere."""

    def __init__(self, program: Program) -> None:
        rows = Participant.objects.filter(program=program).order_by("pk")
        self.people = list(rows.values_list("email", "name"))
        self.names = [_folded(name) for _, name in self.people]
        self.addresses = [email for email, _ in self.people]
        # Two people of one name are no help.
        times = Counter(self.names)
        self.by_name = {n: i for i, n in enumerate(self.names) if n and times[n] == 1}

    def find(self, address: str, name: str) -> Likely | None:
        """Return who this most likely is: the same name, else a similar email address or name."""
        said = _folded(name)
        if said in self.by_name:
            return self._person(self.by_name[said], "the same name")
        place = _best(address, self.addresses, _ADDRESS_ALIKE)
        if place is not None:
            return self._person(place, "a similar email address")
        front = _folded(address.partition("@")[0])
        if front in self.by_name:
            return self._person(self.by_name[front], "an email address made of this name")
        place = _best(said, self.names, _NAME_ALIKE) if said else None
        return None if place is None else self._person(place, "a similar name")

    def _person(self, place: int, why: str) -> Likely:
        return Likely(*self.people[place], why)


def _best(text: str, among: list[str], at_least: int) -> int | None:
    """Return where the one text stands that is most like this; None if none, or two, are."""
    found = process.extract(text, among, scorer=fuzz.ratio, score_cutoff=at_least, limit=2)
    if not found or (len(found) == 2 and found[0][1] == found[1][1]):
        return None
    return int(found[0][2])


def _folded(name: str) -> str:
    """Return a name without accents, its words in the order of the alphabet."""
    return " ".join(sorted(fold(name).split()))


def likely_people(program: Program, unknown: Iterable[tuple[str, str]]) -> dict[str, Likely | None]:
    """Return for each (address, name) who that most likely is: address → the person, or None."""
    unknown = list(unknown)
    if not unknown:
        return {}
    people = LikelyPeople(program)
    return {address: people.find(address, name) for address, name in unknown}
