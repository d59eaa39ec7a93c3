"""What a person decides about mails in the outbox. Each function gives how many it changed."""

from __future__ import annotations

import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from notifications.domain.outbox.worker import State
from notifications.domain.transport.smtp import in_words
from notifications.models import EmailLog
from notifications.models.email import can_go_again

FOUND = "A committee member found that it had arrived."
WENT_ELSEWHERE = Q(state=State.SENT) & ~Q(redirected_to="")
TAKEN_BACK = "~"  # in the key of a mail that was cancelled because its reason is gone


def _came_back() -> Q:
    return Q(can_go_again(), state=State.SENT)


def hold_mails(mails: QuerySet[EmailLog]) -> int:
    """Stop mails that are queued, until they are released."""
    return mails.filter(state=State.QUEUED).update(
        state=State.HELD, state_reason="Held by the committee."
    )


def release_mails(mails: QuerySet[EmailLog]) -> int:
    """Let mails that are held go on."""
    return mails.filter(state=State.HELD).update(state=State.QUEUED, state_reason="")


def cancel_by_hand(mails: QuerySet[EmailLog]) -> int:
    """Cancel mails that have not left.

    They keep their key: what a person stopped is not queued again by the next bulk send.
    """
    return mails.filter(state__in=[State.QUEUED, State.HELD, State.FAILED]).update(
        state=State.CANCELLED, state_reason="Cancelled by the committee."
    )


def send_again(mails: QuerySet[EmailLog], now: datetime.datetime | None = None) -> int:
    """Queue mails again that failed, are uncertain, came back, went elsewhere or were cancelled.

    Cancelled by hand, that is; and what came back can go again once no address of it is marked
    any more. Whoever has received a mail for certain does not get it a second
    time, and nobody in a program that is anonymised can be written to.
    """
    mails = mails.filter(program__anonymised_at=None)
    for mail in mails.filter(_came_back()).prefetch_related("bounces"):
        back = {bounce.address for bounce in mail.bounces.all() if bounce.is_permanent}
        there = [address for address in mail.delivered_to if address not in back]
        EmailLog.objects.filter(_came_back(), pk=mail.pk).update(delivered_to=there)
    by_hand = Q(state=State.CANCELLED) & ~Q(dedupe_key__contains=TAKEN_BACK)
    not_there = Q(state__in=[State.FAILED, State.UNCERTAIN]) | _came_back() | WENT_ELSEWHERE
    return mails.filter(by_hand | not_there).update(
        state=State.QUEUED,
        sent_at=None,
        came_back_at=None,
        redirected_to="",
        attempts=0,
        not_before=now or timezone.now(),
        claimed_by="",
        state_reason="Queued again by the committee.",
    )


def was_sent(mails: QuerySet[EmailLog]) -> int:
    """Settle uncertain mails: they arrived, at the time at which they were being sent.

    One that the server had refused to one of two people fails, so that it can be sent again to
    that person alone.
    """
    changed = 0
    for mail in mails.filter(state=State.UNCERTAIN):
        got = [address for address in mail.recipients if address not in mail.refusals]
        change = {"state": State.SENT, "sent_at": mail.claimed_at, "state_reason": FOUND}
        if mail.refusals:
            words = in_words(mail.refusals)
            change = {"state": State.FAILED, "state_reason": f"{FOUND} Refused: {words}"}
        changed += EmailLog.objects.filter(pk=mail.pk, state=State.UNCERTAIN).update(
            delivered_to=got, **change
        )
    return changed
