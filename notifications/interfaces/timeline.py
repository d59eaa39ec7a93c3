"""The emails to a person, and whether one is due."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from matching.models import Match
from mentorship.interfaces.timeline.registry import (
    Event,
    NextStep,
    register_events,
    register_step,
)
from mentorship.models import Participant
from notifications.models import MATCH_KINDS, EmailLog, EmailReply

State = EmailLog.State


def _events(person: Participant) -> Iterator[Event]:
    # Every member reads this page, so what is for the chairs only is not on it.
    emails = EmailLog.objects.seen_by(chair=False).filter(people=person)
    emails = emails.defer("text_body", "html_body", "calendar")
    for mail in emails.order_by("queued_at", "pk"):
        path = reverse("admin:notifications_emaillog_change", args=[mail.pk])
        state = mail.get_state_display()
        words = f"{mail.get_kind_display()}: {state.lower()}"
        yield Event(mail.sent_at or mail.queued_at, "mail", words, mail.subject, path)
        if mail.came_back_at:
            words = f"{mail.get_kind_display()}: bounced"
            yield Event(mail.came_back_at, "unsubscribe", words, "", path)


def _replies(person: Participant) -> Iterator[Event]:
    seen = EmailLog.objects.seen_by(chair=False).filter(people=person)
    for reply in EmailReply.objects.filter(participant=person, mail__in=seen):
        path = reverse("admin:notifications_emaillog_change", args=[reply.mail_id])
        words = f"Answered: {reply.subject}" + (" (automatic)" * reply.is_automatic)
        yield Event(reply.received_at, "reply", words, reply.text, path)


def _invite(person: Participant) -> NextStep | None:
    if person.responses.exists() or EmailLog.objects.invitations().filter(people=person).exists():
        return None
    return NextStep("Invite them to the survey.", "Send the survey", reverse("send_survey"))


def _introduce_again(person: Participant) -> NextStep | None:
    """Say that a match knows an address that the person has no more."""
    program = person.program
    if program.is_over(timezone.now()):
        return None
    for match in Match.objects.announced().of_person(person).order_by("pk"):
        introductions = EmailLog.objects.filter(
            Q(match=match) | Q(matches=match), kind__in=MATCH_KINDS, redirected_to=""
        ).exclude(state__in=[State.CANCELLED, State.FAILED])
        emails = {mail.pk: mail for mail in introductions.defer("text_body", "html_body")}
        if any(person.email in mail.recipients for mail in emails.values()):
            continue
        sent = [
            str(pk)
            for pk, mail in sorted(emails.items())
            if mail.state == State.SENT and not (mail.came_back_at or mail.resend_of_id)
        ]
        if sent:
            return NextStep(
                f"Resend their introduction: it gave {match.partner_of(person)} a former address.",
                "Resend",
                f"{reverse('resend_mail')}?emails={','.join(sent)}",
            )
    return None


register_events(_events)
register_events(_replies)
register_step(30, _invite)
register_step(45, _introduce_again)
