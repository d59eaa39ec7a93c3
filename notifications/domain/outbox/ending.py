"""Ending a match of which two people were told, and telling them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from matching.domain.matches.changes import dissolve
from matching.models import Match
from notifications.domain.outbox.queueing import Queued, queue_mail
from notifications.models import Kind

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
