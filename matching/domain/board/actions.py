"""What the committee does on the board: one step each, refused if the board has moved on.

`seen` is the version of the board that the member had before them (None: whatever there is now).
An action about mentees that a later step has changed is refused with `BoardMoved`, so that nobody
overwrites what they have not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import Q

from matching.domain.board.history import Happening, happenings, people_in, steps_of
from matching.domain.matches import bins, changes
from matching.domain.matches.steps import step
from matching.models import BoardStep, Match
from mentorship.models import Participant, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

WHY_UNMATCHED = "Moved to unmatched on the board"
Kind = BoardStep.Kind


class BoardMoved(ValidationError):
    """Somebody has changed what this action is about; `happenings` says how."""

    def __init__(self, happenings: Sequence[Happening]) -> None:
        self.happenings = happenings
        said = "; ".join(f"{one.said} ({one.when})" for one in happenings)
        super().__init__(f"Nothing was changed, because this has happened meanwhile: {said}.")


def happened_since(
    program: Program, version: int, reader: AbstractBaseUser | None = None
) -> list[Happening]:
    """Return what happened on the board after this version, in order."""
    steps = list(steps_of(program).filter(version__gt=version).order_by("version"))
    return happenings(program, steps, reader) if steps else []


def move(
    mentee: Participant,
    mentor: Participant | None,
    *,
    by: AbstractBaseUser,
    seen: int | None = None,
) -> Match | None:
    """Match a mentee with this mentor, or with nobody; return the live match.

    Raise BoardMoved, and ValidationError as `change_mentor` and `create_match` do.
    """
    with _as_seen(mentee.program, Kind.MOVE, by, [mentee.pk], seen):
        present = Match.objects.live().filter(mentee=mentee).first()
        if mentor is None:
            if present:
                changes.dissolve(present, WHY_UNMATCHED, by=by)
            return None
        if present:
            return changes.change_mentor(present, mentor, by=by)
        return changes.create_match(mentor, mentee, by=by)


def swap(
    mentee: Participant, other: Participant, *, by: AbstractBaseUser, seen: int | None = None
) -> Match:
    """Let two mentees change places; return the first one's match. Raise as `move` does."""
    with _as_seen(mentee.program, Kind.SWAP, by, [mentee.pk, other.pk], seen):
        match = Match.objects.live().filter(mentee=other).first()
        if match is None:
            raise ValidationError(f"{other} has no mentor to swap.")
        return changes.swap(match, mentee, by=by)


def lock_all(
    matches: Sequence[Match], locked: bool, *, by: AbstractBaseUser, seen: int | None = None
) -> None:
    """Lock or unlock live matches of one program. Raise as `move` does, with none changed."""
    with _all_as_seen(matches, Kind.LOCK if locked else Kind.UNLOCK, by, seen):
        for match in matches:
            (changes.lock if locked else changes.unlock)(match, by=by)


def dissolve_all(
    matches: Sequence[Match], why: str, *, by: AbstractBaseUser, seen: int | None = None
) -> None:
    """Dissolve live matches of one program. Raise as `move` does, with none changed."""
    with _all_as_seen(matches, Kind.DISSOLVE, by, seen):
        for match in matches:
            changes.dissolve(match, why, by=by)


def move_all_to_bin(
    matches: Sequence[Match], bin_pk: int, *, by: AbstractBaseUser, seen: int | None = None
) -> str:
    """List live matches of one program in this bin, and return the bin's name.

    Raise as `move` does, with none changed.
    """
    with _all_as_seen(matches, Kind.BIN, by, seen):
        moved = [bins.change_bin(match, bin_pk, by=by) for match in matches]
    return str(moved[0].bin)


def write_note(match: Match, note: str, *, by: AbstractBaseUser, seen: int | None = None) -> None:
    """Keep the committee's note with a live match. Raise as `move` does."""
    with _all_as_seen([match], Kind.NOTE, by, seen):
        changes.write_note(match, note, by=by)


@contextmanager
def _all_as_seen(
    matches: Sequence[Match], kind: Kind, by: AbstractBaseUser, seen: int | None
) -> Iterator[None]:
    if not matches:
        raise ValidationError("Select at least one pair first.")
    mentees = [match.mentee_id for match in matches]
    with _as_seen(matches[0].program, kind, by, mentees, seen):
        yield


@contextmanager
def _as_seen(
    program: Program,
    kind: Kind,
    by: AbstractBaseUser,
    mentees: Iterable[int],
    seen: int | None,
) -> Iterator[None]:
    """Make the block one step about these mentees. Raise BoardMoved if they were changed since."""
    mentees = set(mentees)
    with step(program.pk, kind, by, Q(mentee__in=mentees)) as locked:
        if seen is not None:
            steps = steps_of(locked).filter(version__gt=seen).order_by("version")
            since = [one for one in steps if people_in(one)[1] & mentees]
            if since:
                raise BoardMoved(happenings(locked, since, by))
        yield
