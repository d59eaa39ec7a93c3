"""Undoing a batch before sending starts, and the announcement of its matches with it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from matching.domain.matches.asked import forget_asked
from matching.domain.matches.steps import step
from matching.models import BoardStep, Match
from mentorship.models import Program
from notifications.domain.outbox.rematch import put_back
from notifications.domain.outbox.states import perform
from notifications.models import MATCH_KINDS, EmailBatch, EmailLog, Kind, Rematch
from notifications.models.states import Actor

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


@transaction.atomic
def take_back(
    batch: EmailBatch,
    *,
    by: AbstractBaseUser | None = None,
    now: datetime.datetime | None = None,
) -> int:
    """Cancel every email of a batch that still rests; return their number.

    Matches that the batch announced are drafts again, and a rematch is undone whole. Raises
    ValidationError, with nothing changed, if sending has started, the batch was undone before, or
    somebody has built on the rematch.
    """
    now = now or timezone.now()
    Program.objects.locked(batch.program_id)
    resting = EmailBatch.objects.filter(pk=batch.pk, taken_back_at=None, leaves_at__gt=now)
    if not resting.update(taken_back_at=now):
        if EmailBatch.objects.filter(pk=batch.pk, taken_back_at__isnull=False).exists():
            raise ValidationError("This was undone already: none of these emails is sent.")
        raise ValidationError("It is too late to undo: these emails are being sent.")
    emails = EmailLog.objects.filter(
        batch=batch, state__in=[EmailLog.State.QUEUED, EmailLog.State.HELD]
    )
    introducing = emails.filter(kind__in=MATCH_KINDS)
    told = {
        *introducing.filter(match__isnull=False).values_list("match", flat=True),
        *introducing.filter(matches__isnull=False).values_list("matches", flat=True),
    }
    asking = emails.filter(kind=Kind.ASK_MENTOR).values("match")
    forget_asked(Match.objects.filter(pk__in=asking))
    number = perform("undo", emails, Actor.PERSON, state_reason="Undone.", freed=True)
    done = Rematch.objects.filter(batch=batch).select_related("step", "concern").first()
    if done is not None:
        put_back(done, by)
        return number
    matches = list(
        Match.objects.select_for_update(no_key=True).filter(
            pk__in=told, status=Match.Status.ANNOUNCED, announced_at__gte=batch.created_at
        )
    )
    for match in matches:
        match.status, match.announced_at = Match.Status.DRAFT, None
    scope = Q(pk__in=[match.pk for match in matches])
    with step(batch.program_id, BoardStep.Kind.TAKE_BACK, by, scope):
        bulk_update_with_history(matches, Match, ["status", "announced_at"], default_user=by)
    return number
