"""What is counted of a program, for the dashboard, the report and the sidebar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import ngettext

from matching.models import Concern, Feedback, Match
from mentorship.domain.programs.statements import ProgramStatement
from mentorship.domain.survey.doubts import doubtful_answers
from mentorship.models import Participant, Program, SurveyResponse
from notifications.models import MATCH_KINDS, EmailLog, Kind


@dataclass(frozen=True)
class Numbers:
    """What is counted of a program. People are those who take part, unless the name says more.

    `introducing` are the match emails that wait in the outbox. `untold_mentors` and
    `untold_mentees` have no match, and no email that says so.
    """

    people: int = 0
    mentors: int = 0
    mentees: int = 0
    withdrawn: int = 0
    roles_in_doubt: int = 0
    missing: int = 0
    came_back: int = 0
    invited: int = 0
    to_invite: int = 0
    answered: int = 0
    researched: int = 0
    left_to_research: int = 0
    reminders: int = 0
    drafts: int = 0
    announced: int = 0
    matched_mentees: int = 0
    matched_mentors: int = 0
    untold_mentors: int = 0
    untold_mentees: int = 0
    queued: int = 0
    introducing: int = 0
    failed: int = 0
    uncertain: int = 0
    doubtful_answers: int = 0
    open_concerns: int = 0
    concerns: int = 0
    feedback: int = 0

    @property
    def not_answered(self) -> int:
        return self.people - self.answered

    @property
    def unmatched_mentees(self) -> int:
        return self.mentees - self.matched_mentees

    @property
    def idle_mentors(self) -> int:
        return self.mentors - self.matched_mentors

    @property
    def emails_in_trouble(self) -> int:
        return self.failed + self.uncertain


def count(program: Program, *, chair: bool = False) -> Numbers:
    """Return what the dashboard and the report count, in six queries.

    `chair`: also the help requests, and emails about them, that only chairs may see.
    """
    everyone = Participant.objects.filter(program=program)
    taking_part = Q(withdrawn_at=None)
    answered = Q(pk__in=Participant.objects.answered().values("pk"))
    # When a person has left the program, the email is still there and the person is not.
    survey = EmailLog.objects.filter(program=program, kind=Kind.SURVEY, people__isnull=False)
    invited = Q(pk__in=survey.invitations().values("people"))
    # An invitation that failed or bounced is sent again from the outbox, not as a new one.
    asked = Q(pk__in=survey.filter(freed=False).values("people"))
    reachable = Q(unsubscribed_at=None, mail_bounced_at=None)
    researched = Q(pk__in=Participant.objects.researched().values("pk"))
    live = Match.objects.filter(program=program).live()
    told = EmailLog.objects.filter(
        program=program,
        kind__in=[Kind.UNMATCHED_MENTOR, Kind.UNMATCHED_MENTEE],
        freed=False,
        people__isnull=False,
    )
    untold = taking_part & Q(mail_bounced_at=None) & ~Q(pk__in=told.values("people"))
    people = everyone.aggregate(
        people=Count("pk", filter=taking_part),
        mentors=Count("pk", filter=taking_part & Q(role="mentor")),
        mentees=Count("pk", filter=taking_part & Q(role="mentee")),
        withdrawn=Count("pk", filter=~taking_part),
        roles_in_doubt=Count(
            "pk", filter=Q(pk__in=Participant.objects.with_role_in_doubt().values("pk"))
        ),
        missing=Count("pk", filter=Q(pk__in=Participant.objects.not_in_signups().values("pk"))),
        came_back=Count("pk", filter=taking_part & Q(mail_bounced_at__isnull=False)),
        invited=Count("pk", filter=taking_part & invited),
        to_invite=Count("pk", filter=taking_part & ~answered & ~asked & reachable),
        answered=Count("pk", filter=taking_part & answered),
        researched=Count("pk", filter=taking_part & ~answered & researched),
        left_to_research=Count(
            "pk", filter=Q(pk__in=Participant.objects.left_to_research().values("pk"))
        ),
        matched_mentees=Count(
            "pk", filter=taking_part & Q(role="mentee", pk__in=live.values("mentee"))
        ),
        matched_mentors=Count(
            "pk", filter=taking_part & Q(role="mentor", pk__in=live.values("mentor"))
        ),
        untold_mentors=Count(
            "pk",
            filter=untold & Q(role="mentor", capacity__gt=0) & ~Q(pk__in=live.values("mentor")),
        ),
        untold_mentees=Count(
            "pk", filter=untold & Q(role="mentee") & ~Q(pk__in=live.values("mentee"))
        ),
    )
    state = EmailLog.State
    emails = (
        EmailLog.objects.seen_by(chair=chair)
        .filter(program=program)
        .aggregate(
            queued=Count("pk", filter=Q(state__in=[state.QUEUED, state.SENDING])),
            introducing=Count(
                "pk", filter=Q(state__in=[state.QUEUED, state.SENDING], kind__in=MATCH_KINDS)
            ),
            failed=Count("pk", filter=Q(state=state.FAILED)),
            uncertain=Count("pk", filter=Q(state=state.UNCERTAIN)),
            reminders=Count("pk", filter=Q(kind=Kind.REMINDER, state=state.SENT)),
        )
    )
    matches = live.aggregate(
        drafts=Count("pk", filter=Q(status=Match.Status.DRAFT)),
        announced=Count("pk", filter=Q(status=Match.Status.ANNOUNCED)),
    )
    concerns = (
        Concern.objects.seen_by(chair=chair)
        .filter(program=program)
        .aggregate(
            concerns=Count("pk"), open_concerns=Count("pk", filter=Q(status=Concern.Status.OPEN))
        )
    )
    return Numbers(
        **people,
        **emails,
        **matches,
        **concerns,
        doubtful_answers=len(doubtful_answers(program)),
        feedback=Feedback.objects.filter(program=program).count(),
    )


@dataclass(frozen=True)
class Badges:
    """What the sidebar of every page counts, as `Numbers` does."""

    people: int
    left_to_research: int
    doubtful_answers: int
    emails_in_trouble: int
    open_concerns: int


def badges(program: Program, *, chair: bool = False) -> Badges:
    """Return what stands beside the entries of the sidebar.

    It is asked for with every page, and all that `count` counts would take longer than most pages.
    Nobody is left to research before anybody was asked. `chair` is as for `count`.
    """
    statement = _badges_of_chairs if chair else _badges_of_others
    people, left, trouble, concerns, has_doubts = statement.of(program)
    doubtful = len(doubtful_answers(program)) if has_doubts else 0
    return Badges(people, left, doubtful, trouble, concerns)


def _badges(*, chair: bool) -> Any:
    """Return the query for the badges of all programs; of doubts, whether there ever were any."""
    here = {"program": OuterRef("pk")}
    people = Participant.objects.filter(**here).taking_part()
    emails = EmailLog.objects.filter(**here)
    to_people = emails.invitations().filter(people__isnull=False, people__withdrawn_at__isnull=True)
    trouble = emails.filter(state__in=[EmailLog.State.FAILED, EmailLog.State.UNCERTAIN])
    concerns = Concern.objects.filter(**here).seen_by(chair=chair)
    doubts = SurveyResponse.objects.filter(participant__program=OuterRef("pk")).exclude(doubts=[])
    asked = Exists(to_people) | Exists(people.answered())
    return Program.objects.values_list(
        _number(people),
        Case(When(asked, _number(people.left_to_research())), default=0),
        _number(trouble.seen_by(chair=chair)),
        _number(concerns.filter(status=Concern.Status.OPEN)),
        Exists(doubts),
    )


def _number(rows: Any) -> Coalesce:
    """Return how many rows these are of the program that the query around is at."""
    counted = rows.order_by().values("program").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


_badges_of_chairs = ProgramStatement(partial(_badges, chair=True))
_badges_of_others = ProgramStatement(partial(_badges, chair=False))


def people_counted(number: int) -> str:
    """Return the number with its noun: "1 person", "2 people"."""
    return ngettext("%(n)d person", "%(n)d people", number) % {"n": number}
