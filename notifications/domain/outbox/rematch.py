"""The rematch from a help request: previewed, applied as one step, undone with its emails.

The preview is the rematch itself, carried out and rolled back: so it shows the very emails.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from matching.domain.board.undo import undo_with_emails
from matching.domain.exclusions.wish_decisions import refuse_unsettled
from matching.domain.matches.asked import asked_about
from matching.domain.matches.changes import announce
from matching.domain.matches.rematch import rematch, rematch_scope
from matching.domain.matches.steps import name_of, step
from matching.domain.proposals.rematches import RematchOption, find_rematches
from matching.domain.support.handling import add_entry, close, held_as_seen
from matching.models import BoardStep, CheckIn, Concern, Match, Meeting
from mentorship.models import Participant, Program
from notifications.domain.outbox.queueing import Writer, plan, refuse_anonymised
from notifications.domain.outbox.states import perform
from notifications.domain.reasons import MATCH
from notifications.models import EmailLog, Kind, Rematch
from notifications.models.states import Actor

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

State = EmailLog.State
Row = dict[str, Any]
REMATCH = "rematch"  # the kind of a batch of such emails, whatever theirs are
_WAITING = (State.QUEUED, State.HELD)
CHANGED = (
    "Nothing was changed: this has changed since you looked at it. Look at the rematches below, "
    "then choose again."
)


@dataclass(frozen=True)
class RematchPreview:
    """What a rematch would send, with the mark by which it is known again.

    `refused` says why it cannot be done, `left_out` who gets no email, and why.
    """

    emails: list[EmailLog] = field(default_factory=list)
    left_out: list[dict[str, str]] = field(default_factory=list)
    mark: str = ""
    refused: str = ""


def waiting_person(concern: Concern) -> Participant:
    """Return who needs somebody else: who asked, or somebody whose match has left."""
    left = concern.kind in (Concern.Kind.CANNOT_TAKE_PART, Concern.Kind.ROLE_CHANGED)
    if left and concern.partner:
        return concern.partner
    if concern.kind == Concern.Kind.ATTENDANCE_CHANGED and concern.match:
        return concern.match.mentee
    return concern.participant


def options_of(concern: Concern) -> list[RematchOption]:
    """Return the rematches that a help request could end with, the best first."""
    return find_rematches(concern.program, waiting_person(concern), concern.match)


def preview_rematch(
    concern: Concern,
    option: RematchOption,
    *,
    by: AbstractBaseUser,
    now: datetime.datetime | None = None,
) -> RematchPreview:
    """Return what an option would send now. Nothing is changed."""
    with transaction.atomic():
        try:
            done = _carry_out(concern, option, by, now or timezone.now())
        except ValidationError as error:
            transaction.set_rollback(True)
            return RematchPreview(refused=" ".join(error.messages))
        emails = list(done.batch.emails.order_by("pk"))
        transaction.set_rollback(True)
    return RematchPreview(emails, done.left_out, _mark(option, emails))


@transaction.atomic
def apply_rematch(
    concern: Concern,
    key: str,
    mark: str,
    *,
    by: AbstractBaseUser,
    settles: bool = False,
    now: datetime.datetime | None = None,
) -> Rematch:
    """Carry out the option with this key, as it was previewed with this mark; return what it was.

    The match ends, the new one is made and the emails are queued as one batch, which rests; with
    `settles` the request is settled too. Raise ValidationError, with nothing changed, if anything
    about it has changed since the preview.
    """
    now = now or timezone.now()
    Program.objects.locked(concern.program_id)
    with held_as_seen(concern, by, None) as row:
        aside = _PutAside(row)
        option = next((one for one in options_of(row) if one.key == key), None)
        if option is None:
            raise ValidationError(_why_gone(row, by))
        done = _carry_out(row, option, by, now)
        if _mark(option, list(done.batch.emails.order_by("pk"))) != mark:
            raise ValidationError(CHANGED)
        pairs = " and ".join(f"{m.mentee} with {m.mentor}" for m in option.moves)
        add_entry(row, f"matched {pairs}"[:400], by=by)
        if settles:
            row.refresh_from_db()
            close(row, f"{option.first.mentee} is matched with {option.first.mentor}.", by)
        return Rematch.objects.create(
            concern=row, step=done.step, batch=done.batch, put_aside=aside.changes()
        )


@dataclass(frozen=True)
class _Done:
    step: BoardStep
    batch: Any
    left_out: list[dict[str, str]]


def _carry_out(
    concern: Concern, option: RematchOption, by: AbstractBaseUser, now: datetime.datetime
) -> _Done:
    program = Program.objects.locked(concern.program_id)
    refuse_anonymised(program)
    refuse_unsettled(program)
    ending, moves = concern.match, [(move.mentee, move.mentor) for move in option.moves]
    left_out: list[dict[str, str]] = []
    writer = Writer(program, now, by, settings.BULK_REST_SECONDS, REMATCH)
    with step(program.pk, BoardStep.Kind.REMATCH, by, rematch_scope(ending, moves)):
        made = rematch(program, ending, moves, by=by)
        asked = asked_about(program, [made]).get(made.pk)
        introduction = Kind.ASK_MENTOR if asked and not asked.may_be_announced else MATCH
        if introduction == MATCH:
            # Before the emails about the end are written: they say who comes next.
            announce([made], by=by)
        if ending:
            _write(writer, Kind.MATCH_CHANGED, ending, left_out)
        if not _write(writer, introduction, made, left_out):
            raise ValidationError(f"{made} cannot be told: {left_out[-1]['why']}.")
    steps = BoardStep.objects.filter(program=program, kind=BoardStep.Kind.REMATCH)
    return _Done(steps.order_by("-pk")[0], writer.batch, left_out)


def _write(writer: Writer, kind: str, match: Match, left_out: list[dict[str, str]]) -> int:
    """Queue the emails of this kind about a match; return how many."""
    due = list(plan(writer.program, kind, writer.now, left_out, [match.pk]))
    if due:
        writer.write(due)
    return len(due)


def _why_gone(concern: Concern, by: AbstractBaseUser) -> str:
    """Return why an option is none any more, with who has rematched meanwhile, if somebody has."""
    applied = Rematch.objects.filter(concern=concern, batch__taken_back_at=None)
    newest = applied.select_related("step__by", "step__program").first()
    if newest is None:
        return CHANGED
    who, formats = name_of(newest.step.by, by), newest.step.program.formats
    has = "have" if who == "You" else "has"
    when = formats.short_moment(newest.step.created_at)
    return f"Nothing was changed: {who} {has} applied a rematch for this request ({when})."


def _mark(option: RematchOption, emails: Sequence[EmailLog]) -> str:
    """Return what changes with the moves, or with any word of the emails."""
    seen = [
        (mail.kind, mail.recipients, mail.subject, mail.text_body, mail.html_body)
        for mail in emails
    ]
    leaves = [move.leaves and move.leaves.pk for move in option.moves]
    return hashlib.sha256(repr((option.key, leaves, seen)).encode()).hexdigest()


class _PutAside:
    """What may end with a match, as it is before: its hour, requests about it, waiting emails."""

    def __init__(self, concern: Concern) -> None:
        match, people = concern.match_id or 0, list[int]()
        if concern.match:
            people = [concern.match.mentor_id, concern.match.mentee_id]
        about = Q(people__in=people) | Q(match=match) | Q(matches=match)
        emails = EmailLog.objects.filter(about, program=concern.program_id)
        waiting = set(emails.filter(state__in=_WAITING).values_list("pk", flat=True))
        self._meetings = Meeting.objects.filter(match=match)
        self._requests = Concern.objects.filter(Q(pk=concern.pk) | Q(match=match))
        self._emails = EmailLog.objects.filter(pk__in=waiting)
        self.before = self._rows()

    def _rows(self) -> dict[str, dict[str, Row]]:
        return {
            "meetings": _values(self._meetings, "accepted_at", "canceled_at", "sequence"),
            "requests": _values(self._requests, "status", "settled_at", "settled_by", "outcome"),
            "emails": _values(self._emails, "state", "state_reason"),
        }

    def changes(self) -> dict[str, dict[str, dict[str, Row]]]:
        """Return what has changed since, by table and key: the rows before and after."""
        after = self._rows()
        return {
            table: {
                key: {"before": row, "after": after[table][key]}
                for key, row in rows.items()
                if after[table][key] != row
            }
            for table, rows in self.before.items()
        }


def _values(rows: QuerySet[Any], *columns: str) -> dict[str, Row]:
    return {
        str(row.pop("pk")): {
            name: value.isoformat() if isinstance(value, datetime.datetime) else value
            for name, value in row.items()
        }
        for row in rows.order_by("pk").values("pk", *columns)
    }


def put_back(done: Rematch, by: AbstractBaseUser | None) -> None:
    """Undo a rematch whose emails the caller has just stopped, row for row.

    Raise ValidationError, to be rolled back with the emails, if somebody has built on it.
    """
    _refuse_used(done)
    aside = done.put_aside
    for key, row in aside["requests"].items():
        # What somebody has decided since stands.
        as_left = {name: row["after"][name] for name in ("status", "outcome")}
        Concern.objects.filter(pk=key, **as_left).update(**row["before"])
    undo_with_emails(done.step, by)
    for key, row in aside["meetings"].items():
        Meeting.objects.filter(pk=key).update(**row["before"])
    for key, row in aside["emails"].items():
        stopped = EmailLog.objects.filter(pk=key, freed=True)
        perform("revive", stopped, Actor.PERSON, state_reason="", freed=False)
        if row["before"]["state"] == State.HELD:
            again = EmailLog.objects.filter(pk=key)
            perform("hold", again, Actor.PERSON, state_reason=row["before"]["state_reason"])
    add_entry(done.concern, "undid the rematch" if by else "The rematch was undone", by=by)


def _refuse_used(done: Rematch) -> None:
    """Refuse to undo a match of which its people have made use on their page already."""
    made = [change["match"] for change in done.step.changes if change["before"] is None]
    for rows in (Meeting.objects, CheckIn.objects, Concern.objects):
        used = rows.filter(match__in=made).select_related("match__mentor", "match__mentee").first()
        if used is not None:
            raise ValidationError(
                f"{used.match} have seen their match and used its page. It cannot be undone."
            )
