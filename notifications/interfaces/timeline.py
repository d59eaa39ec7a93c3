"""The emails to a person, and whether one is due."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from mentorship.interfaces.timeline.registry import (
    Event,
    NextStep,
    register_events,
    register_step,
)
from mentorship.models import Participant
from notifications.models import EmailLog, EmailReply


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


register_events(_events)
register_events(_replies)
register_step(30, _invite)
