"""What templates say of emails."""

from django import template

from notifications.models.states import STATES

register = template.Library()


@register.filter
def email_state(name: str) -> str:
    """Return a state as it stands after a number: 3 on hold."""
    return STATES[name].label.lower()
