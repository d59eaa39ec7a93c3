"""The words of one file, each read once: as somebody has said for this program, or as it reads.

What may be read in two ways is a question with the number of its rows. An answer is remembered for
the program, so that the next file with the same words does not ask again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import ngettext

from mentorship.domain.meaning.attendance import read_attendance
from mentorship.domain.meaning.phrases import YES, as_written
from mentorship.domain.meaning.questions import OpenQuestion
from mentorship.domain.meaning.statuses import why_no_answer, why_not_counted
from mentorship.domain.meaning.times import DAY_FIRST, MONTH_FIRST
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.meaning.willingness import Undecided, read_answer, read_pair
from mentorship.models import Attendance, Program, Role, ValueMeaning

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Kind = ValueMeaning.Kind
Meaning = ValueMeaning.Meaning
Given = Mapping[str, str]
# What a text can mean, by its kind, in the words of the page's lists.
OPTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    Kind.ROLE: (
        (Meaning.MENTOR, "mentor"),
        (Meaning.MENTEE, "mentee"),
        (Meaning.NO, "not taking part"),
        (Meaning.UNDECIDED, "decide for each person"),
    ),
    Kind.ATTENDANCE: (
        (Meaning.IN_PERSON, "in person"),
        (Meaning.VIRTUAL, "virtual"),
        (Meaning.ASK, "ask them (unknown until then)"),
    ),
    Kind.STATUS: ((Meaning.COUNTS, "yes, it counts"), (Meaning.LEFT_OUT, "no, leave it out")),
}
_ASKED: dict[str, str] = {
    Kind.ROLE: "Mentor, mentee, or not taking part?",
    Kind.ATTENDANCE: "In person, virtual, or ask them?",
    Kind.STATUS: "Does the row count?",
}
# The key under which it is said how everyone in a file attends.
EVERYONE = "attendance_of_everyone"
# The key under which it is said whether day or month comes first in a file's dates.
DAY_ORDER = "day_order"
_EVERYONE, _ALL = "everyone", "everyone (no column says it)"
_LONGEST = 300
# So many different texts of a kind are listed; in free text each is another.
LISTED_AT_MOST = 200


@dataclass
class Value:
    """One text of a file: what it is taken for (a Meaning, "" if nothing) and in how many rows.

    `by` is "you" (chosen for this file), "remembered" or "" (it reads so); `why` says of a status
    that takes a row out what it was.
    """

    kind: str
    text: str
    key: str
    meaning: str
    by: str = ""
    why: str = ""
    rows: int = 0


def key_of(kind: str, text: str, heading: str = "") -> str:
    """Return the form in which a text is remembered; a yes only together with its question."""
    said = as_written(text) or text.strip()
    if heading and (kind == Kind.STATUS or said in YES):
        said = f"{as_written(heading)}: {said}"
    return said[:_LONGEST]


class Meanings:
    """Reads the roles, attendances and statuses of one file, and counts what it has read.

    `given` is what somebody has chosen for this file: "kind key" or the plain text → a Meaning.
    """

    def __init__(self, program: Program, given: Given | None = None) -> None:
        self.given = given or {}
        rows = ValueMeaning.objects.filter(program=program)
        self._remembered = {
            (kind, text): meaning
            for kind, text, meaning in rows.values_list("kind", "text", "meaning")
        }
        self._values: dict[tuple[str, str, str], Value] = {}

    def role(self, text: str, heading: str = "") -> Role | None:
        """Return the role that this text names, None for none. Raise as `read_role` does."""
        if not text:
            return None
        return self._role(text, heading, text, lambda: read_answer(text, heading))

    def role_of_two(self, can: tuple[str, str], wants: tuple[str, str]) -> Role | None:
        """Return the role that two yes/no questions give, as `read_pair` does."""
        if not (can[1] or wants[1]):
            return None
        shown = "; ".join(f"{heading}: {text}" for heading, text in (can, wants) if text)
        return self._role(shown, "", shown, lambda: read_pair(can, wants))

    def _role(
        self, text: str, heading: str, shown: str, read: Callable[[], Role | None]
    ) -> Role | None:
        def meaning() -> tuple[str, str]:
            try:
                return read() or Meaning.NO, ""
            except Undecided:
                return Meaning.UNDECIDED, ""

        value = self._value(Kind.ROLE, text, heading, meaning)
        if value.meaning == Meaning.UNDECIDED:
            raise Undecided(shown)
        if not value.meaning:
            raise NotUnderstood(shown)
        return None if value.meaning == Meaning.NO else Role(value.meaning)

    def attendance(self, text: str) -> Attendance | None:
        """Return the attendance that this text names, None if they are to be asked.

        Raise NotUnderstood if it names none.
        """
        value = self._value(Kind.ATTENDANCE, text, "", lambda: (read_attendance(text), ""))
        if not value.meaning:
            raise NotUnderstood(text)
        return None if value.meaning == Meaning.ASK else Attendance(value.meaning)

    def names_attendance(self, text: str) -> bool:
        """Return whether this text names an attendance; it is not counted as a row."""
        known = self._values.get((Kind.ATTENDANCE, text, ""))
        if known is None:
            known = self._read(Kind.ATTENDANCE, text, "", lambda: (read_attendance(text), ""))
        return bool(known.meaning)

    def why_not_counted(self, heading: str, text: str) -> str:
        """Return why a ticket with this status does not count, "" if it does.

        Raise NotUnderstood if it may, until somebody has said so.
        """
        return self._why(heading, text, why_not_counted)

    def why_no_answer(self, heading: str, text: str) -> str:
        """Return why an answer with this status does not count; "" if it does, or may."""
        with contextlib.suppress(NotUnderstood):
            return self._why(heading, text, why_no_answer)
        return ""

    def _why(self, heading: str, text: str, read: Callable[[str, str], str]) -> str:
        def meaning() -> tuple[str, str]:
            why = read(heading, text)
            return (Meaning.LEFT_OUT if why else Meaning.COUNTS), why

        value = self._value(Kind.STATUS, text, heading, meaning)
        if not value.meaning:
            raise NotUnderstood(text)
        if value.meaning != Meaning.LEFT_OUT:
            return ""
        return value.why or f"“{text[:60]}” is left out"

    def _value(
        self, kind: str, text: str, heading: str, read: Callable[[], tuple[str, str]]
    ) -> Value:
        value = self._values.get((kind, text, heading))
        if value is None:
            value = self._values[kind, text, heading] = self._read(kind, text, heading, read)
        value.rows += 1
        return value

    def _read(
        self, kind: str, text: str, heading: str, read: Callable[[], tuple[str, str]]
    ) -> Value:
        key = key_of(kind, text, heading)
        shown = f"{heading}: {text}" if kind == Kind.STATUS else text
        given = self.given.get(f"{kind} {key}") or self.given.get(f"{kind} {key_of(kind, text)}")
        if given or (kind, key) in self._remembered:
            meaning = given or self._remembered[kind, key]
            return Value(kind, shown, key, meaning, "you" if given else "remembered")
        try:
            meaning, why = read()
        except NotUnderstood:
            meaning, why = "", ""
        return Value(kind, shown, key, meaning, why=why)

    def values(self) -> list[Value]:
        """Return what was read, most rows first; texts that are remembered as one are one."""
        found: dict[tuple[str, str], Value] = {}
        for value in self._values.values():
            known = found.setdefault(
                (value.kind, value.key),
                Value(value.kind, value.text, value.key, value.meaning, value.by, value.why),
            )
            known.rows += value.rows
        return sorted(found.values(), key=lambda value: (value.kind, -value.rows, value.text))

    def questions(self) -> list[OpenQuestion]:
        """Return what could not be read and nobody has answered, most rows first."""
        return [_question(value) for value in self.values() if not value.meaning]

    def everyone(self) -> tuple[str, OpenQuestion]:
        """Return how everyone in a file attends that does not say it, and the question for it.

        The first is "" if nobody has said it yet, or that they are to be asked.
        """
        given = self.given.get(EVERYONE)
        meaning = given or self._remembered.get((Kind.ATTENDANCE, _EVERYONE), "")
        if meaning:
            by = "you" if given else "remembered"
            value = Value(Kind.ATTENDANCE, _ALL, _EVERYONE, meaning, by)
            self._values[Kind.ATTENDANCE, _ALL, ""] = value
        question = OpenQuestion(
            key=EVERYONE,
            sentence="No column is known to say how people attend. How does everyone in this file "
            "attend?",
            options=OPTIONS[Kind.ATTENDANCE],
            flag="--attendance in_person, --attendance virtual or --attendance ask",
            answer=meaning,
            must=True,
        )
        return ("" if meaning == Meaning.ASK else meaning), question

    def day_order(self) -> str:
        """Return DAY_FIRST or MONTH_FIRST if somebody has said it for this file, else ""."""
        return self.given.get(DAY_ORDER, "")

    def about_times(self, samples: list[str]) -> list[OpenQuestion]:
        """Return the question in which order a file's dates are, if `samples` do not tell."""
        if not samples:
            return []
        return [
            OpenQuestion(
                key=DAY_ORDER,
                sentence=f"Dates such as “{samples[0]}” do not tell the day from the month. They "
                "are read month first. Which comes first?",
                options=((MONTH_FIRST, "the month"), (DAY_FIRST, "the day")),
                flag=f'--value "{samples[0]}=day_first" or --value "{samples[0]}=month_first"',
                value=samples[0],
            )
        ]

    def answered(self) -> list[Value]:
        """Return what somebody has chosen for this file."""
        return [value for value in self.values() if value.by == "you"]


def _question(value: Value) -> OpenQuestion:
    options = OPTIONS[value.kind]
    said = ngettext("%(n)d row says “%(text)s”.", "%(n)d rows say “%(text)s”.", value.rows) % {
        "n": value.rows,
        "text": value.text[:200],
    }
    return OpenQuestion(
        key=f"{value.kind} {value.key}",
        sentence=f"{said} {_ASKED[value.kind]}",
        options=options,
        flag=f'--value "{value.text[:200]}={"|".join(meaning for meaning, _ in options)}"',
        value=value.text[:_LONGEST],
        rows=value.rows,
    )


def remember_values(program: Program, values: Iterable[Value], by: User | None) -> None:
    """Save what somebody has chosen, in the transaction of the import that it was chosen for."""
    for value in values:
        ValueMeaning.objects.update_or_create(
            program=program,
            kind=value.kind,
            text=value.key,
            defaults={
                "shown": value.text[:_LONGEST],
                "meaning": value.meaning,
                "created_by": by,
            },
        )


def given_by_flags(said: Iterable[str]) -> dict[str, str]:
    """Return what `--value TEXT=meaning` flags say, as Meanings takes it.

    Raise ValueError, with the flag, for one that is none.
    """
    kinds = {meaning: kind for kind, options in OPTIONS.items() for meaning, _ in options}
    given = {}
    for flag in said:
        text, equals, meaning = flag.rpartition("=")
        if text.strip() and meaning.replace("_", " ") in (DAY_FIRST, MONTH_FIRST):
            given[DAY_ORDER] = meaning.replace("_", " ")
            continue
        kind = kinds.get(meaning.strip().casefold().replace(" ", "_"))
        if not equals or not text.strip() or kind is None:
            raise ValueError(flag)
        given[f"{kind} {key_of(kind, text)}"] = meaning.strip().casefold().replace(" ", "_")
    return given
