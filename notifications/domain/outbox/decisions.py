"""What a person decides about emails in the outbox. Each function returns how many it changed."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.db.models import QuerySet
from django.utils import timezone

from notifications.domain.outbox.states import perform
from notifications.domain.transport.smtp import in_words
from notifications.models import BOUNCED_KINDS, EmailLog
from notifications.models.states import Actor, can_go_again

State = EmailLog.State
PERSON = Actor.PERSON
FOUND = "A committee member found that it had arrived."


def hold_emails(emails: QuerySet[EmailLog]) -> int:
    """Put emails that are queued on hold, until they are released."""
    return perform("hold", emails, PERSON, state_reason="Put on hold by the committee.")


def release_emails(emails: QuerySet[EmailLog]) -> int:
    """Release emails that are on hold."""
    return perform("release", emails, PERSON, state_reason="")


def cancel_by_hand(emails: QuerySet[EmailLog]) -> int:
    """Cancel emails that have not been sent.

    They are not freed: what a person stopped is not queued again by the next bulk send.
    """
    return perform("cancel", emails, PERSON, state_reason="Canceled by the committee.")


def send_again(emails: QuerySet[EmailLog], now: datetime.datetime | None = None) -> int:
    """Queue emails again that failed, are uncertain, bounced, went elsewhere or were canceled.

    Canceled by hand, that is; and what bounced can go again once no address of it is marked any
    more. Anyone who received an email for certain does not get it a second time, and nobody in a
    program that is anonymized can be written to.
    """
    emails = emails.filter(program__anonymised_at=None)
    now = now or timezone.now()
    for mail in emails.filter(can_go_again(), state=State.SENT):
        bounces = mail.bounces.filter(kind__in=BOUNCED_KINDS, sent_again_at=None)
        back = set(bounces.values_list("address", flat=True))
        there = [address for address in mail.delivered_to if address not in back]
        still = EmailLog.objects.can_go_again().filter(pk=mail.pk, state=State.SENT)
        if still.update(delivered_to=there):
            bounces.update(sent_again_at=now)
    return perform(
        "send_again",
        emails,
        PERSON,
        sent_at=None,
        came_back_at=None,
        redirected_to="",
        attempts=0,
        not_before=now,
        claimed_by="",
        state_reason="Queued again by the committee.",
    )


def was_sent(emails: QuerySet[EmailLog]) -> int:
    """Settle uncertain emails: they arrived, at the time at which they were being sent.

    One that the server had refused to one of two people fails, so that it can be sent again to
    that person alone.
    """
    changed = 0
    for mail in emails.filter(state=State.UNCERTAIN):
        got = [address for address in mail.recipients if address not in mail.refusals]
        this = EmailLog.objects.filter(pk=mail.pk)
        if mail.refusals:
            why = f"{FOUND} Refused: {in_words(mail.refusals)}"
            changed += perform("was_sent_to_one", this, PERSON, delivered_to=got, state_reason=why)
        else:
            changed += perform(
                "was_sent",
                this,
                PERSON,
                delivered_to=got,
                sent_at=mail.claimed_at,
                state_reason=FOUND,
            )
    return changed


Decide = Callable[[QuerySet[EmailLog]], int]
# What each button does, by the name of its transition.
DECIDE: Mapping[str, Decide] = MappingProxyType(
    {
        "hold": hold_emails,
        "release": release_emails,
        "was_sent": was_sent,
        "send_again": send_again,
        "cancel": cancel_by_hand,
    }
)
