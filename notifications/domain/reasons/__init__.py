"""For each kind of mail: whom it is for, and what would stop it.

An occasion is asked twice: when mails are queued, and once more for each mail right before it
leaves. Both times the same sentences say why somebody does not get it.
"""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError

from mentorship.models import Role
from notifications.domain.reasons.base import MATCH_KINDS, Occasion, Subject
from notifications.domain.reasons.matches import MatchOccasion
from notifications.domain.reasons.pairs import ConcernOccasion, PartnerOccasion
from notifications.domain.reasons.people import (
    FeedbackOccasion,
    ReminderOccasion,
    RoleOccasion,
    SurveyOccasion,
    UnmatchedOccasion,
)
from notifications.domain.reasons.to_oneself import look_at_test
from notifications.models import TEST, EmailLog, Kind

__all__ = [
    "MATCH",
    "MATCH_KINDS",
    "REPEAT",
    "Occasion",
    "Subject",
    "look_again",
    "occasion_of",
    "parse_kind",
]

# The name under which both match variants are queued, each pair with the one it needs.
MATCH = "match"
# Whoever tells a mentor of several mentees tells the mentees too: they go out as `match` only.
_TOGETHER = (Kind.MATCH_MENTOR, Kind.MATCH_MENTEE)
# In the key of a mail that goes once more, between the key of the first one and a number.
REPEAT = ":again:"
_BY_KIND: dict[str, type[Occasion]] = {
    Kind.SURVEY: SurveyOccasion,
    Kind.REMINDER: ReminderOccasion,
    Kind.ROLE: RoleOccasion,
    MATCH: MatchOccasion,
    Kind.MATCH_IN_PERSON: MatchOccasion,
    Kind.MATCH_CALL: MatchOccasion,
    Kind.MATCH_MENTOR: MatchOccasion,
    Kind.MATCH_MENTEE: MatchOccasion,
    Kind.MATCH_CHANGED: PartnerOccasion,
    Kind.CHECK_IN: PartnerOccasion,
    Kind.PROBLEM_RECEIVED: ConcernOccasion,
    Kind.FEEDBACK: FeedbackOccasion,
}


def parse_kind(name: str) -> str:
    """Give the kind that a person means by `name` (hyphens will do; `match` is both variants).

    Raises ValidationError that lists the kinds if there is no such kind, or none that is queued
    by itself.
    """
    kind = name.strip().lower().replace("-", "_")
    kinds = [kind.value for kind in Kind if kind not in _TOGETHER]
    if kind != MATCH and kind not in kinds:
        raise ValidationError(
            f"There is no kind of mail “{name}”. Kinds: {', '.join([*kinds, MATCH])}."
        )
    return kind


def occasion_of(kind: str) -> Occasion:
    """Give the occasion of a kind, or of `match`."""
    if kind == Kind.UNMATCHED_MENTOR:
        return UnmatchedOccasion(kind, Role.MENTOR)
    if kind == Kind.UNMATCHED_MENTEE:
        return UnmatchedOccasion(kind, Role.MENTEE)
    return _BY_KIND[kind](kind)


def look_again(
    mail: EmailLog, now: datetime.datetime, *, repeats: bool = False
) -> tuple[Subject | None, str]:
    """Give what a mail is about as it is now, and why it must not leave ("" if it may).

    One that goes once more (`repeats`) may leave although it has left already.
    """
    if mail.kind == TEST:
        return look_at_test(mail)
    if not mail.people.exists():
        return None, "whom it was for is not in the program any more"
    occasion = occasion_of(mail.kind)
    occasion.repeats = repeats or REPEAT in mail.dedupe_key
    return occasion.again(mail, now)
