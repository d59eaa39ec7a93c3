"""What the outbox asks the committee to decide."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from mentorship.interfaces.decisions.registry import (
    Button,
    DecisionKind,
    OpenCase,
    Settled,
    Waiting,
    register_decision,
    unknown_choice,
    waiting_row,
)
from mentorship.models import Program
from notifications.domain.bounces.records import choices_of, dismiss, settle
from notifications.domain.outbox import decisions
from notifications.interfaces import ended_matches, matched_people
from notifications.models import Bounce, EmailLog
from notifications.models.email import EmailLogQuerySet

# Each registers a decision of its own.
__all__ = ["ended_matches", "matched_people"]

State = EmailLog.State
_LIST = "admin:notifications_emaillog_changelist"


def _path(mail: EmailLog) -> str:
    return reverse("admin:notifications_emaillog_change", args=[mail.pk])


def _find(emails: QuerySet[EmailLog], at_most: int, *buttons: Button) -> Waiting:
    total = emails.count()
    return Waiting(
        total,
        [
            OpenCase(
                str(mail.pk),
                ", ".join(mail.recipients),
                f"{mail.get_kind_display()}. {mail.state_reason}".strip(),
                _path(mail),
                None,
                buttons,
            )
            for mail in (emails[:at_most] if total else [])
        ],
    )


def _emails(program: Program) -> EmailLogQuerySet:
    """Return a program's emails, but those that name who wrote to the chairs alone."""
    return EmailLog.objects.filter(program=program).seen_by(chair=False)


def _for_chairs(program: Program, at_most: int) -> Waiting:
    """Find what the other kinds leave out, in whatever trouble it is."""
    emails = EmailLog.objects.filter(program=program).for_chairs()
    in_trouble = Q(state__in=[State.FAILED, State.UNCERTAIN]) | ~Q(came_back_at=None)
    unclear = Q(pk__in=Bounce.objects.unclear().values("mail"))
    return _find(emails.filter(in_trouble | unclear), at_most)


def _uncertain(program: Program) -> QuerySet[EmailLog]:
    return _emails(program).filter(state=State.UNCERTAIN)


def _settle_uncertain(settled: Settled) -> str:
    mail = waiting_row(_uncertain(settled.program), settled.key)
    if settled.choice != "was_sent":
        raise unknown_choice()
    decisions.was_sent(_uncertain(settled.program).filter(pk=mail.pk))
    return f"The email to {', '.join(mail.recipients)} counts as sent."


def _unclear(program: Program) -> QuerySet[Bounce]:
    return Bounce.objects.unclear().filter(mail__in=_emails(program))


def _unclear_bounce(bounce: Bounce) -> OpenCase:
    mail = bounce.mail
    addresses = choices_of(mail, bounce)
    return OpenCase(
        str(bounce.pk),
        ", ".join(addresses),
        f"{mail.get_kind_display()}. {bounce.reported}: {bounce.words}",
        _path(mail),
        None,
        (
            *(Button(address, f"{address} did not get it") for address in addresses),
            Button("dismiss", "Dismiss the report"),
        ),
    )


def _find_unclear(program: Program, at_most: int) -> Waiting:
    bounces = _unclear(program).select_related("mail")
    total = bounces.count()
    return Waiting(total, [_unclear_bounce(one) for one in (bounces[:at_most] if total else [])])


def _settle_unclear(settled: Settled) -> str:
    bounce = waiting_row(_unclear(settled.program).select_related("mail"), settled.key)
    if settled.choice == "dismiss":
        dismiss(bounce, settled.by)
        return "Report dismissed."
    settle(bounce, settled.choice, settled.by)
    return f"Recorded: the email to {settled.choice} bounced."


register_decision(
    DecisionKind(
        "unclear_bounce",
        "help",
        35,
        lambda total: (
            ngettext(
                "%(n)d bounce report does not say whose email it is about",
                "%(n)d bounce reports do not say whose email they are about",
                total,
            )
            % {"n": total}
        ),
        _find_unclear,
        _LIST,
        "See all of them",
        "view=unclear",
        _settle_unclear,
    )
)
register_decision(
    DecisionKind(
        "corrected",
        "forward_to_inbox",
        40,
        lambda total: (
            ngettext(
                "%(n)d bounced email can be sent again",
                "%(n)d bounced emails can be sent again",
                total,
            )
            % {"n": total}
        ),
        lambda program, at_most: _find(_emails(program).worth_sending_again(), at_most),
        _LIST,
        "Send again",
        "view=back",
    )
)
register_decision(
    DecisionKind(
        "failed",
        "unsubscribe",
        50,
        lambda total: ngettext("%(n)d email failed", "%(n)d emails failed", total) % {"n": total},
        lambda program, at_most: _find(_emails(program).filter(state=State.FAILED), at_most),
        _LIST,
        "See why",
        "view=failed",
    )
)
register_decision(
    DecisionKind(
        "uncertain",
        "unsubscribe",
        51,
        lambda total: (
            ngettext(
                "%(n)d email may have arrived, or not",
                "%(n)d emails may have arrived, or not",
                total,
            )
            % {"n": total}
        ),
        lambda program, at_most: _find(
            _uncertain(program), at_most, Button("was_sent", "It arrived")
        ),
        _LIST,
        "See all of them",
        "view=uncertain",
        _settle_uncertain,
    )
)
register_decision(
    DecisionKind(
        "receipt_for_chairs",
        "shield_person",
        6,
        lambda total: (
            ngettext(
                "%(n)d email to somebody who wrote to the chairs did not arrive for certain",
                "%(n)d emails to people who wrote to the chairs did not arrive for certain",
                total,
            )
            % {"n": total}
        ),
        _for_chairs,
        _LIST,
        "See the outbox",
        "kind__exact=problem_received",
        chairs_only=True,
    )
)
