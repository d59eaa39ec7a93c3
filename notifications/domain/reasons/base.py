"""What calls for a mail, and the one mail that it calls for."""

from __future__ import annotations

import datetime
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from matching.models import Concern, Match
from mentorship.models import Participant, Program
from notifications.domain.content import pair_placeholders, placeholders
from notifications.domain.content.calendar_entry import calendar_of
from notifications.models import EmailLog, Kind

# Both people of a pair in one mail, in two variants.
PAIR_KINDS = (Kind.MATCH_IN_PERSON, Kind.MATCH_CALL)
# What introduces people to each other.
MATCH_KINDS = (*PAIR_KINDS, Kind.MATCH_MENTOR, Kind.MATCH_MENTEE)
WITHDREW = "does not take part any more"


@dataclass(frozen=True)
class Subject:
    """One mail that may be due: to whom, about what, and under which key it is sent once.

    `group` are the matches of a mail to a mentor of several mentees; `meetings` is when people
    could meet first, by the keys of the matches.
    """

    kind: str
    key: str
    people: tuple[Participant, ...]
    match: Match | None = None
    concern: Concern | None = None
    group: tuple[Match, ...] = ()
    meetings: Mapping[int, datetime.datetime] = field(default_factory=dict)

    @property
    def introduced(self) -> tuple[Match, ...]:
        """The matches whose people this mail introduces to each other."""
        if self.kind not in MATCH_KINDS:
            return ()
        return self.group or ((self.match,) if self.match else ())

    @property
    def mark(self) -> str:
        """A mark that changes with what the mail says of its people: how to reach them, how they
        attend, whom it introduces and when they could meet."""
        named = {p for match in self.introduced for p in (match.mentor, match.mentee)}
        facts = [
            self.kind,
            [person.link_key for person in self.people],
            [
                (p.pk, p.email, p.name, p.short_name, p.role, p.attendance)
                for p in sorted(named.union(self.people), key=lambda p: p.pk)
            ],
            [(match.pk, self.meetings.get(match.pk)) for match in self.introduced],
        ]
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    def calendar(self, now: datetime.datetime) -> str:
        """Give the calendar file that goes with this mail, written now, or nothing."""
        return calendar_of(self.introduced, self.meetings, now)

    def values(self) -> dict[str, object]:
        """Give what the placeholders of this mail stand for, those of the program apart."""
        if self.kind in PAIR_KINDS:
            return self._pair()
        person = self.people[0]
        values: dict[str, object] = {"person": placeholders.of_person(person)}
        if self.kind == Kind.MATCH_MENTEE:
            return values | self._pair()
        if self.kind == Kind.MATCH_MENTOR:
            return values | {"mentees": pair_placeholders.of_mentees(self.group, self.meetings)}
        if self.match is not None:
            values["partner"] = placeholders.of_partner(person, self.match)
        if self.concern is not None:
            values["concern"] = placeholders.of_concern(self.concern)
        return values

    def _pair(self) -> dict[str, object]:
        assert self.match is not None
        return dict(pair_placeholders.of_pair(self.match, self.meetings.get(self.match.pk)))


class Occasion(ABC):
    """What calls for one kind of mail.

    `keys` gives the primary keys of what is looked at when mails are queued; `subjects` gives,
    for such keys, each mail and why it must not leave ("" if it may).
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.repeats = False

    @abstractmethod
    def keys(self, program: Program) -> list[int]: ...

    @abstractmethod
    def subjects(
        self, program: Program, keys: Sequence[int], now: datetime.datetime
    ) -> Iterator[tuple[Subject, str]]: ...

    def parts(self, keys: Sequence[int], size: int) -> Iterator[Sequence[int]]:
        """Give the keys in parts of about this size, of which each can be looked at alone."""
        for start in range(0, len(keys), size):
            yield keys[start : start + size]

    def again(self, mail: EmailLog, now: datetime.datetime) -> tuple[Subject | None, str]:
        """Give what a mail is about as it is now, and why it must not leave ("" if it may)."""
        wanted = {person.pk for person in mail.people.all()}
        key = int(mail.dedupe_key.split(":")[1])
        for subject, why in self.subjects(mail.program, [key], now):
            if {person.pk for person in subject.people} == wanted:
                return subject, why
        return None, "what it was about is gone"


def common_why(person: Participant) -> str:
    """Give what keeps every mail from a person, or nothing."""
    if not person.takes_part:
        return WITHDREW
    if person.mail_bounced_at:
        return "mail to this address came back"
    return ""
