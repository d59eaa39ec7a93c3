"""The kinds of reports about sent emails, and which of them a person has to decide on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class BounceKind(models.TextChoices):
    """Why an email bounced, is late, or made its reader complain."""

    WRONG_ADDRESS = "wrong_address", "Wrong address"
    FULL = "full", "Mailbox full"
    EXPIRED = "expired", "Never reached their server"
    REJECTED = "rejected", "Rejected by policy"
    TOO_LARGE = "too_large", "Too large"
    UNKNOWN = "unknown", "Bounced"
    LATE = "late", "Late"
    COMPLAINT = "complaint", "Marked as spam"


# What came to nothing; a late email is still on its way, and a complaint is about one that arrived.
BOUNCED_KINDS = tuple(
    kind for kind in BounceKind if kind not in (BounceKind.LATE, BounceKind.COMPLAINT)
)
# What to do about each kind, as the page of the email says it.
WHAT_TO_DO: dict[str, str] = {
    BounceKind.WRONG_ADDRESS: (
        "Correct the person’s address, or say on their page that it is right. Then press “Send "
        "again”."
    ),
    BounceKind.FULL: "Their mailbox has no room. Press “Send again” in a day or two.",
    BounceKind.EXPIRED: (
        "Their server could not be reached for days. Check what comes after the @, or press “Send "
        "again”."
    ),
    BounceKind.REJECTED: (
        "Their server refuses our emails, so the address may well be right. If several were "
        "rejected, tell the host of the site. Otherwise write to the person from your own mailbox."
    ),
    BounceKind.TOO_LARGE: "Shorten its template, then press “Send again”.",
    BounceKind.UNKNOWN: (
        "Their server gave no clear reason. Read its words, then press “Send again”."
    ),
    BounceKind.LATE: "Nothing: their server is still trying.",
    BounceKind.COMPLAINT: "Nothing: this person gets no more reminders.",
}


def unclear(prefix: str = "") -> Q:
    """Return what holds of a bounce that does not tell which address it is about.

    `prefix` is the way to the bounces, such as "bounces__".
    """
    told = {"address": "", "dismissed_at": None, "kind__in": BOUNCED_KINDS}
    return Q(**{prefix + name: value for name, value in told.items()})
