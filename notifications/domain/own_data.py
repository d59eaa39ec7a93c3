"""Which emails one person was sent, for that person to download."""

from __future__ import annotations

from typing import Any

from mentorship.models import Participant
from notifications.models import EmailLog

State = EmailLog.State


def emails_of(person: Participant, *, confidential: bool = True) -> list[dict[str, Any]]:
    """Return the emails that were sent to this person, or may have been, oldest first."""
    emails = EmailLog.objects.seen_by(chair=confidential)
    emails = emails.filter(people=person, state__in=[State.SENT, State.UNCERTAIN])
    return [
        {
            "kind": mail.get_kind_display(),
            "sent": mail.sent_at or mail.claimed_at or "",
            "to": mail.recipients,
            "subject": mail.subject,
            "text": mail.text_body,
        }
        for mail in emails.order_by("claimed_at", "pk")
    ]
