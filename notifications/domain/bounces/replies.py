"""Answers to our emails among what arrives in the mailbox: what is kept of them, and of which.

Kept are the answers of people to emails about their match or their help request, told by the mark
in the Message-ID that they answer. They stay unread: the mailbox is for people to read.
"""

from __future__ import annotations

import re
from contextlib import suppress
from email.message import Message
from email.utils import parseaddr

from django.db import transaction
from django.db.models import Q

from matching.domain.support.handling import make_due
from matching.models import Concern
from mentorship.models import Program, ProgramAnonymised, normalise_address
from notifications.domain.bounces.reports import fingerprint, first_text
from notifications.domain.content.escaping import one_line
from notifications.domain.transport.message import rows_named_in
from notifications.models import EmailLog, EmailReply, Kind

LONGEST = 5000
# The line with which a mail program begins what it quotes: "On July 8, Ann wrote:".
_QUOTES = re.compile(r"(On|Am|Le|El)\b.{0,200}\b(wrote|schrieb|a écrit|escribió)\b.{0,100}:\s*")
_FORWARDED = re.compile(r"\s*(-{3,}|_{5,}).*")


def may_answer(headers: Message) -> bool:
    """Return whether a message with these headers answers an email of ours."""
    return bool(_answered(headers))


def record_reply(message: Message) -> bool:
    """Keep the answer of a person to an email about their match; return whether it was one.

    It is kept once, however often it is read, and makes an open help request about it due.
    """
    emails = EmailLog.objects.filter(pk__in=_answered(message), program__anonymised_at=None)
    about = ~Q(match=None) | Q(matches__isnull=False) | Q(kind=Kind.PROBLEM_RECEIVED)
    mail = emails.filter(about).order_by("-pk").first()
    sender = normalise_address(parseaddr(str(message.get("From", "")))[1])
    person = mail.people.filter(email=sender).first() if mail and sender else None
    if mail is None or person is None:
        return False
    with suppress(ProgramAnonymised), transaction.atomic():
        Program.objects.in_use(mail.program_id)
        _, is_new = EmailReply.objects.get_or_create(
            mail=mail,
            message=fingerprint(message),
            defaults={
                "participant": person,
                "subject": one_line(str(message.get("Subject", "")))[:400],
                "text": own_words(first_text(message)),
                "is_automatic": str(message.get("Auto-Submitted", "no")).lower() != "no",
            },
        )
        if is_new:
            matches = [match.pk for match in mail.matches.all()] or [mail.match_id or 0]
            receipt = mail.about if mail.kind == Kind.PROBLEM_RECEIVED else 0
            make_due(Concern.objects.filter(Q(match__in=matches) | Q(pk=receipt)))
    return True


def own_words(text: str) -> str:
    """Return what somebody wrote above what their mail program quotes, 5,000 characters at most."""
    lines: list[str] = []
    for line in text.replace("\x00", "").splitlines():
        if _QUOTES.fullmatch(line) or _FORWARDED.fullmatch(line):
            break
        if not line.startswith(">"):
            lines.append(line.rstrip())
    return "\n".join(lines).strip()[:LONGEST]


def _answered(headers: Message) -> set[int]:
    named = [str(headers.get(name, "")) for name in ("In-Reply-To", "References")]
    return rows_named_in("\n".join(named))
