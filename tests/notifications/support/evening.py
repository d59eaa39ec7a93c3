"""An evening of the conference on which somebody needs another match."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import timezone

from matching.domain.support.requests import ask_for_help
from matching.models import Concern, Match, Meeting
from mentorship.models import Participant, Program
from notifications.models import EmailLog, Rematch
from tests.factories import MatchFactory, MembershipFactory, ParticipantFactory, ProgramFactory
from tests.matching.support.conftest import announce_now

BIOLOGY, PHYSICS = "Biology/Health", "Physics/Astro/Chemistry"
# Dee mentors Chi, and both know. Eve and Hal have room; Flo has Gus, of which nobody knows.
PEOPLE = {
    "Dee Marsh": {"fields": [BIOLOGY]},
    "Eve Fox": {"fields": [BIOLOGY]},
    "Flo Ray": {"fields": [PHYSICS]},
    "Hal Moe": {"fields": [PHYSICS], "virtual": True},
    "Chi Okafor": {"fields": [BIOLOGY], "mentee": True},
    "Gus Ek": {"fields": [BIOLOGY], "mentee": True},
}


@dataclass
class Evening:
    """The program, its people by their first names, Dee's match, and Chi's help request."""

    program: Program
    people: dict[str, Participant]
    match: Match
    draft: Match
    concern: Concern


def make_evening(kind="cannot_reach", **details) -> Evening:
    today = timezone.localdate(timezone=datetime.UTC)
    program = ProgramFactory(
        name="Conf",
        time_zone="UTC",
        starts_on=today - datetime.timedelta(days=1),
        ends_on=today + datetime.timedelta(days=5),
        contact_by=today + datetime.timedelta(days=1),
        **details,
    )
    people = {}
    for name, given in PEOPLE.items():
        first = name.split()[0]
        address = f"{first.lower()}@freemail.example"
        people[first] = ParticipantFactory(
            program=program, name=name, short_name=first, email=address, **given
        )
    match = MatchFactory(program=program, mentor=people["Dee"], mentee=people["Chi"])
    announce_now(match)
    match.refresh_from_db()
    draft = MatchFactory(program=program, mentor=people["Flo"], mentee=people["Gus"])
    concern = ask_for_help(people["Chi"], kind, "Two emails, no answer", match)
    return Evening(program, people, match, draft, concern)


def member(program, first_name="Sofia", level="member"):
    name = first_name.lower()
    return MembershipFactory(
        program=program, level=level, user__username=name, user__first_name=first_name
    ).user


def everything():
    """Return all rows that a rematch may change, as the database has them."""
    tables = {
        "matches": Match.objects.order_by("pk").values(),
        "meetings": Meeting.objects.order_by("pk").values(),
        "requests": Concern.objects.order_by("pk").values(),
        "emails": EmailLog.objects.order_by("pk").values(
            "pk", "kind", "state", "state_reason", "freed", "recipients", "subject", "text_body"
        ),
    }
    return {name: list(rows) for name, rows in tables.items()}


def told(*, kinds=("match_changed", "match_in_person", "match_call", "ask_mentor")):
    """Return to whom an email of these kinds is queued, in their order."""
    emails = EmailLog.objects.filter(state="queued", kind__in=kinds).order_by("pk")
    return [(mail.kind, *(to.split("@")[0] for to in mail.recipients)) for mail in emails]


def rematches():
    return Rematch.objects.order_by("pk")
