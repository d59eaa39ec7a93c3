"""Announcing matches and taking an announcement back, mail and match together."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from matching.models import Match
from mentorship.models import Program
from notifications.domain.outbox.queueing import Queued, queue_mail
from notifications.domain.outbox.worker import cancel_mails
from notifications.domain.reasons import MATCH, MATCH_KINDS
from notifications.models import EmailBatch, EmailLog

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


def announce(program: Program, matches: Iterable[Match], *, by: AbstractBaseUser | None) -> Queued:
    """Announce these matches of a program and queue each pair's mail, which rests as a batch.

    A pair with a problem other than a warning is left out, with the reason.
    """
    return queue_mail(
        program,
        MATCH,
        by=by,
        rest_seconds=settings.BULK_REST_SECONDS,
        only=[match.pk for match in matches],
    )


@transaction.atomic
def take_back(
    batch: EmailBatch,
    *,
    by: AbstractBaseUser | None = None,
    now: datetime.datetime | None = None,
) -> int:
    """Cancel every mail of a batch that still rests; give their number.

    Matches that the batch announced are drafts again. Raises ValidationError, with nothing
    changed, if the batch does not rest any more or was taken back before.
    """
    now = now or timezone.now()
    Program.objects.locked(batch.program_id)
    resting = EmailBatch.objects.filter(pk=batch.pk, taken_back_at=None, leaves_at__gt=now)
    if not resting.update(taken_back_at=now):
        raise ValidationError("It is too late to take these mails back: they leave already.")
    mails = EmailLog.objects.filter(
        batch=batch, state__in=[EmailLog.State.QUEUED, EmailLog.State.HELD]
    )
    introducing = mails.filter(kind__in=MATCH_KINDS)
    told = {
        *introducing.filter(match__isnull=False).values_list("match", flat=True),
        *introducing.filter(matches__isnull=False).values_list("matches", flat=True),
    }
    number = cancel_mails(mails, "taken back")
    matches = list(
        Match.objects.select_for_update(no_key=True).filter(
            pk__in=told, status=Match.Status.ANNOUNCED, announced_at__gte=batch.created_at
        )
    )
    for match in matches:
        match.status, match.announced_at = Match.Status.DRAFT, None
    bulk_update_with_history(matches, Match, ["status", "announced_at"], default_user=by)
    return number
