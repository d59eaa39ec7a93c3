"""What people are called on the sheets of matches, and who is meant by what a cell says."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from mentorship.domain.files.formulas import CODED
from mentorship.domain.text import fold
from mentorship.models import Participant, normalise_address

NameKey = tuple[str, ...]
SEPARATOR = "; "
# Of how many pieces a name is at most: a cell may hold thousands of separators.
_PIECES_AT_MOST = 10
_LABEL_AT_MOST = 600
_SEPARATORS = re.compile(r"([;\n|])")
_NOT_IN_NAMES = re.compile(r"[;|<>\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ADDRESSED = re.compile(r"([^<>]*)<\s*([^<>\s@]{1,64}@[^<>\s@]{1,255})\s*>")
_BARE_ADDRESS = re.compile(r"[^\s<>@,;/&]{1,64}@[^\s<>@,;/&]{1,255}\.[^\s<>@,;/&]+")
# What people write beside a name and is no part of it.
_PRONOUN = (
    r"(?:she|her|hers|he|him|his|they|them|theirs|xe|xem|ze|zir|hir|it|its|any|all|any pronouns|"
    r"sie|ihr|er|ihm|elle|il|iel|ella|él|elles|zij|haar|hij|hem)"
)
_PRONOUNS = re.compile(rf"[(\[]\s*{_PRONOUN}(?:\s*[/,|]\s*{_PRONOUN})*\s*[)\]]", re.IGNORECASE)
_TITLE = re.compile(
    r"(?:(?:prof|professor|dr|drs|mr|mrs|ms|mx|miss|herr|frau|mme)\b\.?[\s-]*)+"
    r"(?=[^\W\d_][^\s,;/&]*\s)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:^|<)\s*([^<>\s]+@[^<>\s]+)\s*(?:>|$)")


def name_key(name: str) -> NameKey:
    """Return a name as it is compared.

    Accents, case, punctuation, the order of its parts, titles before and pronouns behind it are no
    part of it.
    """
    bare = _PRONOUNS.sub(" ", name).strip()
    title = _TITLE.match(bare)
    return tuple(sorted(fold(bare[title.end() :] if title else bare).split()))


def split_addressed(cell: str, known: Container[NameKey]) -> list[tuple[str, str]]:
    """Return the names in a cell as `split_names` does, each with the address after it, or "".

    An address that stands for itself is a person without a name.
    """
    found: list[tuple[str, str]] = []
    for part in re.split(r"[;\n|]", _PRONOUNS.sub(" ", cell)):
        rest = part
        while match := _ADDRESSED.search(rest):
            whole = name_key(match[0]) in known
            *names, last = [match[1].strip()] if whole else split_names(match[1], known) or [""]
            found += [*((name, "") for name in names), (last, match[2])]
            rest = rest[match.end() :]
        for name in split_names(rest, known):
            found.append(("", name) if _BARE_ADDRESS.fullmatch(name) else (name, ""))
    return found


def split_names(cell: str, known: Container[NameKey]) -> list[str]:
    """Return the names in a cell; `known` are the keys of names that are right there.

    Semicolons, line breaks and bars always separate names. Commas, slashes, ampersands and "and"
    may also be part of one ("Last, First"): the longest run of pieces that is a known name counts
    as that name. In what is left, single words belong together, two by two.
    """
    names: list[str] = []
    for part in re.split(r"[;\n|]", cell):
        pieces = re.split(r"(\s*[,/&]\s*|\s+and\s+)", part)
        position = 0
        while position < len(pieces):
            end = next(
                (
                    end
                    for end in range(
                        min(len(pieces), position + 2 * _PIECES_AT_MOST - 1), position, -2
                    )
                    if name_key("".join(pieces[position:end])) in known
                ),
                None,
            )
            if end is None:
                follows = pieces[position + 2 : position + 3]
                both = pieces[position].strip() + "".join(follows).strip()
                single_words = follows and " " not in both and "@" not in both
                end = position + 3 if single_words else position + 1
            if name_key(name := " ".join("".join(pieces[position:end]).split())):
                names.append(name)
            position = end + 1
    return names


def labels_of(people: Iterable[Participant]) -> dict[int, str]:
    """Return what each of these people is called on a sheet, by key; no two labels are the same.

    A label is the name, or “Name <address>” where another has the same name, or where the name
    holds what a cell or its reader does not take as part of a name.
    """
    people = list(people)
    seen: dict[NameKey, int] = {}
    for person in people:
        key = name_key(person.name)
        seen[key] = seen.get(key, 0) + 1
    labels = {}
    for person in people:
        name = " ".join(_NOT_IN_NAMES.sub(" ", person.name).split())
        key = name_key(person.name)
        clear = name == person.name and "@" not in name and not CODED.search(name)
        plain = clear and key and seen[key] == 1
        labels[person.pk] = name if plain else f"{name} <{person.email}>".strip()
    return labels


@dataclass(frozen=True)
class Meant:
    """A name as written, and the person meant; `fault`, if nobody is: unknown or ambiguous."""

    written: str
    person: Participant | None
    fault: str = ""


class Directory:
    """Finds people by what is written for them: label, address, or name in any order."""

    def __init__(self, people: Sequence[Participant]) -> None:
        self._by_label = {
            " ".join(label.split()): person
            for person, label in zip(people, labels_of(people).values(), strict=True)
        }
        self._by_address = {person.email: person for person in people}
        self._by_name: dict[NameKey, list[Participant]] = {}
        for person in people:
            self._by_name.setdefault(name_key(person.name), []).append(person)

    def all_in(self, cell: str) -> list[Meant]:
        """Return everyone named in a cell, each once."""
        found: dict[object, Meant] = {}
        pieces = _SEPARATORS.split(cell)
        position = 0
        while position < len(pieces):
            last = min(len(pieces), position + 2 * _PIECES_AT_MOST - 1)
            for end in range(last, position, -2):
                person = self._by_label.get(" ".join("".join(pieces[position:end]).split()))
                if person:
                    found.setdefault(person.pk, Meant(str(person), person))
                    break
            else:
                end = position + 1
                for meant in self._in_piece(pieces[position]):
                    found.setdefault(meant.person.pk if meant.person else meant.written, meant)
            position = end + 1
        return list(found.values())

    def one(self, address: str, name: str) -> Meant:
        """Return the person of a row: by address, where it has one, else by name."""
        if address:
            person = self._by_address.get(normalise_address(address))
            return Meant(address, person, "" if person else "unknown")
        found = self.all_in(name)
        return found[0] if len(found) == 1 else Meant(name, None, "unknown")

    def _in_piece(self, piece: str) -> list[Meant]:
        written = " ".join(piece.split())
        if not written:
            return []
        address = _ADDRESS.search(written) if len(written) <= _LABEL_AT_MOST else None
        if address:
            person = self._by_address.get(normalise_address(address[1]))
            return [Meant(written, person, "" if person else "unknown")]
        return [self._by_any_name(name) for name in split_names(written, self._by_name)]

    def _by_any_name(self, name: str) -> Meant:
        same = self._by_name.get(name_key(name), [])
        if len(same) == 1:
            return Meant(name, same[0])
        return Meant(name, None, "ambiguous" if same else "unknown")
