"""Mails about a match, and about a problem with it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from matching.domain.checks import find_problems
from matching.domain.people import read_people
from matching.models import Concern, Match
from mentorship.models import Program
from notifications.domain.occasions.base import MATCH_KINDS, Occasion, Subject, common_why
from notifications.models import EmailLog, Kind

State = EmailLog.State


class MatchOccasion(Occasion):
    """Both people of a match, with the text that fits how they attend."""

    def keys(self, program: Program) -> list[int]:
        mailed = EmailLog.objects.filter(program=program, match__isnull=False, kind__in=MATCH_KINDS)
        drafts = program.matches.filter(status=Match.Status.DRAFT)
        announced = program.matches.filter(status=Match.Status.ANNOUNCED).exclude(
            pk__in=mailed.exclude(state=State.CANCELLED).values("match")
        )
        return sorted(
            {*drafts.values_list("pk", flat=True), *announced.values_list("pk", flat=True)}
        )

    def subjects(
        self, program: Program, keys: Sequence[int], now: datetime.datetime
    ) -> Iterator[tuple[Subject, str]]:
        matches = list(program.matches.filter(pk__in=keys))
        pairs = {pk for match in matches for pk in (match.mentor_id, match.mentee_id)}
        live = list(program.matches.live().filter(mentor__in=[m.mentor_id for m in matches]))
        pairs |= {match.mentee_id for match in live}
        people = read_people(program, only=sorted(pairs))
        wrong: dict[int, str] = {}
        full: dict[int, str] = {}
        for found in find_problems(people, live):
            if found.mentee is None:
                full[found.mentor.pk] = found.detail
            elif not found.warning:
                wrong.setdefault(found.mentee.pk, found.detail)
        for match in matches:
            match.mentor, match.mentee = (
                people.by_pk[match.mentor_id],
                people.by_pk[match.mentee_id],
            )
            kind = Kind.MATCH_CALL if match.needs_call else Kind.MATCH_IN_PERSON
            subject = Subject(
                kind.value, f"match:{match.pk}", (match.mentor, match.mentee), match=match
            )
            if not match.is_live:
                yield subject, "the match was dissolved"
                continue
            bounced = [p for p in subject.people if p.mail_bounced_at]
            why = wrong.get(match.mentee_id) or full.get(match.mentor_id) or ""
            yield subject, why or (f"mail to {bounced[0]} came back" if bounced else "")


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
        told = set(
            EmailLog.objects.filter(
                match__in=keys, kind__in=MATCH_KINDS, state__in=[State.SENT, State.UNCERTAIN]
            ).values_list("match", flat=True)
        )
        begun = program.local(now).date() >= program.starts_on
        for match in matches.order_by("pk"):
            for person in (match.mentor, match.mentee):
                subject = Subject(
                    self.kind, f"{self.kind}:{match.pk}:{person.pk}", (person,), match=match
                )
                yield subject, common_why(person) or self.why_not(match, match.pk in told, begun)

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
