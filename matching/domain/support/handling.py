"""What the committee does with a help request: who takes care of it, until when, and its end.

`seen` is the last entry that the member had before them (0: none; None: whatever there is now).
What somebody else has done or written since is told, and nothing is changed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst

from matching.domain.matches.steps import name_of
from matching.models import Concern, ConcernEntry, Match
from mentorship.models import Membership, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, User

Status = Concern.Status


def sentence_of(entry: ConcernEntry, reader: AbstractBaseUser | None = None) -> str:
    """Return what an entry says, with who did it; the one who reads it is “You”."""
    if entry.by_id is None:
        return str(capfirst(entry.did))
    return f"{name_of(entry.by, reader)} {entry.did}"


def due_words(concern: Concern) -> str:
    """Return when somebody should look at an open request: “now”, or the day."""
    program = concern.program
    if concern.is_due(program.local(timezone.now()).date()):
        return "now"
    return str(program.formats.short_weekday(concern.due_on))


def last_entry(concern: Concern) -> int:
    """Return the key of the last thing that happened with a request; 0 for nothing."""
    return concern.entries.order_by("-pk").values_list("pk", flat=True).first() or 0


def add_entry(
    concern: Concern, did: str, text: str = "", by: AbstractBaseUser | None = None
) -> ConcernEntry:
    """Note what happened with a request. Call it in the transaction in which it happens."""
    return ConcernEntry.objects.create(
        concern=concern, did=did, text=text, by_id=by.pk if by else None
    )


def owners_of(concern: Concern) -> QuerySet[User]:
    """Return the members who may take care of a request, by name: those who may see it."""
    memberships = Membership.objects.filter(
        program=concern.program_id, level__in=Membership.WORKING
    )
    if concern.kind in Concern.CONFIDENTIAL:
        memberships = memberships.filter(level=Membership.Level.CHAIR)
    users = get_user_model().objects.filter(is_active=True)
    members = users.filter(pk__in=memberships.values("user"))
    return members.order_by("first_name", "last_name", "username")


@contextmanager
def held_as_seen(
    concern: Concern, by: AbstractBaseUser | None, seen: int | None
) -> Iterator[Concern]:
    """Yield a request with its row locked. Raise ValidationError if something happened since."""
    with transaction.atomic():
        rows = Concern.objects.select_related("program").select_for_update(of=("self",))
        row = rows.get(pk=concern.pk)
        since = [] if seen is None else row.entries.filter(pk__gt=seen).select_related("by")
        if told := [
            f"{sentence_of(one, by)} ({row.program.formats.short_moment(one.created_at)})"
            for one in since
        ]:
            raise ValidationError(f"Nothing was changed. Meanwhile: {'; '.join(told)}.")
        yield row


def assign(concern: Concern, owner: User | None, *, by: User, seen: int | None = None) -> Concern:
    """Have a member (None: nobody) take care of a request and return it.

    Raise ValidationError if something happened since `seen`, or if the request is not theirs to
    see.
    """
    with held_as_seen(concern, by, seen) as row:
        if owner is not None and not owners_of(row).filter(pk=owner.pk).exists():
            raise ValidationError(f"{name_of(owner)} cannot see this request.")
        if row.owner_id == (owner.pk if owner else None):
            return row
        row.owner = owner
        row.save(update_fields=["owner"])
        if owner is None:
            did = "gave this request back: nobody takes care of it now"
        elif owner.pk == by.pk:
            did = "took this request"
        else:
            did = f"gave this request to {name_of(owner)}"
        add_entry(row, did, by=by)
        return row


def put_off(
    concern: Concern, due_on: datetime.date | None, *, by: User, seen: int | None = None
) -> Concern:
    """Say when somebody looks at a request again (None: now) and return it.

    Raise ValidationError if something happened since `seen`, or the day is past.
    """
    with held_as_seen(concern, by, seen) as row:
        program = row.program
        if due_on is not None and due_on < program.local(timezone.now()).date():
            raise ValidationError("That day is past. Choose today or a later one.")
        if row.due_on == due_on:
            return row
        row.due_on = due_on
        row.save(update_fields=["due_on"])
        when = f"put it off until {program.formats.date(due_on)}" if due_on else "made it due now"
        add_entry(row, when, by=by)
        return row


def make_due(requests: QuerySet[Concern]) -> None:
    """Make those of these requests due now that are open: there is something new to read."""
    requests.filter(status=Status.OPEN).update(due_on=None)


def write_note(concern: Concern, text: str, *, by: User) -> ConcernEntry:
    """Keep a member's note with a request and return it; two notes at once are both kept.

    Raise ValidationError if there are no words.
    """
    text = text.strip()
    if not text:
        raise ValidationError("Write something first.")
    with held_as_seen(concern, by, None) as row:
        return add_entry(row, "noted", text, by)


@transaction.atomic
def settle(
    concern: Concern,
    outcome: str = "",
    *,
    by: AbstractBaseUser | None = None,
    seen: int | None = None,
) -> Concern:
    """Settle a help request that is open and return it; one that is settled stays as it is.

    Of somebody who attends another way it means that the two stay a match. Raise ValidationError
    if something happened since `seen`.
    """
    # Held before the request, in the order in which whatever changes matches holds the two.
    Program.objects.locked(concern.program_id)
    with held_as_seen(concern, by, seen) as row:
        was_open = row.is_open
        close(row, outcome, by)
        if was_open and row.kind == Concern.Kind.ATTENDANCE_CHANGED and row.match:
            Match.objects.filter(pk=row.match.pk).update(
                mentor_attending=row.match.mentor.attendance,
                mentee_attending=row.match.mentee.attendance,
            )
        return row


def close(row: Concern, outcome: str = "", by: AbstractBaseUser | None = None) -> None:
    """Settle a request whose row the caller holds, and nothing but it; do nothing twice."""
    if not row.is_open:
        return
    outcome = outcome.strip()
    row.status = Status.SETTLED
    row.settled_at = timezone.now()
    row.settled_by_id = by.pk if by else None
    row.outcome = outcome or row.outcome
    row.save(update_fields=["status", "settled_at", "settled_by", "outcome"])
    add_entry(row, "settled it" if by else "It was settled", outcome, by)


def reopen(
    concern: Concern, *, by: AbstractBaseUser | None = None, seen: int | None = None
) -> Concern:
    """Open a settled help request again and return it. Raise as `settle` does."""
    with held_as_seen(concern, by, seen) as row:
        if row.status == Status.SETTLED:
            row.status, row.settled_at, row.settled_by = Status.OPEN, None, None
            row.due_on = None
            row.save(update_fields=["status", "settled_at", "settled_by", "due_on"])
            add_entry(row, "reopened it" if by else "It was reopened", by=by)
        return row
