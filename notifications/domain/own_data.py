"""Which emails one person was sent, for that person to download."""

from __future__ import annotations

from typing import Any

from mentorship.models import Participant
from notifications.models import EmailLog, EmailReply

State = EmailLog.State


def emails_of(person: Participant, *, confidential: bool = True) -> list[dict[str, Any]]:
    """Return the emails that were sent to this person, or may have been, oldest first."""
    emails = EmailLog.objects.seen_by(chair=confidential)
    emails = emails.filter(people=person, state__in=[State.SENT, State.UNCERTAIN])
    replies: dict[int, list[str]] = {}
    for reply in EmailReply.objects.filter(participant=person):
        replies.setdefault(reply.mail_id, []).append(reply.text or reply.subject)
    return [
        {
            "kind": mail.get_kind_display(),
            "sent": mail.sent_at or mail.claimed_at or "",
            "to": mail.recipients,
            "subject": mail.subject,
            "text": mail.text_body,
            **({"your_replies": replies[mail.pk]} if mail.pk in replies else {}),
        }
        for mail in emails.order_by("claimed_at", "pk")
    ]
