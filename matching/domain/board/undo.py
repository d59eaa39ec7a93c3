"""Undoing and redoing the steps of the board.

A step is undone by putting back the rows that it changed, and redone by putting them as it left
them. Both happen only if the rows are still as the step (or its undoing) left them: what somebody
has built on since is refused, with what they did.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from matching.domain.board.history import happenings, people_in, steps_of
from matching.domain.matches.changes import hold_people
from matching.domain.matches.steps import Row, as_match, is_live, rows_of, version_of
from matching.domain.signals import match_dissolved, match_restored
from matching.models import BoardStep, Match
from mentorship.models import Participant, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

Rows = dict[int, Row | None]
_WRITTEN = [
    column.name
    for column in Match._meta.concrete_fields
    if column.name not in ("id", "program", "created_at")
]


def next_to_undo(program: Program, by: AbstractBaseUser) -> BoardStep | None:
    """Return this member's step that came into force last; None if none is in force."""
    return _undoable(program, by).filter(undone_at=None).order_by("-version").first()


def next_to_redo(program: Program, by: AbstractBaseUser) -> BoardStep | None:
    """Return the step that this member undid last and did nothing after; None if there is none."""
    return next_to_redo_after(program, by, next_to_undo(program, by))


def next_to_redo_after(
    program: Program, by: AbstractBaseUser, newest: BoardStep | None
) -> BoardStep | None:
    """Return the same where the member's step that came into force last is known already."""
    undone = _undoable(program, by).filter(
        undone_at__isnull=False, pk__gt=newest.pk if newest else 0
    )
    return undone.order_by("pk").first()


def _undoable(program: Program, by: AbstractBaseUser) -> QuerySet[BoardStep]:
    steps: QuerySet[BoardStep] = steps_of(program)
    return steps.filter(by_id=by.pk).exclude(kind__in=BoardStep.FINAL)


def undo(step: BoardStep, by: AbstractBaseUser) -> BoardStep:
    """Put the matches back as they were before this step, and return it.

    Raise ValidationError, with nothing changed, if it was undone before, if somebody has built on
    it, or if a place or a mentee has been given away meanwhile.
    """
    _refuse_final(step)
    return _turn(step, by, "after", "before")


def undo_with_emails(step: BoardStep, by: AbstractBaseUser | None) -> BoardStep:
    """Undo a step whose emails the caller has just stopped; raise as `undo` does."""
    return _turn(step, by, "after", "before")


def redo(step: BoardStep, by: AbstractBaseUser) -> BoardStep:
    """Put the matches as this undone step had left them, and return it. Raise as `undo` does."""
    _refuse_final(step)
    return _turn(step, by, "before", "after")


def _refuse_final(step: BoardStep) -> None:
    if step.kind in BoardStep.FINAL:
        raise ValidationError("Emails come with this step. Undo them in the outbox instead.")


@transaction.atomic
def _turn(step: BoardStep, by: AbstractBaseUser | None, now: str, then: str) -> BoardStep:
    program = Program.objects.locked(step.program_id)
    step = steps_of(program).get(pk=step.pk)
    undoing = then == "before"
    if undoing == bool(step.undone_at):
        raise ValidationError(f"This step is already {'undone' if undoing else 'in force'}.")
    expected: Rows = {change["match"]: change[now] for change in step.changes}
    wanted: Rows = {change["match"]: change[then] for change in step.changes}
    hold_people(*{key for side in people_in(step) for key in side})
    present = rows_of(Q(program=program, pk__in=list(expected)))
    if any(present.get(pk) != row for pk, row in expected.items()):
        raise ValidationError(_since(program, step, by))
    _refuse_taken(program, step, by, wanted)
    _write(present, wanted, by)
    _refuse_overfull(program, step, by, expected, wanted)
    step.version = version_of(program) + 1
    step.undone_at = timezone.now() if undoing else None
    step.undone_by_id = by.pk if undoing and by else None
    step.save(update_fields=["version", "undone_at", "undone_by"])
    _tell(expected, wanted)
    return step


def _since(
    program: Program, step: BoardStep, by: AbstractBaseUser | None, people: set[int] | None = None
) -> str:
    """Return what happened since to the matches of a step, or to these people, as a sentence."""
    keys = {change["match"] for change in step.changes}
    for later in steps_of(program).filter(version__gt=step.version, undone_at=None):
        concerned = {change["match"] for change in later.changes} & keys
        if people is not None:
            concerned = people & set().union(*people_in(later))
        if concerned:
            one = happenings(program, [later], by)[0]
            has = "have" if one.who == "You" else "has"
            return f"{one.who} {has} since {one.did} ({one.when}). That would be lost."
    return "These pairs have changed since, outside of the board. Change them there by hand."


def _refuse_taken(
    program: Program, step: BoardStep, by: AbstractBaseUser | None, wanted: Rows
) -> None:
    """Refuse what would give a mentee a second mentor or restore who has left since."""
    live = [row for row in wanted.values() if row is not None and is_live(row)]
    mentees = {row["mentee_id"] for row in live}
    others = program.matches.live().filter(mentee__in=mentees).exclude(pk__in=list(wanted))
    if taken := set(others.values_list("mentee_id", flat=True)):
        raise ValidationError(_since(program, step, by, taken))
    people = mentees | {row["mentor_id"] for row in live}
    there = {p.pk: p for p in Participant.objects.filter(program=program, pk__in=people)}
    if len(there) < len(people):
        raise ValidationError("Somebody in these pairs has been removed from the program since.")
    for person in there.values():
        if person.withdrawn_at and person.withdrawn_at > step.created_at:
            raise ValidationError(f"{person} is no longer taking part.")


def _refuse_overfull(
    program: Program, step: BoardStep, by: AbstractBaseUser | None, before: Rows, after: Rows
) -> None:
    """Refuse what has put more mentees with a mentor than fit."""
    gained = _loads(after)
    gained.subtract(_loads(before))
    mentors = [pk for pk, more in gained.items() if more > 0]
    taken = Counter(
        program.matches.live().filter(mentor__in=mentors).values_list("mentor_id", flat=True)
    )
    for mentor in Participant.objects.filter(pk__in=mentors):
        if taken[mentor.pk] > mentor.capacity:
            since = _since(program, step, by, {mentor.pk})
            raise ValidationError(f"{mentor} has no free place any more. {since}")


def _loads(rows: Rows) -> Counter[int]:
    return Counter(row["mentor_id"] for row in rows.values() if row is not None and is_live(row))


def _write(present: dict[int, Row], wanted: Rows, by: AbstractBaseUser | None) -> None:
    """Write these rows; what ends goes first, so that no mentee has two mentors in between."""
    going = [pk for pk, row in wanted.items() if row is None and pk in present]
    Match.objects.filter(pk__in=going).delete()
    staying = [as_match(pk, row) for pk, row in wanted.items() if row is not None and pk in present]
    staying.sort(key=lambda match: match.is_live)
    bulk_update_with_history(staying, Match, _WRITTEN, batch_size=500, default_user=by)
    rows = {pk: row for pk, row in wanted.items() if row is not None and pk not in present}
    coming = [as_match(pk, row) for pk, row in rows.items()]
    bulk_create_with_history(coming, Match, batch_size=500, default_user=by)
    # A new row takes the present moment as its beginning; these are not new.
    again = [as_match(pk, row) for pk, row in rows.items()]
    Match.objects.bulk_update(again, ["created_at"], batch_size=500)


def _tell(before: Rows, after: Rows) -> None:
    """Tell the packages above of matches that ended, or that people know of again."""
    for pk, row in after.items():
        was = before[pk]
        if row is None or was is None or row["status"] == was["status"]:
            continue
        if row["status"] == Match.Status.DISSOLVED:
            match_dissolved.send(Match, match=as_match(pk, row))
        elif was["status"] == Match.Status.DISSOLVED and row["announced_at"]:
            match_restored.send(Match, match=as_match(pk, row))
