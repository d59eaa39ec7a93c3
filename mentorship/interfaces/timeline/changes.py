"""What became of a person's details since they came."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from mentorship.models import Participant

# The columns whose past values belong to the person, and what a person calls them.
_TRACKED = {
    "name": "Name",
    "short_name": "Goes by",
    "email": "Email address",
    "signup_role": "Role at sign-up",
    "survey_role": "Role in the survey",
    "decided_role": "Role decided",
    "confirmed_role": "Role chosen when asked",
    "other_role": "Could take the other role",
    "signup_attendance": "Attendance by ticket",
    "survey_attendance": "Attendance in the survey",
    "decided_attendance": "Attendance decided",
    "sector_id": "Employment sector",
    "career_stage": "Career stage",
    "affiliation": "Affiliation",
    "capacity": "Mentees at most",
    "topics_wanted": "Would like to talk about",
    "topics_offered": "Could talk about",
    "notes": "Notes",
    "time_zone": "Time zone",
    "ticket": "Ticket",
    "order_number": "Order number",
    "withdrawn_why": "Reason for leaving",
}


@dataclass(frozen=True)
class Change:
    """One detail that changed; `by` is the account that did it, "" if nobody was signed in."""

    when: datetime.datetime
    by: str
    detail: str
    before: str
    after: str


def changed_details(person: Participant) -> list[Change]:
    """Return each change of a person's details, oldest first."""
    sectors = {sector.pk: sector.name for sector in person.program.sectors.all()}
    found: list[Change] = []
    before: dict[str, str] = {}
    states = person.history.select_related("history_user").order_by("history_date", "history_id")
    for state in states:
        now = {
            label: sectors.get(value, "") if column == "sector_id" else str(value or "")
            for column, label in _TRACKED.items()
            for value in [getattr(state, column)]
        }
        by = str(state.history_user or "")
        found += [
            Change(state.history_date, by, label, before[label], value)
            for label, value in now.items()
            if before and before[label] != value
        ]
        before = now
    return found
