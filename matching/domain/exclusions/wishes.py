"""Reading a wish not to meet somebody, as people write it.

What is certain is read here: a whole name that only one person has, an email address, everyone of
an employer. Where a single word of the wish is left that may mean somebody, the wish is not clear,
and a person decides. To keep two people apart who might have met costs little; to introduce
somebody to the one person they asked not to meet does harm. So a doubt is always a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from matching.domain.exclusions.affiliations import telling_words
from matching.domain.exclusions.domains import registrable_domain
from matching.domain.exclusions.people_by_words import PeopleByWords
from mentorship.domain.text import fold, plain_letters
from mentorship.models import normalise_address

_ONLY_A_DASH = re.compile(r"[\s\-\u2013\u2014./\\]*")
# A whole answer that says that there is nobody.
_NOBODY = {
    "all fine", "all good", "anybody is fine", "anyone is fine", "everyone is fine", "i dont",
    "i do not", "n a", "na", "nil", "no", "no one", "no one comes to mind", "no one in particular",
    "no one really", "no preference", "no preferences", "no restriction",
    "no restrictions", "no thank you", "no thanks", "no wish", "no wishes", "nobody",
    "nobody in particular", "nobody really", "none", "none in particular", "none really",
    "none thank you", "none thanks", "nope", "not applicable", "not really", "nothing",
    "nothing in particular", "noone",  # codespell:ignore
}  # fmt: skip
# Words around a name that name nobody themselves.
_FILLERS = {
    "a", "already", "an", "and", "are", "as", "avoid", "away", "be", "been", "because", "both",
    "do", "dr", "each", "either", "for", "from", "i", "id", "if", "im", "in", "is", "just", "keep",
    "kindly", "know", "match", "matched", "matching", "me", "meet", "meeting", "mr", "mrs", "ms",
    "mx", "n", "name", "named", "names", "neither", "no", "nor", "not", "of", "or", "other",
    "pair", "paired", "pairing", "please", "pls", "possible", "prefer", "prof", "professor",
    "rather", "thank", "thanks", "the", "this", "to", "us", "we", "with", "would", "d", "you",
}  # fmt: skip
# These are as harmless only where the sentence says "not" as well.
_FILLERS_AFTER_NOT = {"dont", "like", "want", "wish"}
_NEGATIONS = {"avoid", "dont", "neither", "never", "no", "not", "nor", "rather"}
# Words that may turn a wish around: “anybody but Ada”.
_EXCEPT = {"apart", "besides", "but", "except", "only", "than", "unless", "without"}
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"\u201c\u201d'\u2018\u2019|]*@[\w-]+(?:\.[\w-]+)+")
_ANYBODY_FROM = re.compile(
    r"\b(?:any|every|some|no)[ -]?(?:body|one)(?: else)?\b[ ,]*"
    r"(?:who(?: is|'s|’s)? )?(?:works?|working|employed|based)?[ ]*\b(?:from|at|of|in|with|by)\b"
    r"|\b(?:people|person|persons|folks|staff|employees|everyone|all|colleagues|coworkers)\b[ ,]*"
    r"(?:who )?(?:works?|working|employed|based)?[ ]*\b(?:from|at|of|with)\b",
    re.IGNORECASE,
)
_END_OF_PART = re.compile(r"[.;\n!?]\s|[;\n]|$")
_OWN_EMPLOYER = re.compile(
    r"\b(?:my|our)\b.*\b(?:advis[eo]r|boss|colleagues?|company|co-?workers?|department|employer|"
    r"group|institut\w+|lab|laboratory|manager|organi[sz]ation|pi|professor|school|supervisor|team|"
    r"university|work|workplace)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass
class Reading:
    """What a wish says: keys of people → why they are meant, certainly or perhaps.

    `unread` are the words that may mean somebody and were not understood.
    """

    sure: dict[int, str] = field(default_factory=dict)
    likely: dict[int, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    @property
    def is_clear(self) -> bool:
        """Whether everyone who may be meant is known."""
        return not self.unread


def read_wish(wisher: int, text: str, people: PeopleByWords) -> Reading:
    """Return who is meant by a wish of the person with this key.

    Those who may be meant come first who fit best.
    """
    said = fold(text)
    if not said:
        return Reading(unread=[] if _ONLY_A_DASH.fullmatch(text) else [text.strip()])
    if said in _NOBODY and not _names_in(said.split(), people, wisher):
        return Reading()
    return _Reader(wisher, people).read(text)


def _names_in(words: list[str], people: PeopleByWords, wisher: int) -> set[int]:
    return set().union(*(people.by_word.get(word, set()) for word in words)) - {wisher}


class _Reader:
    """Reads one wish, taking out of its text what is understood."""

    def __init__(self, wisher: int, people: PeopleByWords) -> None:
        self.wisher, self.people = wisher, people
        self.result = Reading()
        self.scores: dict[int, tuple[int, str]] = {}

    def read(self, text: str) -> Reading:
        rest = _ADDRESS.sub(self._address, text)
        rest = self._employers(rest)
        left = self._names(fold(rest).split())
        if left:
            self._whole_employer(rest, left)
        negated = bool(_NEGATIONS & set(fold(text).split()))
        harmless = _FILLERS | (_FILLERS_AFTER_NOT if negated else set())
        unread = [
            word
            for word in left
            if word not in harmless or _names_in([word], self.people, self.wisher)
        ]
        if not unread and not self.result.sure and not self.result.unread:
            # Words that name nobody, and do not say that there is nobody either.
            unread = left or [text.strip()]
        self.result.unread += unread
        if self.result.unread:
            self._look_for(text, unread)
        return self._ranked()

    def _address(self, found: re.Match[str]) -> str:
        written = found.group().rstrip(".")
        address = normalise_address(written)
        domain = registrable_domain(address)
        if (pk := self.people.by_email.get(address)) is not None and pk != self.wisher:
            self.result.sure[pk] = "this is their email address"
            return " "
        at_domain = self.people.by_domain.get(domain, set()) - {self.wisher}
        if written.startswith("@") and at_domain:
            self.result.sure.update(dict.fromkeys(at_domain, f"has an address @{domain}"))
            return " "
        self.result.unread.append(written)
        front = fold(address.partition("@")[0])
        for pk, score in self.people.like_address(front.replace(" ", "")):
            self._perhaps(pk, score, f"has an email address like {written}")
        for pk, score in self.people.like_name(front):
            self._perhaps(pk, score, f"has a name like {written}")
        for word in front.split():
            for pk, score in self.people.like_word(word):
                self._perhaps(pk, score, f"has a name like {written}")
        for pk in at_domain:
            self._perhaps(pk, 50, f"has an address @{domain}")
        return " "

    def _employers(self, text: str) -> str:
        """Take “anybody from …” out of a text, as far as it names employers of people here."""
        while found := _ANYBODY_FROM.search(text):
            end = _END_OF_PART.search(text, found.end())
            stop = end.start() if end else len(text)
            named = text[found.end() : stop]
            left = self._named_employers(named)
            if left:
                # What is not an employer here cannot be a harmless word.
                self.result.unread.append(f"{found.group()} {left}".strip())
                self._perhaps_at(left)
            text = f"{text[: found.start()]} ; {left} ; {text[stop:]}"
        return text

    def _named_employers(self, named: str) -> str:
        """Add everyone at the employers that these words name; return the words that name none."""
        if self._at(named):
            return ""
        parts = re.split(r"[,/&|]|\b(?:and|or|nor)\b", named)
        return " , ".join(part for part in parts if part.strip() and not self._at(part))

    def _at(self, employer: str) -> bool:
        employer = re.sub(r"(?i)[\s,.]*\b(?:please|thanks|thank you|pls)\b[\s,.]*$", "", employer)
        employer = employer.strip(" .!,()")
        there = self.people.at(employer) - {self.wisher}
        perhaps = self.people.perhaps_at(employer) - there - {self.wisher}
        why = f"works at {employer}"
        self.result.sure.update(dict.fromkeys(sorted(there), why))
        for pk in perhaps:
            self._perhaps(pk, 70, f"may work at {employer}")
        if there and perhaps:
            self.result.unread.append(employer)
        return bool(there)

    def _names(self, words: list[str]) -> list[str]:
        """Take whole names that one person has out of these words, and return the words left."""
        taken = [False] * len(words)
        for length in range(min(6, len(words)), 1, -1):
            for start in range(len(words) - length + 1):
                window = words[start : start + length]
                if any(taken[start : start + length]):
                    continue
                have = self.people.by_full_name.get(tuple(sorted(window)), set()) - {self.wisher}
                if not have:
                    continue
                told = [word for word in window if len(word) > 1]
                fits = self.people.everyone_with(told) - {self.wisher} | have
                if len(fits) == 1:
                    self.result.sure[have.pop()] = "this is their name"
                    taken[start : start + length] = [True] * length
                else:
                    for pk in fits:
                        self._perhaps(pk, 200, "has this name")
        return [word for word, gone in zip(words, taken, strict=True) if not gone]

    def _whole_employer(self, text: str, left: list[str]) -> None:
        """Read a text that is nothing but an employer's name, if none of its words is a name."""
        telling = [word for word in left if word not in _FILLERS]
        if self.result.sure or self.result.unread or _names_in(telling, self.people, self.wisher):
            return
        if telling_words(text)[0] and self._at(" ".join(telling)):
            left.clear()

    def _look_for(self, text: str, unread: list[str]) -> None:
        """Collect everyone who may be meant by the words that were not understood."""
        people = self.people
        for word in dict.fromkeys(unread):
            for pk, score in people.like_word(word):
                exact = score == 100
                self._perhaps(pk, score, f"has “{word}” in the name" if exact else _like(word))
            for pk, score in people.like_address(word):
                self._perhaps(pk, score, f"has “{word}” in the email address")
        said = " ".join(unread)
        for pk, score in people.like_name(said):
            self._perhaps(pk, score + 50, _like(said))
        for start in range(len(unread) - 1):
            two = " ".join(unread[start : start + 2])
            for pk, score in people.like_name(two):
                self._perhaps(pk, score + 50, _like(two))
            backward = " ".join(reversed(unread[start : start + 2]))
            for pk, score in people.like_name(backward):
                self._perhaps(pk, score + 50, _like(two))
        self._perhaps_at(said)
        if _OWN_EMPLOYER.search(plain_letters(text)):
            for pk in people.colleagues_of(self.wisher):
                self._perhaps(pk, 60, "is a colleague")

    def _perhaps_at(self, employer: str) -> None:
        found = self.people.at(employer) | self.people.perhaps_at(employer)
        for pk in found:
            self._perhaps(pk, 70, f"may work at {' '.join(employer.split())}")

    def _perhaps(self, pk: int, score: int, why: str) -> None:
        """Note that this person may be meant. Each word that fits adds to what speaks for them."""
        if pk == self.wisher:
            return
        before, first = self.scores.get(pk, (0, ""))
        whys = first if why in first or not first else f"{first}, {why}"
        self.scores[pk] = (before + score, whys if first else why)

    def _ranked(self) -> Reading:
        if _EXCEPT & set(self.result.unread):
            for pk, why in self.result.sure.items():
                self._perhaps(pk, 1000, why)
            self.result.sure = {}
        known = self.result.sure
        ranked = sorted(self.scores.items(), key=lambda item: (-item[1][0], item[0]))
        self.result.likely = {pk: why for pk, (_, why) in ranked if pk not in known}
        return self.result


def _like(words: str) -> str:
    return f"has a name like “{words}”"
