"""Carrying out transitions: the only code that changes the state of an email.

Each is a compare-and-set, an update that names the states it starts from. Whatever two workers, or
a worker and a person, do at the same moment, one of them makes the transition and the other one
finds that it is made. `notifications.models.states` has the table, docs/mail.md the picture.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from notifications.models import EmailLog
from notifications.models.states import TRANSITIONS, Actor, named


def perform(name: str, emails: QuerySet[EmailLog], by: Actor, **changes: Any) -> int:
    """Carry out the transition of this name on those emails that may take it; return their number.

    `changes` are other columns to set in the same update. Raise KeyError if there is no such
    transition that `by` may trigger.
    """
    target = named(name, by)[0].target
    return emails.filter(allowed(name)).update(state=target, **changes)


def allowed(name: str) -> Q:
    """Return what holds of an email that may take the transition of this name."""
    return reduce(or_, (Q(state=step.source) & step.condition() for step in named(name)))


def buttons() -> dict[str, str]:
    """Return the words on each button that a person may press, by the name of its transition."""
    return {step.name: step.button for step in TRANSITIONS if step.button}


def offered(email: EmailLog) -> dict[str, str]:
    """Return the buttons that an email as it is now offers, as `buttons`."""
    this = EmailLog.objects.filter(pk=email.pk)
    from_here = {step.name for step in TRANSITIONS if step.source == email.state}
    return {
        name: words
        for name, words in buttons().items()
        if name in from_here and this.filter(allowed(name)).exists()
    }
