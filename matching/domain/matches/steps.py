"""Steps: what each action changes among the matches, recorded so that the board can undo it.

Whatever writes matches does it inside `step`. An action made of others (a swap, an upload of
sheets) opens its own step first, and theirs become part of it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max, Q

from matching.models import BoardStep, Match
from mentorship.models import Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

Row = dict[str, Any]
_COLUMNS = [column.attname for column in Match._meta.concrete_fields if column.name != "id"]
_open: ContextVar[Program | None] = ContextVar("program_of_the_open_step", default=None)


@contextmanager
def step(
    program_pk: int, kind: BoardStep.Kind, by: AbstractBaseUser | None, scope: Q
) -> Iterator[Program]:
    """Record what the block does to the program's matches in `scope` as one step; lock the program.

    Yield the locked program. Nothing is recorded if nothing changed, or if a step is open already:
    that one records it.
    """
    around = _open.get()
    if around is not None and around.pk == program_pk:
        yield around
        return
    with transaction.atomic():
        program = Program.objects.locked(program_pk)
        before = rows_of(Q(program=program) & scope)
        token = _open.set(program)
        try:
            yield program
        finally:
            _open.reset(token)
        after = rows_of(Q(program=program) & (scope | Q(pk__in=list(before))))
        changes = [
            {"match": pk, "before": before.get(pk), "after": after.get(pk)}
            for pk in sorted(before.keys() | after.keys())
            if before.get(pk) != after.get(pk)
        ]
        if changes:
            BoardStep.objects.create(
                program=program,
                kind=kind,
                by_id=by.pk if by else None,
                changes=changes,
                version=version_of(program) + 1,
            )


def version_of(program: Program) -> int:
    """Return the number of the last thing that happened on the program's board; 0 for nothing."""
    last = BoardStep.objects.filter(program=program).aggregate(last=Max("version"))["last"]
    return last or 0


def rows_of(scope: Q) -> dict[int, Row]:
    """Return these matches as steps keep them, by their keys."""
    return {
        pk: as_row(row) for pk, *row in Match.objects.filter(scope).values_list("pk", *_COLUMNS)
    }


def as_row(values: list[Any]) -> Row:
    """Return the values of a match's columns as a step keeps them; moments become text."""
    return {
        column: value.isoformat() if isinstance(value, datetime.datetime) else value
        for column, value in zip(_COLUMNS, values, strict=True)
    }


def as_match(pk: int, row: Row) -> Match:
    """Return the match, unsaved, that a step kept as this row."""
    moments = ("announced_at", "dissolved_at", "created_at")
    values = {
        column: datetime.datetime.fromisoformat(value) if value and column in moments else value
        for column, value in row.items()
        if column in _COLUMNS
    }
    return Match(pk=pk, **values)


def is_live(row: Row | None) -> bool:
    """Return whether this row is a draft or an announced match."""
    return row is not None and row["status"] in Match.LIVE


def name_of(user: Any, reader: AbstractBaseUser | None = None) -> str:
    """Return a member as others read who did something; the one who reads it is “You”."""
    if user is None:
        return "The program"
    if reader is not None and user.pk == reader.pk:
        return "You"
    return str(user.get_full_name() or user.get_username())
