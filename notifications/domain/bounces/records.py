"""What is recorded with an email and its people when it bounced or is late."""

from __future__ import annotations

from email.message import Message

from django.core.mail.message import sanitize_address
from django.db import transaction
from django.utils import timezone

from mentorship.domain.people.decisions import mark_bounced
from mentorship.models import Program, normalise_address
from notifications.domain.bounces.reports import Report, fingerprint, read_reports, rows_reported
from notifications.models import Bounce, EmailLog

State = EmailLog.State
NO_WORDS = "the other server did not say why"


def record(message: Message) -> bool:
    """Record what a message reports about our emails; return whether it is about any.

    Each report counts once, however often it is read. A bounce marks the email and, unless
    they have another address by now, the person; a delay is recorded with the email alone.
    """
    reports, mark = read_reports(message), fingerprint(message)
    rows = rows_reported(message) if reports else set()
    emails = EmailLog.objects.filter(pk__in=rows)
    for mail in emails.select_related("program").order_by("pk"):
        with transaction.atomic():
            Program.objects.locked(mail.program_id)
            for report in reports:
                _record(mail, report, mark)
    return emails.exists()


def _record(mail: EmailLog, report: Report, mark: str) -> None:
    address = _recipient(mail, report)
    if not address:
        return
    words = report.words or NO_WORDS
    bounce, is_new = Bounce.objects.get_or_create(
        mail=mail,
        address=address,
        report=mark,
        defaults={"is_permanent": report.is_permanent, "words": words},
    )
    if not (is_new and bounce.is_permanent):
        return
    gone = EmailLog.objects.filter(pk=mail.pk, state__in=[State.SENT, State.UNCERTAIN])
    gone.update(came_back_at=timezone.now(), state_reason=f"Bounced: {address}: {words}")
    for person in mail.people.filter(email=normalise_address(address)):
        mark_bounced(person, person.email, words)


def _recipient(mail: EmailLog, report: Report) -> str:
    """Return which recipient of an email a report means, or "".

    A mailbox that forwards is reported under the address that it forwards to; with one recipient
    it is clear who that is.
    """
    people = [mail.redirected_to] if mail.redirected_to else mail.recipients
    named = {normalise_address(text) for text in (report.address, report.also) if text}
    for address in people:
        if named & {normalise_address(address), normalise_address(_as_sent(address))}:
            return str(address)
    return str(people[0]) if len(people) == 1 else ""


def _as_sent(address: str) -> str:
    try:
        return str(sanitize_address(address, "utf-8"))
    except (ValueError, UnicodeError):
        return address
