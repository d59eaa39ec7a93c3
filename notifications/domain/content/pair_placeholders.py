"""What the placeholders of emails that introduce people to each other stand for."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mentorship.domain.people.greeting import greeting
from mentorship.models import Attendance, is_address
from notifications.domain.content.calendar_entry import in_words
from notifications.domain.content.escaping import Compose, Joined, PersonAddress, Trusted

if TYPE_CHECKING:
    from matching.models import Match

PROPOSAL = (
    "Hi,\n\nHere are some times when I could meet:\n\n- \n- \n- \n\nWhich one works best for you?\n"
)


def of_pair(match: Match, meeting: datetime.datetime | None) -> dict[str, dict[str, Any]]:
    """Return the values of `mentor.…`, `mentee.…` and `match.…`.

    `meeting`: when the two could meet first, if they stated free hours in common.
    """
    pair = (match.mentor, match.mentee)
    values: dict[str, dict[str, Any]] = {
        "match": {
            "virtual": Trusted(("none", "one", "both")[sum(p.is_virtual for p in pair)]),
            "meeting": in_words(match, meeting) if meeting else Trusted(),
            "propose_times": propose_times([person.email for person in pair]),
        }
    }
    for who, person in zip(("mentor", "mentee"), pair, strict=True):
        values[who] = {
            "called": greeting(person) or str(person),
            "name": str(person),
            "email": address(person.email),
            "attendance": Trusted(dict(Attendance.choices).get(person.attendance, "")),
        }
    return values


def of_mentees(
    matches: Sequence[Match], meetings: Mapping[int, datetime.datetime]
) -> dict[str, Any]:
    """Return the values of `mentees.…` for a mentor of these matches."""
    people = [match.mentee for match in matches]
    calls = sum(match.needs_call for match in matches)
    return {
        "called": listed([greeting(person) or str(person) for person in people]),
        "names": listed([str(person) for person in people]),
        "contacts": Joined(
            [Joined([str(person), address(person.email)], ", ") for person in people], "; "
        ),
        "number": Trusted("one" if len(people) == 1 else "several"),
        "virtual": Trusted(
            "nobody" if not calls else "everyone" if calls == len(people) else "some"
        ),
        "meetings": Joined(
            [
                Joined([str(match.mentee), in_words(match, meetings[match.pk])], ": ")
                for match in matches
                if match.pk in meetings
            ],
            "; ",
        ),
    }


def listed(words: Sequence[str]) -> Joined:
    """Return other people's words as a sentence lists them: A, B and C."""
    if len(words) < 2:
        return Joined(words, "")
    return Joined([Joined(words[:-1], ", "), words[-1]], " and ")


def address(email: str) -> str:
    """Return an email address as it may be shown; what is none is shown as any other words."""
    return PersonAddress(email) if is_address(email) else email


def propose_times(addresses: Sequence[str]) -> str:
    """Return the link that starts an email to these people, or "" if one has no email address."""
    if not all(isinstance(address(email), PersonAddress) for email in addresses):
        return Trusted()
    return Compose(addresses, "When can we meet?", PROPOSAL)
