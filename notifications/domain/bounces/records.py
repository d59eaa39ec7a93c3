"""What is recorded with an email and its people when it bounced, is late or was marked as spam."""

from __future__ import annotations

import datetime
from email.message import Message
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.mail.message import sanitize_address
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from mentorship.domain.people.decisions import mark_bounced, stop_reminders
from mentorship.models import Participant, Program, normalise_address
from notifications.domain.bounces.reports import Report, fingerprint, read_reports, rows_reported
from notifications.models import BOUNCED_KINDS, Bounce, BounceKind, EmailLog

if TYPE_CHECKING:
    from django.contrib.auth.models import User

State = EmailLog.State
NO_WORDS = "the other server did not say why"
UNCLEAR = "Bounced for one of its recipients; we cannot tell which: "
# Servers give up after five days; a report that names none of our emails is about no older one.
LATELY = datetime.timedelta(days=14)


def record(message: Message) -> bool:
    """Record what a message reports about our emails; return whether it is surely about any.

    Each report counts once, however often it is read. A bounce marks the email; a wrong address
    marks the person too, unless they have another one by now. A report that names no recipient
    of the email that it returns, or returns no email of ours but names an address that we wrote
    to lately, waits for a person to say what it is about.
    """
    reports, mark = read_reports(message), fingerprint(message)
    if not reports:
        return False
    emails = list(EmailLog.objects.filter(pk__in=rows_reported(message)).order_by("pk"))
    for mail in emails:
        with transaction.atomic():
            Program.objects.locked(mail.program_id)
            mail.refresh_from_db()
            for report in reports:
                _record(mail, report, mark)
    if emails:
        return True
    for report in reports:
        _list_unclear(report, mark)
    return False


def choices_of(mail: EmailLog, bounce: Bounce) -> list[str]:
    """Return the addresses of an email that an unclear report may be about."""
    people = went_to(mail)
    reported = normalise_address(bounce.reported)
    named = [address for address in people if normalise_address(address) == reported]
    return named or people


def settle(bounce: Bounce, address: str, by: User | None = None) -> bool:
    """Say which address an unclear report is about; return whether it was still unclear.

    The rest goes as if the report had named that address. Raise ValidationError if the email
    never went there.
    """
    with transaction.atomic():
        Program.objects.locked(bounce.mail.program_id)
        mail = EmailLog.objects.get(pk=bounce.mail_id)
        if address not in went_to(mail):
            raise ValidationError(f"That email never went to {address}. Choose one of its people.")
        still = Bounce.objects.unclear().filter(pk=bounce.pk)
        if not still.update(address=address, settled_by=by):
            return False
        bounce.refresh_from_db()
        _apply(mail, bounce)
        return True


def dismiss(bounce: Bounce, by: User | None = None) -> bool:
    """Say that an unclear report is about none of our emails; return whether it was unclear.

    The email counts as sent again, unless another report says otherwise.
    """
    with transaction.atomic():
        Program.objects.locked(bounce.mail.program_id)
        still = Bounce.objects.unclear().filter(pk=bounce.pk)
        if not still.update(dismissed_at=timezone.now(), settled_by=by):
            return False
        others = Bounce.objects.filter(mail=bounce.mail_id, dismissed_at=None)
        mail = EmailLog.objects.filter(pk=bounce.mail_id, state=State.SENT)
        if not any(other.is_bounced for other in others):
            mail.update(came_back_at=None, state_reason="")
        return True


def went_to(mail: EmailLog) -> list[str]:
    """Return every address that this email was handed to a server for, or may have been."""
    if mail.redirected_to:
        return [mail.redirected_to]
    maybe = not mail.sent_to or mail.state in (State.SENDING, State.UNCERTAIN)
    return list(dict.fromkeys([*mail.sent_to, *(mail.recipients if maybe else [])]))


def _record(mail: EmailLog, report: Report, mark: str) -> None:
    bounce, is_new = Bounce.objects.get_or_create(
        mail=mail,
        reported=_reported(report),
        report=mark,
        defaults={
            "address": _recipient(mail, report),
            "kind": report.kind,
            "words": report.words or NO_WORDS,
        },
    )
    if is_new:
        _apply(mail, bounce)


def _apply(mail: EmailLog, bounce: Bounce) -> None:
    """Mark the email, and the person whose address it is, by what a report says."""
    if bounce.kind == BounceKind.COMPLAINT:
        for person in _people(mail, bounce.address):
            stop_reminders(person)
    if not bounce.is_bounced:
        return
    # An address that it was sent to before a correction says nothing of the email as it is now.
    if not bounce.address or bounce.address in (mail.redirected_to or mail.recipients):
        about = f"Bounced: {bounce.address}: " if bounce.address else UNCLEAR
        gone = EmailLog.objects.filter(pk=mail.pk, state__in=[State.SENT, State.UNCERTAIN])
        gone.update(came_back_at=timezone.now(), state_reason=about + bounce.words)
    if bounce.kind == BounceKind.WRONG_ADDRESS and bounce.address:
        for person in _people(mail, bounce.address):
            mark_bounced(person, person.email, bounce.words)


def _people(mail: EmailLog, address: str) -> list[Participant]:
    """Return the people of an email whose address this is by now."""
    return list(mail.people.filter(email=normalise_address(address))) if address else []


def _list_unclear(report: Report, mark: str) -> None:
    """List a report that returns no email of ours with the newest one to that address, if any."""
    if report.kind not in BOUNCED_KINDS:
        return
    named = {normalise_address(text) for text in (report.address, report.also) if text}
    since = timezone.now() - LATELY
    newest = (
        EmailLog.objects.filter(
            program=OuterRef("program"),
            people__email=OuterRef("email"),
            state=State.SENT,
            sent_at__gte=since,
            redirected_to="",
        )
        .order_by("-sent_at", "-pk")
        .values("pk")[:1]
    )
    people = Participant.objects.filter(email__in=named).annotate(newest=Subquery(newest))
    for key in people.exclude(newest=None).order_by("pk").values_list("newest", flat=True):
        if Bounce.objects.unclear().filter(mail=key, reported=_reported(report)).exists():
            continue  # anybody can write such reports, and one is enough to ask
        Bounce.objects.get_or_create(
            mail_id=key,
            reported=_reported(report),
            report=mark,
            defaults={"kind": report.kind, "words": report.words or NO_WORDS},
        )


def _reported(report: Report) -> str:
    return (report.address or report.also)[:254]


def _recipient(mail: EmailLog, report: Report) -> str:
    """Return which address of an email a report means, or "" if that is not clear.

    A mailbox that forwards is reported under the address that it forwards to; with one recipient
    it is clear who that is.
    """
    people = went_to(mail)
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
