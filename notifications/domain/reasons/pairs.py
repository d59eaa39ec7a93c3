"""Mails to each of the two people of a match, and about a problem with it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from matching.models import Concern, Match
from mentorship.models import Program
from notifications.domain.reasons.base import Occasion, Subject, common_why
from notifications.domain.reasons.matches import introduced
from notifications.models import EmailLog, Kind

State = EmailLog.State


class PartnerOccasion(Occasion):
    """Each of the two people of a match, on their own."""

    def keys(self, program: Program) -> list[int]:
        matches = program.matches.filter(announced_at__isnull=False)
        status = (
            Match.Status.DISSOLVED if self.kind == Kind.MATCH_CHANGED else Match.Status.ANNOUNCED
        )
        return list(matches.filter(status=status).order_by("pk").values_list("pk", flat=True))

    def subjects(
        self, program: Program, keys: Sequence[int], now: datetime.datetime
    ) -> Iterator[tuple[Subject, str]]:
        matches = program.matches.filter(pk__in=keys).select_related("mentor", "mentee")
        told = introduced(keys, State.SENT, State.UNCERTAIN, among=EmailLog.objects.told())
        begun = program.local(now).date() >= program.starts_on
        for match in matches.order_by("pk"):
            for person in (match.mentor, match.mentee):
                subject = Subject(
                    self.kind, f"{self.kind}:{match.pk}:{person.pk}", (person,), match=match
                )
                yield (
                    subject,
                    common_why(person) or self.why_not(match, (match.pk, person.pk) in told, begun),
                )

    def why_not(self, match: Match, told: bool, begun: bool) -> str:
        if not told:
            return "was never told of this match"
        if self.kind == Kind.MATCH_CHANGED:
            return "the match stands" if match.is_live else ""
        if match.status != Match.Status.ANNOUNCED:
            return "the match was dissolved"
        return "" if begun else "the conference has not begun yet"


class ConcernOccasion(Occasion):
    """Whoever reported a problem."""

    def keys(self, program: Program) -> list[int]:
        concerns = Concern.objects.filter(program=program, status=Concern.Status.OPEN)
        return list(concerns.order_by("pk").values_list("pk", flat=True))

    def subjects(
        self, program: Program, keys: Sequence[int], now: datetime.datetime
    ) -> Iterator[tuple[Subject, str]]:
        concerns = Concern.objects.filter(program=program, pk__in=keys)
        for concern in concerns.select_related("participant").order_by("pk"):
            person = concern.participant
            key = f"{self.kind}:{concern.pk}"
            # Who says that they cannot take part is still told that it arrived.
            why = "mail to this address came back" if person.mail_bounced_at else ""
            if concern.status != Concern.Status.OPEN:
                why = "the problem is settled"
            yield Subject(self.kind, key, (person,), concern=concern), why
