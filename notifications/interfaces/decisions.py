"""What the outbox asks the committee to decide."""

from __future__ import annotations

from django.db.models import QuerySet
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
from notifications.interfaces import matched_people
from notifications.models import Bounce, EmailLog

# It registers a decision of its own.
__all__ = ["matched_people"]

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


def _uncertain(program: Program) -> QuerySet[EmailLog]:
    return EmailLog.objects.filter(program=program, state=State.UNCERTAIN)


def _settle_uncertain(settled: Settled) -> str:
    mail = waiting_row(_uncertain(settled.program), settled.key)
    if settled.choice != "was_sent":
        raise unknown_choice()
    decisions.was_sent(_uncertain(settled.program).filter(pk=mail.pk))
    return f"The email to {', '.join(mail.recipients)} counts as sent."


def _unclear(program: Program) -> QuerySet[Bounce]:
    return Bounce.objects.unclear().filter(mail__program=program)


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
        lambda program, at_most: _find(
            EmailLog.objects.filter(program=program).worth_sending_again(), at_most
        ),
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
        lambda program, at_most: _find(
            EmailLog.objects.filter(program=program, state=State.FAILED), at_most
        ),
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
