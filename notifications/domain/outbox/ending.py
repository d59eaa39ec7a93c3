"""Ending or keeping a match of which two people were told, and telling them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from matching.domain.matches.changes import dissolve
from matching.domain.support.handling import settle
from matching.models import Concern, Match
from notifications.domain.outbox.queueing import Queued, queue_mail
from notifications.domain.outbox.resending import plan_resend, resend
from notifications.models import MATCH_KINDS, EmailLog, Kind

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


@transaction.atomic
def dissolve_and_tell(match: Match, why: str, *, by: AbstractBaseUser | None = None) -> Queued:
    """Dissolve a match and queue the emails that tell its people, as a batch that can be undone.

    Who has withdrawn is not told. Raise ValidationError if the match is dissolved already.
    """
    dissolve(match, why, by=by)
    return queue_mail(
        match.program,
        Kind.MATCH_CHANGED,
        by=by,
        rest_seconds=settings.BULK_REST_SECONDS,
        only=[match.pk],
    )


@transaction.atomic
def keep_and_tell(concern: Concern, *, by: AbstractBaseUser | None = None) -> int:
    """Keep a match of which somebody attends another way; return how many emails say so.

    The emails that introduced the two are resent, as they are true now; a batch that can be undone.
    """
    match = concern.match
    assert match is not None
    settle(concern, "The match stands.", by=by)
    about = Q(match=match) | Q(matches=match)
    sent = EmailLog.objects.filter(about, kind__in=MATCH_KINDS, state=EmailLog.State.SENT, repeat=0)
    keys = list(sent.values_list("pk", flat=True).distinct())
    if not plan_resend(match.program, keys).emails:
        return 0
    why = f"{concern.participant} attends another way now"[:200]
    rest = settings.BULK_REST_SECONDS
    return len(resend(match.program, keys, why, by=by, rest_seconds=rest).emails)
