"""What has happened with a person so far, in the words of the people list and its export.

The packages above know of more than this one does (who was invited, who has a match); they add it
with `register`, as a condition on Participant that the list's own query can hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from mentorship.models import Participant


@dataclass(frozen=True)
class State:
    """`name` is a short key, `words` what the list says, `condition` makes a new SQL expression."""

    name: str
    words: str
    condition: Any
    tone: str = "info"

    @property
    def column(self) -> str:
        return f"is_{self.name}"


STATES: list[State] = []


def register(state: State) -> None:
    """Add a state to the people list, after those that are there."""
    STATES.append(state)


def with_states(people: QuerySet[Participant]) -> QuerySet[Participant]:
    """Return the same people, each with one boolean `is_<name>` for every registered state."""
    return people.annotate(
        **{
            state.column: ExpressionWrapper(state.condition(), output_field=BooleanField())
            for state in STATES
        }
    )


def states_of(person: Any) -> list[State]:
    """Return what has happened with this person, who comes from `with_states`."""
    return [state for state in STATES if getattr(person, state.column)]


def _among(people: QuerySet[Participant]) -> Q:
    return Q(pk__in=people.values("pk"))


register(State("answered", "answered", lambda: _among(Participant.objects.answered()), "success"))
register(State("researched", "researched", lambda: _among(Participant.objects.researched())))
register(
    State("bounced", "email bounced", lambda: Q(mail_bounced_at__isnull=False), "danger"),
)
register(
    State("unsubscribed", "no reminders", lambda: Q(unsubscribed_at__isnull=False), "warning"),
)
register(
    State(
        "no_ticket",
        "signed up without a ticket",
        lambda: _among(Participant.objects.without_a_ticket()),
        "warning",
    )
)
register(
    State(
        "missing",
        "no longer registered",
        lambda: Q(missing_since__isnull=False, withdrawn_at=None),
        "warning",
    )
)
register(State("withdrawn", "withdrawn", lambda: Q(withdrawn_at__isnull=False), "plain"))
