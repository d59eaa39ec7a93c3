"""For each kind of email: who it looks at, and the rule that says which of them are due.

A rule is a function of the program, the moment and the audience it is asked about. The same one is
asked when emails are queued and again for each email right before it leaves, so the same sentences
say both times why somebody does not get it.
"""

from __future__ import annotations

import datetime
from functools import partial

from django.core.exceptions import ValidationError

from mentorship.models import Role
from notifications.domain.reasons import matches, mentors, pairs, people, receipts
from notifications.domain.reasons.candidates import Audience, Candidate, KindRule
from notifications.domain.reasons.to_committee import retention, test_email
from notifications.models import RETENTION, TEST, TO_COMMITTEE, EmailLog, Kind

__all__ = ["MATCH", "RULES", "Audience", "Candidate", "KindRule", "ask_again", "parse_kind"]

# The name under which both match variants are queued, each pair with the one it needs.
MATCH = "match"
# Everyone who tells a mentor of several mentees tells the mentees too: they go out as `match` only.
# A receipt goes out with what it confirms, an hour to meet when people agree on it; a link and a
# confirmation to somebody who asks for them.
_NOT_BY_ITSELF = (
    Kind.MATCH_MENTOR,
    Kind.MATCH_MENTEE,
    Kind.RECEIPT,
    Kind.MEETING,
    Kind.LINK,
    Kind.SIGNUP,
)
_INTRODUCTION = KindRule(matches.to_introduce, matches.introduction)


def _unmatched(kind: Kind, role: Role) -> KindRule:
    return KindRule(
        partial(people.unmatched_people, role=role),
        partial(people.unmatched, kind=kind.value, role=role),
    )


RULES: dict[str, KindRule] = {
    Kind.SURVEY: KindRule(people.everyone, people.survey),
    Kind.REMINDER: KindRule(people.everyone, people.reminder),
    Kind.ROLE: KindRule(people.with_unclear_role, people.role),
    Kind.ASK_MENTOR: KindRule(mentors.drafts, mentors.ask_mentor),
    Kind.ASK_MENTOR_AGAIN: KindRule(mentors.drafts, mentors.ask_again),
    MATCH: _INTRODUCTION,
    Kind.MATCH_IN_PERSON: _INTRODUCTION,
    Kind.MATCH_CALL: _INTRODUCTION,
    Kind.MATCH_MENTOR: _INTRODUCTION,
    Kind.MATCH_MENTEE: _INTRODUCTION,
    Kind.UNMATCHED_MENTOR: _unmatched(Kind.UNMATCHED_MENTOR, Role.MENTOR),
    Kind.UNMATCHED_MENTEE: _unmatched(Kind.UNMATCHED_MENTEE, Role.MENTEE),
    Kind.MATCH_CHANGED: KindRule(pairs.dissolved, pairs.match_changed),
    Kind.MEETING: KindRule(pairs.proposed_hours, pairs.meeting),
    Kind.CHECK_IN: KindRule(pairs.announced, pairs.check_in),
    Kind.PROBLEM_RECEIVED: KindRule(pairs.open_requests, pairs.problem_received),
    Kind.FEEDBACK: KindRule(people.with_a_match, people.feedback),
    Kind.RECEIPT: KindRule(lambda program: (), receipts.receipt),
    Kind.LINK: KindRule(lambda program: (), people.link),
    Kind.SIGNUP: KindRule(lambda program: (), people.signup),
    TEST: KindRule(lambda program: (), test_email),
    RETENTION: KindRule(lambda program: (), retention),
}


def kinds_by_hand() -> list[str]:
    """Return the kinds that a person can queue; the last, `match`, is both variants."""
    return [*(kind.value for kind in Kind if kind not in _NOT_BY_ITSELF), MATCH]


def parse_kind(name: str) -> str:
    """Return the kind that a person means by `name`; hyphens will do.

    Raise ValidationError that lists the kinds if it is none of those that can be queued by hand.
    """
    kind = name.strip().lower().replace("-", "_")
    if kind not in (kinds := kinds_by_hand()):
        raise ValidationError(f"There is no kind of email “{name}”. Kinds: {', '.join(kinds)}.")
    return kind


def ask_again(email: EmailLog, moment: datetime.datetime, *, is_resend: bool = False) -> Candidate:
    """Return what an email in the outbox is about as it is now, with what stops it, if anything.

    One that is resent (`is_resend`) may leave although it was sent already.
    """
    if email.program.anonymised_at:
        return _stopped(email, "the program is anonymized")
    audience = {person.pk for person in email.people.all()}
    if not audience and email.kind not in (*TO_COMMITTEE, Kind.SIGNUP):
        return _stopped(email, "the person is not in the program any more")
    about = [match.pk for match in email.matches.all()] or [email.about]
    asked = Audience(about, email, is_resend or email.repeat > 0)
    for candidate in RULES[email.kind].rule(email.program, moment, asked):
        if {person.pk for person in candidate.people} == audience:
            return candidate
    return _stopped(email, "what it was about is gone")


def _stopped(email: EmailLog, why: str) -> Candidate:
    return Candidate(email.kind, email.about, which=email.which, obstacle=why)
