"""Understanding what people, ticket shops and form tools write into a cell."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TypeVar

from mentorship.domain.text import composed, words_in
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
# Words around a number that do not change what it says.
_FILLERS = {
    "up", "to", "max", "maximum", "at", "most", "or", "only", "just", "a",
    "mentee", "mentees", "people", "person", "persons", "student", "students", "i", "can", "could",
    "take", "happily",
}  # fmt: skip
# Beyond this a number is more likely a slip than an offer.
CAPACITY_AT_MOST = 20


class NotUnderstood(ValueError):
    """The text says something, but not clearly what was asked."""


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


@lru_cache(maxsize=1000)
def read_career_stage(text: str) -> CareerStage:
    """Return the career stage that an answer names, else NotUnderstood."""
    try:
        return _CAREER_STAGES[words_of(text)]
    except KeyError:
        raise NotUnderstood(text) from None


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in zoneinfo.available_timezones()}


def read_time_zone(text: str) -> str:
    """Return the IANA name of a time zone, in its own spelling, else NotUnderstood."""
    name = "_".join(text.strip().split()).casefold()
    try:
        return _zones()[name]
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
    pieces = re.split(r"([,;\n])", text)
    chosen: list[Choice] = []
    rest: list[str] = []
    position = 0
    while position < len(pieces):
        for end in range(len(pieces), position, -2):
            option = known.get(_choice_key("".join(pieces[position:end])))
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


_CLOCKS = ["%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H:%M:%S.%f", ""]
# Month before day first: it is what the usual American tools write.
_DAYS = ["%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%m-%d-%Y", "%d %b %Y",
         "%b %d, %Y", "%m/%d/%y"]  # fmt: skip
TIME_FORMATS = [f"{day} {clock}".strip() for day in _DAYS for clock in _CLOCKS]
_OFFSET = re.compile(r"\s*(?:GMT|UTC)\s*(?:([+-])(\d{1,2})(?::?(\d{2}))?)?$", re.IGNORECASE)


def time_reader(
    samples: Iterable[str], zone: zoneinfo.ZoneInfo
) -> Callable[[str], datetime.datetime]:
    """Make the function that reads the times of one column.

    One format is chosen for the whole column, the first that fits the most of `samples`, so that
    03/04 means the same day in each row. A time without an offset is read in `zone`. The
    function gives an aware time and raises NotUnderstood.
    """
    texts = [text for text in dict.fromkeys(samples) if text]
    bare = [_split_offset(text)[0] for text in texts]
    fitting = max(TIME_FORMATS, key=lambda form: sum(_fits(text, form) for text in bare[:1000]))
    # Day before month in a single late row decides as well as in the first.
    if fitting.startswith("%m/%d/%Y"):
        swapped = fitting.replace("%m/%d", "%d/%m")
        if sum(_fits(text, swapped) for text in bare) > sum(_fits(text, fitting) for text in bare):
            fitting = swapped

    def read(text: str) -> datetime.datetime:
        naive_text, offset = _split_offset(text)
        for form in (fitting, *_SAME_ORDER[fitting]):
            try:
                return _aware(datetime.datetime.strptime(naive_text, form), offset, zone)
            except ValueError:
                continue
        try:
            return _aware(datetime.datetime.fromisoformat(naive_text), offset, zone)
        except ValueError:
            raise NotUnderstood(text) from None

    return read


def read_time(text: str) -> datetime.datetime:
    """Return the moment that a text names in any format known, for UTC; else NotUnderstood.

    For a column use `time_reader`, which reads all its rows alike.
    """
    return time_reader([text], zoneinfo.ZoneInfo("UTC"))(text)


def _aware(
    moment: datetime.datetime, offset: datetime.timezone | None, zone: zoneinfo.ZoneInfo
) -> datetime.datetime:
    # In UTC, because a local time that a change of clocks leaves out equals no other time at all.
    aware = moment if moment.tzinfo else moment.replace(tzinfo=offset or zone)
    return aware.astimezone(datetime.UTC)


def _split_offset(text: str) -> tuple[str, datetime.timezone | None]:
    text = " ".join(text.split())
    found = _OFFSET.search(text)
    if not found:
        return text, None
    sign, hours, minutes = found.groups(default="0")
    shift = datetime.timedelta(hours=int(hours), minutes=int(minutes))
    if shift >= datetime.timedelta(hours=24):
        return text, None
    return text[: found.start()], datetime.timezone(-shift if sign == "-" else shift)


def _fits(text: str, form: str) -> bool:
    try:
        datetime.datetime.strptime(text, form)
    except ValueError:
        return False
    return True


def _day_of(form: str) -> str:
    return next(day for day in _DAYS if form.startswith(day))


# For each format, the others that put day, month and year in the same order.
_SAME_ORDER = {
    form: [
        f"{_day_of(form)} {clock}".strip()
        for clock in _CLOCKS
        if f"{_day_of(form)} {clock}".strip() != form
    ]
    for form in TIME_FORMATS
}
