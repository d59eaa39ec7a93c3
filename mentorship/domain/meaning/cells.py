"""Understanding what people, ticket shops and form tools write into a cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.text import cached_by_text, composed, words_in
from mentorship.models import CareerStage

Choice = TypeVar("Choice")

_CAREER_STAGES = {
    "student": CareerStage.STUDENT,
    "graduate student": CareerStage.STUDENT,
    "undergraduate": CareerStage.STUDENT,
    "phd student": CareerStage.STUDENT,
    "early career": CareerStage.EARLY,
    "early": CareerStage.EARLY,
    "junior": CareerStage.EARLY,
    "mid career": CareerStage.MID,
    "midcareer": CareerStage.MID,
    "mid": CareerStage.MID,
    "senior": CareerStage.SENIOR,
    "late career": CareerStage.SENIOR,
}
_NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_NUMBER_WORDS = {word: number for number, word in enumerate(_NUMBERS)} | {"none": 0, "couple": 2}
_NUMBER_WORDS |= {
    word: number
    for number, words in enumerate(
        [
            "ein eine einen uno una uma un une een één",
            "zwei dos dois duas deux twee due",
            "drei tres três trois drie tre",
            "vier cuatro quatro quatre quattro",
        ],
        start=1,
    )
    for word in words.split()
}
# Words around a number that do not change what it says.
_FILLERS = {
    "up", "to", "max", "maximum", "at", "most", "or", "only", "just", "a",
    "mentee", "mentees", "people", "person", "persons", "student", "students", "i", "can", "could",
    "take", "happily", "please",
    "höchstens", "maximal", "bis", "zu", "oder", "maximaal", "hoogstens", "tot", "máximo",
    "hasta", "até", "o", "ou", "jusqu", "à", "fino",
}  # fmt: skip
# Beyond this a number is more likely a slip than an offer.
CAPACITY_AT_MOST = 20


def words_of(text: str) -> str:
    """Return a text as it is compared: composed, lower case, words with single spaces."""
    return " ".join(words_in(composed(text)))


def read_capacity(text: str) -> int:
    """Return the most mentees that an answer offers: "2" and "two" are 2, "1-2" and "up to 2" too.

    Of a range the upper end counts, because it is what the mentor says is still possible, and
    mentors with two or more come only after every mentor has one. Raise NotUnderstood otherwise.
    """
    said = re.sub(r"\b(\d+)\.0\b", r"\1", composed(text))
    said = re.sub(r"\bnot? more than\b", "up to", said)
    words = re.findall(r"\d+|[^\W\d_]+|[^\s\w\u2013\u2014.,!()-]", said)
    numbers = [
        int(word) if word.isdecimal() else _NUMBER_WORDS[word]
        for word in words
        if word.isdecimal() or word in _NUMBER_WORDS
    ]
    rest = {word for word in words if not word.isdecimal() and word not in _NUMBER_WORDS}
    if not 1 <= len(numbers) <= 2 or rest - _FILLERS or max(numbers) > CAPACITY_AT_MOST:
        raise NotUnderstood(text)
    if "-" in said and said.strip().startswith("-"):
        raise NotUnderstood(text)
    return max(numbers)


@cached_by_text(1000)
def read_career_stage(text: str) -> CareerStage:
    """Return the career stage that an answer names, else NotUnderstood."""
    try:
        return _CAREER_STAGES[words_of(text)]
    except KeyError:
        raise NotUnderstood(text) from None


def read_choice(text: str, options: Mapping[str, Choice]) -> Choice:
    """Return the option that a cell names (`options`: name → what it stands for)."""
    chosen, rest = read_choices(text, options)
    if rest or len(chosen) != 1:
        raise NotUnderstood(text)
    return chosen[0]


def read_choices(text: str, options: Mapping[str, Choice]) -> tuple[list[Choice], list[str]]:
    """Take a multiple choice apart: (the options named, the pieces that name none).

    Options are separated by commas, semicolons or line breaks, and may contain these themselves:
    the longest run of pieces that is an option counts as it.
    """
    known = {_choice_key(name): option for name, option in options.items()}
    # As tools write the choices of a form for programs: "biology_health".
    known = {words_of(name): option for name, option in options.items()} | known
    pieces = re.split(r"([,;\n])", text)
    chosen: list[Choice] = []
    rest: list[str] = []
    position = 0
    while position < len(pieces):
        for end in range(len(pieces), position, -2):
            text = "".join(pieces[position:end])
            option = known.get(_choice_key(text), known.get(words_of(text)))
            if option is not None:
                if option not in chosen:
                    chosen.append(option)
                break
        else:
            end = position + 1
            if piece := pieces[position].strip():
                rest.append(piece)
        position = end + 1
    return chosen, rest


def _choice_key(text: str) -> str:
    return re.sub(r"\s*/\s*", "/", " ".join(composed(text).split()))
