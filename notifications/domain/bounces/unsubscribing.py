"""Messages by which mail programs end somebody's reminders."""

from __future__ import annotations

from email.message import Message

from mentorship.domain.people.decisions import stop_reminders
from mentorship.models import Participant
from notifications.domain.transport.unsubscribe import person_unsubscribing


def unsubscribe(message: Message) -> bool:
    """End the reminders of the person whose address for that a message was sent to.

    Return whether it was sent to one, of a program that still has its people.
    """
    people = Participant.objects.filter(program__anonymised_at=None)
    person = people.filter(pk=person_unsubscribing(message) or 0).first()
    if person is None:
        return False
    stop_reminders(person)
    return True
