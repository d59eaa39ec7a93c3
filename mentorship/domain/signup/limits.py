"""How often one visitor, or one email address, may ask for something."""

from __future__ import annotations

import datetime

from django.utils import timezone
from django.utils.crypto import salted_hmac

from mentorship.models import RecentRequest

WITHIN = datetime.timedelta(hours=1)


def may_ask(what: str, who: str, at_most: int) -> bool:
    """Count a request and return whether it is one of the first `at_most` within an hour.

    Each is written before any is counted, so that of several at the same time none is counted too
    little. What is older than an hour is deleted.
    """
    now = timezone.now()
    digest = salted_hmac(f"recent request {what}", who, algorithm="sha256").hexdigest()
    RecentRequest.objects.create(what=what, who=digest, at=now)
    RecentRequest.objects.filter(at__lte=now - WITHIN).delete()
    return RecentRequest.objects.filter(what=what, who=digest).count() <= at_most
