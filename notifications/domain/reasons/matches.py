"""Mails that introduce the people of matches to each other."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import QuerySet

from matching.domain.matches.checks import find_problems
from matching.domain.matches.meetings import first_meetings, read_free_hours
from matching.domain.matches.people import read_people
from matching.models import Match
from mentorship.models import Program
from notifications.domain.reasons.base import MATCH_KINDS, Occasion, Subject
from notifications.models import EmailLog, Kind

State = EmailLog.State
_WAITING_OR_GONE = [state for state in State.values if state != State.CANCELLED]
_DISSOLVED = "the match was dissolved"


def introduced(
    keys: Iterable[int], *states: str, among: QuerySet[EmailLog] | None = None
) -> set[tuple[int, int]]:
    """Give whom a mail in one of these states introduces: (match, person), of these matches.

    With `among`, only these mails count.
    """
    keys = set(keys)
    mails = (EmailLog.objects.all() if among is None else among).filter(
        kind__in=MATCH_KINDS, state__in=states
    )
    return {
        (match, person)
        for match, person in mails.filter(match__in=keys).values_list("match", "people")
    } | {
        (match, person)
        for match, person in mails.filter(matches__in=keys).values_list("matches", "people")
        if match in keys
    }


class MatchOccasion(Occasion):
    """Both people of a match, with the text that fits how they attend.

    Where the program wants one mail a mentor, a mentor of whom several matches are due gets one
    that names all mentees, and each mentee one of their own: an address is for one's match.
    """

    def keys(self, program: Program) -> list[int]:
        live = program.matches.live().order_by("mentor", "pk")
        rows = list(live.values_list("pk", "status", "mentor", "mentee"))
        announced = [pk for pk, status, *_ in rows if status == Match.Status.ANNOUNCED]
        told = introduced(announced, *_WAITING_OR_GONE)
        self.mentor_of = {pk: mentor for pk, _, mentor, _ in rows}
        return [
            pk
            for pk, status, *people in rows
            if status == Match.Status.DRAFT or not told.issuperset((pk, one) for one in people)
        ]

    def parts(self, keys: Sequence[int], size: int) -> Iterator[Sequence[int]]:
        part: list[int] = []
        for key in keys:
            if len(part) >= size and self.mentor_of[key] != self.mentor_of[part[-1]]:
                yield part
                part = []
            part.append(key)
        if part:
            yield part

    def subjects(
        self, program: Program, keys: Sequence[int], now: datetime.datetime
    ) -> Iterator[tuple[Subject, str]]:
        looked = self._look(program, keys, now)
        told = introduced(keys, *_WAITING_OR_GONE)
        known = set(
            EmailLog.objects.filter(
                dedupe_key__in=[subject.key for subject, _ in looked]
            ).values_list("dedupe_key", flat=True)
        )
        due: dict[int, list[Subject]] = {}
        late: dict[int, list[Subject]] = {}
        for subject, why in looked:
            match = subject.match
            assert match is not None
            if why:
                yield subject, why
            elif (match.pk, match.mentor_id) in told:
                yield self._to_mentee(subject), ""
            elif (match.pk, match.mentee_id) in told:
                late.setdefault(match.mentor_id, []).append(subject)
            elif subject.key in known:
                # A person stopped its mail; the mentor's other matches go without it.
                yield subject, ""
            else:
                due.setdefault(match.mentor_id, []).append(subject)
        for pairs in due.values():
            if program.one_mail_a_mentor and len(pairs) > 1:
                yield self._to_mentor(pairs), ""
                pairs = [self._to_mentee(subject) for subject in pairs]
            yield from ((subject, "") for subject in pairs)
        for pairs in late.values():
            yield self._to_mentor(pairs), ""

    def again(self, mail: EmailLog, now: datetime.datetime) -> tuple[Subject | None, str]:
        keys = [match.pk for match in mail.matches.all()]
        if mail.match_id:
            keys.append(mail.match_id)
        looked = []
        for subject, why in self._look(mail.program, keys, now):
            announced = subject.match and subject.match.status == Match.Status.ANNOUNCED
            looked.append((subject, why or ("" if announced else "the match is not announced")))
        stands = [subject for subject, why in looked if not why]
        if not stands:
            return (looked[0][0], looked[0][1]) if looked else (None, "what it was about is gone")
        if mail.kind == Kind.MATCH_MENTOR:
            return self._to_mentor(stands, mail.dedupe_key), ""
        return self._to_mentee(stands[0]) if mail.kind == Kind.MATCH_MENTEE else stands[0], ""

    def _to_mentor(self, pairs: Sequence[Subject], key: str = "") -> Subject:
        matches = tuple(subject.match for subject in pairs if subject.match)
        mentor = matches[0].mentor
        return Subject(
            Kind.MATCH_MENTOR.value,
            key or f"mentor:{mentor.pk}:{min(match.pk for match in matches)}",
            (mentor,),
            group=matches,
            meetings=pairs[0].meetings,
        )

    def _to_mentee(self, pair: Subject) -> Subject:
        assert pair.match is not None
        return Subject(
            Kind.MATCH_MENTEE.value,
            pair.key,
            (pair.match.mentee,),
            match=pair.match,
            meetings=pair.meetings,
        )

    def _look(
        self, program: Program, keys: Sequence[int], now: datetime.datetime
    ) -> list[tuple[Subject, str]]:
        """Give each of these matches as a mail to both people, and what speaks against the pair."""
        matches = list(program.matches.filter(pk__in=keys).order_by("mentor", "pk"))
        mentors = [match.mentor_id for match in matches]
        live = list(program.matches.live().filter(mentor__in=mentors))
        every = [*matches, *live]
        people = read_people(
            program, only={pk for match in every for pk in (match.mentor_id, match.mentee_id)}
        )
        for match in every:
            match.program = program
            match.mentor = people.by_pk[match.mentor_id]
            match.mentee = people.by_pk[match.mentee_id]
        wrong: dict[int, str] = {}
        full: dict[int, str] = {}
        for found in find_problems(people, live):
            if found.mentee is None:
                full[found.mentor.pk] = found.detail
            elif not found.warning:
                wrong.setdefault(found.mentee.pk, found.detail)
        meetings = first_meetings(live, read_free_hours(people.by_pk), now)
        looked = []
        for match in matches:
            kind = Kind.MATCH_CALL if match.needs_call else Kind.MATCH_IN_PERSON
            pair = (match.mentor, match.mentee)
            subject = Subject(kind.value, f"match:{match.pk}", pair, match=match, meetings=meetings)
            bounced = [person for person in pair if person.mail_bounced_at]
            why = wrong.get(match.mentee_id) or full.get(match.mentor_id) or ""
            why = why or (f"mail to {bounced[0]} came back" if bounced else "")
            looked.append((subject, why if match.is_live else _DISSOLVED))
        return looked
