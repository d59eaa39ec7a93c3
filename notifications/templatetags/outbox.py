"""What templates say of emails."""

from __future__ import annotations

from django import template
from django.template.context import Context

from mentorship.interfaces.requests import is_chair_of
from mentorship.models import Participant
from notifications.models import EmailLog
from notifications.models.email import EmailLogQuerySet
from notifications.models.states import STATES

register = template.Library()


@register.filter
def email_state(name: str) -> str:
    """Return a state as it stands after a number: 3 on hold."""
    return STATES[name].label.lower()


@register.simple_tag(takes_context=True)
def emails_of(context: Context, person: Participant) -> EmailLogQuerySet:
    """Return the emails to a person that the member who looks may see."""
    emails: EmailLogQuerySet = EmailLog.objects.filter(people=person)
    return emails.seen_by(chair=is_chair_of(context["request"]))
