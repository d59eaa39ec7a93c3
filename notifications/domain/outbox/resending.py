"""Sending emails once more that had left already, for a reason that a person gives."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from mentorship.models import Program
from notifications.domain.outbox.queueing import Writer, refuse_anonymised, wake_worker
from notifications.domain.reasons import Candidate, ask_again
from notifications.models import RETENTION, TEST, EmailBatch, EmailLog
from notifications.models.email import kinds_like

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

RESEND = "resend"  # the kind of a batch of such emails, whatever theirs are
State = EmailLog.State
_LONGEST = EmailLog._meta.get_field("resend_why").max_length or 0
# Why an email that has not left is not sent once more, and what to do instead.
_NOT_SENT = {
    State.QUEUED: "is queued and will be sent",
    State.SENDING: "is being sent",
    State.FAILED: "was refused; fix what its page says, then press “Send again” there",
    State.UNCERTAIN: "may or may not have arrived; say so on its page, or press “Send again” there",
    State.HELD: "is on hold; release it",
    State.CANCELLED: "was canceled and never sent",
}


@dataclass
class Resend:
    """Which emails are resent, as they would be now; which are not, and why; and the batch."""

    emails: list[tuple[EmailLog, Candidate]] = field(default_factory=list)
    left_out: list[tuple[EmailLog, str]] = field(default_factory=list)
    batch: EmailBatch | None = None


def plan_resend(
    program: Program, keys: Iterable[int], now: datetime.datetime | None = None
) -> Resend:
    """Look at these emails of a program: which could be resent, and why others could not.

    None goes whose reason is gone since. Changes nothing.
    """
    now = now or timezone.now()
    result = Resend()
    chosen = EmailLog.objects.filter(program=program, pk__in=list(keys)).select_related("program")
    repeated = set(
        EmailLog.objects.filter(resend_of__in=chosen)
        .exclude(state__in=[State.SENT, State.CANCELLED])
        .values_list("resend_of", flat=True)
    )
    for mail in chosen.order_by("pk"):
        if mail.state != State.SENT:
            why = _NOT_SENT[State(mail.state)]
        elif mail.came_back_at:
            why = "bounced; correct the address, then press “Send again” on its page"
        elif mail.redirected_to:
            why = f"went to {mail.redirected_to} instead; press “Send again” on its page"
        elif mail.kind == TEST:
            why = "is a test; send another one from the page of its template"
        elif mail.kind == RETENTION:
            why = "went to a chair, not to people in the program"
        elif mail.pk in repeated:
            why = "is being resent already"
        else:
            candidate = ask_again(mail, now, is_resend=True)
            if candidate.is_due:
                result.emails.append((mail, candidate))
                continue
            why = candidate.obstacle
        result.left_out.append((mail, why))
    return result


def resend(
    program: Program,
    keys: Iterable[int],
    why: str,
    *,
    by: AbstractBaseUser | None = None,
    rest_seconds: int = 0,
    now: datetime.datetime | None = None,
) -> Resend:
    """Queue each of these emails again as an email of its own, rewritten; return what was done.

    `why` is kept with each (1 to 200 characters). They wait as one batch, which can be undone
    until sending starts. Raise ValidationError, with nothing queued, without a reason or if none
    can go.
    """
    now = now or timezone.now()
    why = " ".join(why.split())
    if not 0 < len(why) <= _LONGEST:
        raise ValidationError(f"Say why you resend these emails, in 1 to {_LONGEST} characters.")
    with transaction.atomic():
        program = Program.objects.locked(program.pk)
        refuse_anonymised(program)
        result = plan_resend(program, keys, now)
        if not result.emails:
            raise ValidationError("None of these emails can be resent.")
        result.emails = [(mail, _repeated(mail, candidate)) for mail, candidate in result.emails]
        writer = Writer(program, now, by, rest_seconds, RESEND)
        written = writer.write([candidate for _, candidate in result.emails])
        for (original, _), mail in zip(result.emails, written, strict=True):
            mail.resend_of, mail.resend_why = original, why
        EmailLog.objects.bulk_update(written, ["resend_of", "resend_why"], batch_size=100)
        result.batch = writer.batch
        transaction.on_commit(wake_worker)
    return result


def _repeated(mail: EmailLog, candidate: Candidate) -> Candidate:
    """Return a candidate as the next email about the same as `mail`."""
    earlier = EmailLog.objects.filter(
        kind__in=kinds_like(mail.kind), about=mail.about, which=mail.which, repeat__gt=0
    )
    return replace(candidate, about=mail.about, which=mail.which, repeat=earlier.count() + 1)
