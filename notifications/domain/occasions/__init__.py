"""For each kind of mail: whom it is for, and what would stop it.

An occasion is asked twice: when mails are queued, and once more for each mail right before it
leaves. Both times the same sentences say why somebody does not get it.
"""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError

from matching.models import Match
from mentorship.models import Role
from notifications.domain import placeholders
from notifications.domain.occasions.base import MATCH_KINDS, Occasion, Subject
from notifications.domain.occasions.pairs import ConcernOccasion, MatchOccasion, PartnerOccasion
from notifications.domain.occasions.people import (
    FeedbackOccasion,
    ReminderOccasion,
    RoleOccasion,
    SurveyOccasion,
    UnmatchedOccasion,
)
from notifications.models import EmailLog, Kind

__all__ = [
    "MATCH",
    "MATCH_KINDS",
    "Occasion",
    "Subject",
    "is_outdated",
    "look_again",
    "occasion_of",
    "parse_kind",
]

# The name under which both match variants are queued, each pair with the one it needs.
MATCH = "match"
_BY_KIND: dict[str, type[Occasion]] = {
    Kind.SURVEY: SurveyOccasion,
    Kind.REMINDER: ReminderOccasion,
    Kind.ROLE: RoleOccasion,
    MATCH: MatchOccasion,
    Kind.MATCH_IN_PERSON: MatchOccasion,
    Kind.MATCH_CALL: MatchOccasion,
    Kind.MATCH_CHANGED: PartnerOccasion,
    Kind.CHECK_IN: PartnerOccasion,
    Kind.PROBLEM_RECEIVED: ConcernOccasion,
    Kind.FEEDBACK: FeedbackOccasion,
}


def parse_kind(name: str) -> str:
    """Give the kind that a person means by `name` (hyphens will do; `match` is both variants).

    Raises ValidationError that lists the kinds if there is no such kind.
    """
    kind = name.strip().lower().replace("-", "_")
    if kind != MATCH and kind not in Kind.values:
        raise ValidationError(
            f"There is no kind of mail “{name}”. Kinds: {', '.join([*Kind.values, MATCH])}."
        )
    return kind


def occasion_of(kind: str) -> Occasion:
    """Give the occasion of a kind, or of `match`."""
    if kind == Kind.UNMATCHED_MENTOR:
        return UnmatchedOccasion(kind, Role.MENTOR)
    if kind == Kind.UNMATCHED_MENTEE:
        return UnmatchedOccasion(kind, Role.MENTEE)
    return _BY_KIND[kind](kind)


def look_again(mail: EmailLog, now: datetime.datetime) -> tuple[Subject | None, str]:
    """Give what a mail is about as it is now, and why it must not leave ("" if it may)."""
    people = sorted(mail.people.all(), key=lambda person: person.pk)
    if not people:
        return None, "whom it was for is not in the program any more"
    key = int(mail.dedupe_key.split(":")[1])
    wanted = {person.pk for person in people}
    for subject, why in occasion_of(mail.kind).subjects(mail.program, [key], now):
        if {person.pk for person in subject.people} != wanted:
            continue
        told = subject.match if mail.kind in MATCH_KINDS else None
        if not why and told and told.status != Match.Status.ANNOUNCED:
            why = "the match is not announced"
        return subject, why
    return None, "what it was about is gone"


def is_outdated(mail: EmailLog, subject: Subject) -> bool:
    """Say whether a mail was written for another address, link or way of attending."""
    if mail.kind != subject.kind or mail.recipients != [person.email for person in subject.people]:
        return True
    for person in subject.people:
        link = placeholders.absolute(person.get_absolute_url())
        front = link.split(person.link_key)[0]
        if front in mail.text_body and link not in mail.text_body:
            return True
    return False
