"""The board's history: what each step did, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import ngettext

from matching.domain.matches.steps import is_live, name_of
from matching.models import BoardStep, Match
from mentorship.models import Field, Participant, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

Kind = BoardStep.Kind
_MANY = {
    Kind.LOCK: "locked",
    Kind.UNLOCK: "unlocked",
    Kind.DISSOLVE: "dissolved",
    Kind.ANNOUNCE: "announced",
    Kind.TAKE_BACK: "undid the announcement of",
    Kind.NOTE: "changed the note on",
}
# Who is named however many pairs it was; of other kinds only a single pair is.
_NAMING = (Kind.MATCH, Kind.MOVE, Kind.REMATCH, Kind.SWAP)


@dataclass(frozen=True)
class Happening:
    """One line of the board's history; `who` did it, `undoer` undid it: a name, or “You”."""

    step: BoardStep
    who: str
    did: str
    when: str
    undoer: str = ""

    @property
    def undone(self) -> bool:
        return self.step.undone_at is not None

    @property
    def undone_words(self) -> str:
        """Who has undone this."""
        return f"undone by {'you' if self.undoer == 'You' else self.undoer}"

    @property
    def may_turn(self) -> bool:
        """Whether this can be undone or redone at all."""
        return self.step.kind not in BoardStep.FINAL

    @property
    def concerns_announced(self) -> bool:
        """Whether people have been told of one of the pairs."""
        return any(row["status"] == Match.Status.ANNOUNCED for _, row in _rows(self.step))

    @property
    def sentence(self) -> str:
        """What was done."""
        return f"{self.who} {self.did}"

    @property
    def said(self) -> str:
        """What happened last: that it was done, or that it was undone."""
        if not self.undone:
            return self.sentence
        return f"{self.undoer} undid this: {self.sentence}"


def happenings(
    program: Program, steps: Sequence[BoardStep], reader: AbstractBaseUser | None = None
) -> list[Happening]:
    """Return these steps in words, in two queries however many; `reader` is called “You”."""
    naming = [step for step in steps if len(step.changes) == 1 or step.kind in _NAMING]
    people = {row["mentor_id"] for step in naming for _, row in _rows(step)}
    people |= {row["mentee_id"] for step in naming for _, row in _rows(step)}
    named = Participant.objects.filter(pk__in=people).only("pk", "name", "email")
    names = {person.pk: str(person) for person in named}
    fields: dict[int, str] = {}
    if any(step.kind == Kind.BIN for step in steps):
        fields = dict(Field.objects.filter(program=program).values_list("pk", "name"))
    formats = program.formats
    return [
        Happening(
            step,
            name_of(step.by, reader),
            _did(step, names, fields),
            formats.short_moment(step.created_at),
            name_of(step.undone_by, reader) if step.undone_at else "",
        )
        for step in steps
    ]


def steps_of(program: Program) -> Any:
    """Return the program's steps with who did them, the newest first."""
    return BoardStep.objects.filter(program=program).select_related("by", "undone_by")


def _rows(step: BoardStep) -> Iterable[tuple[str, dict[str, Any]]]:
    for change in step.changes:
        for side in ("before", "after"):
            if change[side]:
                yield side, change[side]


def _did(step: BoardStep, names: dict[int, str], fields: dict[int, str]) -> str:
    def name(pk: int | None) -> str:
        return names.get(pk or 0, "somebody who was removed")

    first = step.changes[0]
    row = first["after"] or first["before"]
    pair = f"{name(row['mentor_id'])} & {name(row['mentee_id'])}"
    number = len(step.changes)
    mentors = mentors_by_mentee(step)
    moved = list(mentors.items())
    match step.kind:
        case Kind.MATCH | Kind.MOVE:
            mentee, (before, after) = moved[0]
            if before is None:
                return f"matched {name(mentee)} with {name(after)}"
            to = name(after) if after else "unmatched"
            return f"moved {name(mentee)} from {name(before)} to {to}"
        case Kind.REMATCH:
            ends = [
                f"{name(mentee)} {f'with {name(after)}' if after else 'with nobody'}"
                for mentee, (_, after) in moved
            ]
            return f"rematched {' and '.join(ends)}"
        case Kind.SWAP:
            ends = [
                f"{name(mentee)} {f'to {name(after)}' if after else 'to unmatched'}"
                for mentee, (_, after) in moved
            ]
            return f"swapped {' and '.join(ends)}"
        case Kind.BIN:
            bin_name = fields.get(row["bin_id"] or 0, "another bin")
            return f"moved {pair if number == 1 else f'{number} pairs'} to {bin_name}"
        case Kind.PROPOSAL:
            words = ngettext("%d mentee has", "%d mentees have", len(moved)) % len(moved)
            return f"saved a proposal: {words} another mentor" if moved else "saved a proposal"
        case Kind.SHEETS:
            words = ngettext("%d mentee has", "%d mentees have", len(moved)) % len(moved)
            return f"uploaded edited sheets: {words} another mentor"
        case _:
            return f"{_MANY[Kind(step.kind)]} {pair if number == 1 else f'{number} pairs'}"


def mentors_by_mentee(step: BoardStep) -> dict[int, tuple[int | None, int | None]]:
    """Return the mentees whose mentor a step changed: their mentor before and after, or None."""
    sides: dict[str, dict[int, int]] = {"before": {}, "after": {}}
    mentees = []
    for side, row in _rows(step):
        mentees.append(row["mentee_id"])
        if is_live(row):
            sides[side][row["mentee_id"]] = row["mentor_id"]
    return {
        mentee: (sides["before"].get(mentee), sides["after"].get(mentee))
        for mentee in dict.fromkeys(mentees)
        if sides["before"].get(mentee) != sides["after"].get(mentee)
    }


def people_in(step: BoardStep) -> tuple[set[int], set[int]]:
    """Return the keys of the mentors and of the mentees that a step concerns."""
    rows = [row for _, row in _rows(step)]
    return {row["mentor_id"] for row in rows}, {row["mentee_id"] for row in rows}
