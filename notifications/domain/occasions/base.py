"""What calls for a mail, and the one mail that it calls for."""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matching.models import Concern, Match
from mentorship.models import Participant, Program
from notifications.domain import placeholders
from notifications.models import Kind

MATCH_KINDS = (Kind.MATCH_IN_PERSON, Kind.MATCH_CALL)
WITHDREW = "does not take part any more"


@dataclass(frozen=True)
class Subject:
    """One mail that may be due: to whom, about what, and under which key it is sent once."""

    kind: str
    key: str
    people: tuple[Participant, ...]
    match: Match | None = None
    concern: Concern | None = None

    def values(self) -> dict[str, object]:
        """Give what the placeholders of this mail stand for, those of the program apart."""
        if self.kind in (Kind.MATCH_IN_PERSON, Kind.MATCH_CALL):
            assert self.match is not None
            return dict(placeholders.of_pair(self.match))
        person = self.people[0]
        values: dict[str, object] = {"person": placeholders.of_person(person)}
        if self.match is not None:
            values["partner"] = placeholders.of_partner(person, self.match)
        if self.concern is not None:
            values["concern"] = placeholders.of_concern(self.concern)
        return values


class Occasion(ABC):
    """What calls for one kind of mail.

    `keys` gives the primary keys of what is looked at when mails are queued; `subjects` gives,
    for such keys, each mail and why it must not leave ("" if it may).
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind

    @abstractmethod
    def keys(self, program: Program) -> list[int]: ...

    @abstractmethod
    def subjects(
        self, program: Program, keys: Sequence[int], now: datetime.datetime
    ) -> Iterator[tuple[Subject, str]]: ...


def common_why(person: Participant) -> str:
    """Give what keeps every mail from a person, or nothing."""
    if not person.takes_part:
        return WITHDREW
    if person.mail_bounced_at:
        return "mail to this address came back"
    return ""
