"""How the mail of a rough time comes to its end, without waiting for any clock."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping

from django.utils import timezone

from notifications.domain.outbox import decisions
from notifications.domain.outbox.worker import TRIES, deliver_due
from notifications.models import EmailLog
from tests.notifications.kills.mail_server import NOBODY

HOURS_APART = 6  # longer than any wait between two tries


def drain(*, days: int) -> None:
    """Send all that is queued, as if it were so many days later, until nothing is."""
    later = timezone.now() + datetime.timedelta(days=days)
    for attempt in range(TRIES + 1):
        moment = later + datetime.timedelta(hours=HOURS_APART * attempt)
        if deliver_due(clock=lambda moment=moment: moment).left == 0:
            return


def decide_by_log(taken: Mapping[str, Counter[str]]) -> dict[str, int]:
    """Decide as a person does who looks up each Message-ID; send again what failed."""
    decided: Counter[str] = Counter()
    for mail in EmailLog.objects.filter(state="uncertain"):
        one = EmailLog.objects.filter(pk=mail.pk)
        if set(taken.get(mail.message_id, ())) - set(mail.delivered_to):
            decided["arrived"] += decisions.was_sent(one)
        else:
            decided["sent_again"] += decisions.send_again(one)
    for mail in EmailLog.objects.filter(state="failed"):
        left = set(mail.recipients) - set(mail.delivered_to)
        if any(not who.startswith(NOBODY) for who in left):
            decided["failed_sent_again"] += decisions.send_again(
                EmailLog.objects.filter(pk=mail.pk)
            )
    return dict(decided)
