"""One match as a person of it sees it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from matching.domain.matches.meetings import (
    clock_of,
    days_in_common,
    on_clock,
    read_availability,
)
from matching.domain.support.in_common import InCommon, in_common
from matching.domain.support.meetings import hours_to_propose
from matching.domain.support.while_matched import undecided
from matching.models import CheckIn, Match, Meeting
from mentorship.domain.people.greeting import greeting
from mentorship.models import Participant


@dataclass(frozen=True)
class Hour:
    """An hour to meet, on the clock of each of the two where these differ."""

    start: datetime.datetime
    yours: str
    theirs: str

    @property
    def value(self) -> str:
        """The hour as a form sends it."""
        return self.start.astimezone(datetime.UTC).isoformat()


@dataclass(frozen=True)
class MatchCard:
    """What one person sees of one match."""

    match: Match
    person: Participant
    partner: Participant
    common: InCommon
    days: list[str]
    hours: list[Hour]
    both_said_hours: bool
    meeting: Meeting | None
    met_at: Hour | None
    said: CheckIn | None

    @property
    def partner_called(self) -> str:
        """How to speak of the partner."""
        return greeting(self.partner) or str(self.partner)

    @property
    def is_mentor(self) -> bool:
        """Whether the partner is this person's mentee."""
        return self.match.mentor_id == self.person.pk

    @property
    def to_accept(self) -> bool:
        """Whether the partner has proposed an hour that this person can accept."""
        meeting = self.meeting
        return bool(
            meeting and not meeting.accepted_at and meeting.proposed_by_id != self.person.pk
        )

    @property
    def is_undecided(self) -> bool:
        """Whether one of the two has left, and the committee decides what happens."""
        return bool(undecided(self.match))

    @property
    def clock_missing(self) -> bool:
        """Whether no hour can be suggested because the clock of one of the two is unknown."""
        return not (clock_of(self.person) and clock_of(self.partner))


def match_card(match: Match, person: Participant, now: datetime.datetime) -> MatchCard:
    """Return the card of an announced match for one of its people."""
    partner = match.partner_of(person)
    meeting = Meeting.objects.filter(match=match, canceled_at=None).first()
    formats = match.program.formats
    available = read_availability([match.mentor_id, match.mentee_id])
    return MatchCard(
        match=match,
        person=person,
        partner=partner,
        common=in_common(match),
        days=[formats.weekday(day) for day in days_in_common(match, available)],
        hours=[hour_for(match, person, start) for start in hours_to_propose(match, now)],
        both_said_hours=sum(bool(one.hours) for one in available.values()) == 2,
        meeting=meeting,
        met_at=hour_for(match, person, meeting.starts_at) if meeting else None,
        said=CheckIn.objects.filter(match=match, participant=person).first(),
    )


def hour_for(match: Match, person: Participant, start: datetime.datetime) -> Hour:
    """Return an hour on the clock of this person, and on the partner's if that differs."""
    yours, theirs = clock_of(person), clock_of(match.partner_of(person))
    program = match.program
    here = on_clock(program, start, yours or program.time_zone)
    there = on_clock(program, start, theirs) if theirs and theirs != yours else ""
    return Hour(start, here, there)
