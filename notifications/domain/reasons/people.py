"""Mails to one person, for a reason that lies in this person."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from matching.models import Feedback, Match
from mentorship.models import Participant, Program, Role
from notifications.domain.content import placeholders
from notifications.domain.reasons.base import Occasion, Subject, common_why
from notifications.domain.schedule_defaults import schedule_of
from notifications.models import EmailLog, Kind

State = EmailLog.State


class PersonOccasion(Occasion):
    """A mail to one person, for a reason that lies in this person."""

    def keys(self, program: Program) -> list[int]:
        return list(self.candidates(program).order_by("pk").values_list("pk", flat=True))

    def candidates(self, program: Program) -> QuerySet[Participant]:
        return Participant.objects.filter(program=program)

    def key_of(self, person: Participant) -> str:
        return f"{self.kind}:{person.pk}"

    def subjects(
        self, program: Program, keys: Sequence[int], now: datetime.datetime
    ) -> Iterator[tuple[Subject, str]]:
        people = Participant.objects.filter(program=program, pk__in=keys).order_by("pk")
        self.read(program, keys, now)
        for person in people:
            subject = Subject(self.kind, self.key_of(person), (person,))
            yield subject, common_why(person) or self.why_not(person)

    def read(self, program: Program, keys: Sequence[int], now: datetime.datetime) -> None:
        """Read what `why_not` needs to know of these people."""

    def why_not(self, person: Participant) -> str:
        return ""


class SurveyOccasion(PersonOccasion):
    """Everyone who takes part and has not answered."""

    def read(self, program: Program, keys: Sequence[int], now: datetime.datetime) -> None:
        answered = Participant.objects.filter(pk__in=keys, responses__isnull=False)
        self.answered = set(answered.values_list("pk", flat=True))

    def why_not(self, person: Participant) -> str:
        if person.pk in self.answered:
            return "has answered"
        return "wants no more reminders" if person.unsubscribed_at else ""


class ReminderOccasion(SurveyOccasion):
    """Whoever was invited long enough ago and has not answered; how long, its schedule says."""

    def read(self, program: Program, keys: Sequence[int], now: datetime.datetime) -> None:
        super().read(program, keys, now)
        self.program, self.now = program, now
        schedule = schedule_of(program, self.kind)
        self.after_days, self.at_most = schedule.after_days or 0, schedule.at_most or 0
        self.last: dict[int, datetime.datetime] = {}
        self.doubtful: set[int] = set()
        self.reminders: dict[int, int] = defaultdict(int)
        mails = EmailLog.objects.filter(
            people__in=keys,
            kind__in=[Kind.SURVEY, Kind.REMINDER],
            state__in=[State.SENT, State.UNCERTAIN],
        )
        invitations = mails.told().filter(kind=Kind.SURVEY, state=State.SENT)
        self.invited = set(invitations.values_list("people", flat=True))
        columns = ("people", "kind", "sent_at", "resend_of")
        for pk, kind, sent_at, repeats in mails.values_list(*columns):
            self.reminders[pk] += kind == Kind.REMINDER and not repeats
            if sent_at is None:
                self.doubtful.add(pk)
            else:
                self.last[pk] = max(sent_at, self.last.get(pk, sent_at))

    def key_of(self, person: Participant) -> str:
        return f"{self.kind}:{person.pk}:{self.reminders[person.pk] + 1}"

    def why_not(self, person: Participant) -> str:
        program = self.program
        if why := super().why_not(person):
            return why
        today = program.local(self.now).date()
        if program.announce_on and today > program.announce_on:
            return f"matches were to be announced on {_day(program.announce_on)}"
        if self.repeats:
            # It went to this person already, and counts once.
            return ""
        if why := self.why_never(person):
            return why
        if person.pk not in self.invited:
            return "has not been sent an invitation yet"
        if self.reminders[person.pk] >= self.at_most:
            return f"was reminded {self.reminders[person.pk]} times already"
        due = reminder_due(program, self.last[person.pk], self.after_days)
        if due > self.now:
            return f"was written to recently; a reminder is due on {_day(due.date())}"
        return ""

    def why_never(self, person: Participant) -> str:
        """Give what keeps reminders from a person however much time passes, or nothing."""
        if person.pk in self.doubtful:
            return "nobody knows whether the last mail about the survey arrived"
        return super().why_not(person)


def reminder_due(program: Program, last: datetime.datetime, after_days: int) -> datetime.datetime:
    """Give when a reminder is due for somebody to whom the last mail left at this moment.

    Counted on the program's own clock, so that a change to summer time does not move the hour.
    """
    return program.local(last) + datetime.timedelta(days=after_days)


class RoleOccasion(PersonOccasion):
    """Whose role is in doubt."""

    def candidates(self, program: Program) -> QuerySet[Participant]:
        return program.participants.with_role_in_doubt()

    def read(self, program: Program, keys: Sequence[int], now: datetime.datetime) -> None:
        doubtful = program.participants.with_role_in_doubt().filter(pk__in=keys)
        self.in_doubt = set(doubtful.values_list("pk", flat=True))

    def key_of(self, person: Participant) -> str:
        # Another contradiction later is another occasion to ask.
        return f"{self.kind}:{person.pk}:{placeholders.earlier_role(person)}-{person.role}"

    def why_not(self, person: Participant) -> str:
        return "" if person.pk in self.in_doubt else "the role is settled"


class UnmatchedOccasion(PersonOccasion):
    """Whoever is left once matches are announced."""

    def __init__(self, kind: str, role: str) -> None:
        super().__init__(kind)
        self.role = role

    def candidates(self, program: Program) -> QuerySet[Participant]:
        announced = program.matches.filter(status=Match.Status.ANNOUNCED)
        matched = announced.values("mentor" if self.role == Role.MENTOR else "mentee")
        return program.participants.taking_part().filter(role=self.role).exclude(pk__in=matched)

    def read(self, program: Program, keys: Sequence[int], now: datetime.datetime) -> None:
        self.announced = program.matches.filter(announced_at__isnull=False).exists()
        self.matched: dict[int, str] = {}
        for row in program.matches.live().values_list("mentor", "mentee", "status"):
            for pk in row[:2]:
                if self.matched.get(pk) != Match.Status.ANNOUNCED:
                    self.matched[pk] = row[2]

    def why_not(self, person: Participant) -> str:
        if person.role != self.role:
            return f"is a {person.role} now"
        if status := self.matched.get(person.pk):
            draft = status == Match.Status.DRAFT
            return "has a match that is not announced yet" if draft else "has a match"
        if self.role == Role.MENTOR and not person.capacity:
            return "is pausing (takes 0 mentees)"
        return "" if self.announced else "no match has been announced yet"


class FeedbackOccasion(PersonOccasion):
    """Whoever had an announced match, once the conference is over."""

    def candidates(self, program: Program) -> QuerySet[Participant]:
        return program.participants.taking_part().filter(pk__in=_had_a_match(program))

    def read(self, program: Program, keys: Sequence[int], now: datetime.datetime) -> None:
        self.over = program.local(now).date() > program.ends_on
        self.given = set(
            Feedback.objects.filter(participant__in=keys).values_list("participant", flat=True)
        )
        self.matched = _had_a_match(program)

    def why_not(self, person: Participant) -> str:
        if person.pk not in self.matched:
            return "had no match"
        if person.pk in self.given:
            return "has given feedback"
        return "" if self.over else "the conference is not over yet"


def _had_a_match(program: Program) -> set[int]:
    pairs = program.matches.filter(announced_at__isnull=False).values_list("mentor", "mentee")
    return {pk for pair in pairs for pk in pair}


def _day(date: datetime.date) -> str:
    return f"{date.day} {date:%B}"
