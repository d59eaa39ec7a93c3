"""The address to which a mail program writes to end one person's reminders."""

from __future__ import annotations

import re
from email.message import Message
from email.utils import parseaddr

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from mentorship.models import Participant

_ADDRESS = re.compile(r"[+-]stop-(\d{1,18})-([0-9a-f]{12})@")
# Where servers note for whom a message is.
_HEADERS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")


def unsubscribe_address(person: Participant) -> str:
    """Return this person's own address below the mailbox for bounces, "" if nobody reads that.

    Whatever is sent there ends the reminders, with a subject or without.
    """
    if not settings.BOUNCE_IMAP_URL:
        return ""
    name, _, domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")
    sign = "-" if "+" in name else "+"
    return f"{name}{sign}stop-{person.pk}-{_mark(person.pk)}@{domain}"


def person_unsubscribing(message: Message) -> int | None:
    """Return the key of the person whose reminders this message ends, None if it ends none's.

    An address that somebody made up is nobody's.
    """
    written_to = " ".join(str(value) for name in _HEADERS for value in message.get_all(name, []))
    for pk, mark in _ADDRESS.findall(written_to):
        if constant_time_compare(mark, _mark(int(pk))):
            return int(pk)
    return None


def _mark(pk: int) -> str:
    return salted_hmac("notifications.unsubscribe", str(pk)).hexdigest()[:12]
