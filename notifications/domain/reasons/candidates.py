"""The one email that may be due, and the audience that a rule is asked about."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from matching.models import Concern, Match, Meeting
from mentorship.models import Participant, Program, SurveyResponse
from notifications.domain.content import pair_placeholders, placeholders
from notifications.domain.content.calendar_entry import (
    calendar_of,
    canceled_calendar,
    hour_calendar,
)
from notifications.models import MATCH_KINDS, PAIR_KINDS, EmailLog, Kind

WITHDREW = "does not take part any more"
OVER = "the conference is over"


@dataclass(frozen=True)
class Candidate:
    """One email that may be due: who gets it, about what, and what stops it, if anything does.

    `about` and `which` tell it from others of its kind, as the columns of EmailLog. `group` are
    the matches of an email to a mentor of several mentees; `meetings` is when people could meet
    first, by the keys of the matches, and `hour` the one on which two agree. `waits` says that the
    obstacle lasts until somebody decides: an email that is there already is put on hold. `token`
    confirms the address of somebody who signs up.
    """

    kind: str
    about: int
    people: tuple[Participant, ...] = ()
    which: str = ""
    repeat: int = 0
    match: Match | None = None
    concern: Concern | None = None
    response: SurveyResponse | None = None
    hour: Meeting | None = None
    token: str = ""
    group: tuple[Match, ...] = ()
    meetings: Mapping[int, datetime.datetime] = field(default_factory=dict)
    obstacle: str = ""
    waits: bool = False

    @property
    def is_due(self) -> bool:
        """Whether nothing stops it."""
        return not self.obstacle

    @property
    def introduced(self) -> tuple[Match, ...]:
        """The matches whose people this email introduces to each other."""
        if self.kind not in MATCH_KINDS:
            return ()
        return self.group or ((self.match,) if self.match else ())

    @property
    def mark(self) -> str:
        """A mark that changes with what the email says of its people: how to reach them, how they
        attend, who it introduces and when they could meet."""
        named = {p for match in self.introduced for p in (match.mentor, match.mentee)}
        facts = [
            self.kind,
            [person.link_key for person in self.people],
            [
                (p.pk, p.email, p.name, p.short_name, p.role, p.attendance)
                for p in sorted(named.union(self.people), key=lambda p: p.pk)
            ],
            [(match.pk, self.meetings.get(match.pk)) for match in self.introduced],
            *([self.hour.sequence] if self.hour else []),
            *(
                placeholders.matched_since(person, self.match)
                for person in self.people
                if self.kind == Kind.MATCH_CHANGED and self.match
            ),
        ]
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    def calendar(self, now: datetime.datetime) -> str:
        """Return the calendar file that goes with this email, written now; "" if there is none."""
        if self.hour is not None and (self.hour.is_agreed or not self.hour.stands):
            return hour_calendar(self.hour, now)
        if self.kind == Kind.MATCH_CHANGED and self.match and self.match.pk in self.meetings:
            return canceled_calendar(self.match, self.meetings[self.match.pk], now)
        return calendar_of(self.introduced, self.meetings, now)

    def values(self) -> dict[str, object]:
        """Return what the placeholders of this email stand for, those of the program apart."""
        if self.kind in PAIR_KINDS:
            return self._pair()
        if self.kind == Kind.SIGNUP:
            return {"signup": placeholders.of_signup(self.token)}
        person = self.people[0]
        own = placeholders.of_person(person)
        values: dict[str, object] = {"person": own}
        if self.kind == Kind.ROLE:
            own["has_match"] = placeholders.has_match(person)
        if self.kind == Kind.MATCH_MENTEE:
            return values | self._pair()
        if self.kind == Kind.MATCH_MENTOR:
            return values | {"mentees": pair_placeholders.of_mentees(self.group, self.meetings)}
        if self.hour is not None:
            values["meeting"] = placeholders.of_hour(person, self.hour)
        if self.match is not None:
            values["match"] = placeholders.of_match(person, self.match)
            values["partner"] = placeholders.of_partner(person, self.match)
        if self.kind in (Kind.ASK_MENTOR, Kind.ASK_MENTOR_AGAIN):
            values["ask"] = placeholders.of_ask(person)
        if self.concern is not None:
            values["concern"] = placeholders.of_concern(self.concern)
        if self.response is not None:
            values["receipt"] = placeholders.of_receipt(self.response)
        return values

    def _pair(self) -> dict[str, object]:
        assert self.match is not None
        return dict(pair_placeholders.of_pair(self.match, self.meetings.get(self.match.pk)))


@dataclass(frozen=True)
class Audience:
    """What a rule is asked about: rows by their keys, or what one email in the outbox is about.

    `is_resend`: the email was sent already and is resent. `only_who`: it is only asked who is due,
    so people and matches may come as the board knows them, with which no email can be written.
    """

    about: Sequence[int]
    email: EmailLog | None = None
    is_resend: bool = False
    only_who: bool = False


Rule = Callable[[Program, datetime.datetime, Audience], list[Candidate]]
# The keys of what a kind looks at when it is queued; those in one unit are looked at together.
Units = Iterable[Sequence[int]]


@dataclass(frozen=True)
class KindRule:
    """Who a kind of email looks at in a program, and the rule that says which are due."""

    units: Callable[[Program], Units]
    rule: Rule


def each(keys: Iterable[int]) -> Units:
    """Return units of which each can be looked at alone."""
    return [(key,) for key in keys]


def common_obstacle(person: Participant) -> str:
    """Return what stops every email to a person; "" if nothing does."""
    if not person.takes_part:
        return WITHDREW
    if person.mail_bounced_at:
        return "email to this address bounced"
    return ""
