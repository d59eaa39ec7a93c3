"""Emails that ask a mentor about a mentee before their match is announced."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from matching.domain.matches.asked import Asked, asked_about
from matching.domain.matches.checks import check_pair
from matching.domain.matches.people import read_people
from matching.models import Match
from mentorship.models import Program
from notifications.domain.reasons.candidates import (
    Audience,
    Candidate,
    Units,
    common_obstacle,
    each,
)
from notifications.models import Kind


def drafts(program: Program) -> Units:
    """Return the drafts, if the program asks mentors first."""
    if not program.mentors_first:
        return []
    matches = program.matches.filter(status=Match.Status.DRAFT)
    return each(matches.order_by("pk").values_list("pk", flat=True))


def ask_mentor(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Ask the mentor of each draft. The question names the mentee, so nothing may forbid the pair.

    An email that waits in the outbox is what the mentor was asked by.
    """

    def obstacle(asked: Asked) -> str:
        if asked.row and asked.row.asked_at and audience.email is None:
            return "the mentor was asked already"
        return ""

    return _to_mentors(Kind.ASK_MENTOR, program, audience, obstacle)


def ask_again(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Remind each mentor who was asked and is silent, a day before the time to answer is over."""

    def obstacle(asked: Asked) -> str:
        if not asked.waits or asked.due_at is None:
            return "the mentor has not been asked yet"
        due = reminder_due(asked)
        return (
            ""
            if due <= moment
            else f"a reminder is due on {program.formats.day(program.local(due).date())}"
        )

    return _to_mentors(Kind.ASK_MENTOR_AGAIN, program, audience, obstacle)


def reminder_due(asked: Asked) -> datetime.datetime:
    """Return when to remind a mentor: a day before the time is over, a day after asking at least.

    With one day to answer it is that day's end.
    """
    assert asked.due_at is not None
    days = 1 if asked.match.program.mentor_days > 1 else 0
    return asked.due_at - datetime.timedelta(days=days)


def _to_mentors(
    kind: Kind, program: Program, audience: Audience, obstacle: Callable[[Asked], str]
) -> list[Candidate]:
    matches = list(program.matches.filter(pk__in=audience.about).order_by("pk"))
    people = read_people(program, {pk for m in matches for pk in (m.mentor_id, m.mentee_id)})
    for match in matches:
        match.program = program
        match.mentor = people.by_pk[match.mentor_id]
        match.mentee = people.by_pk[match.mentee_id]
    asked = asked_about(program, matches)

    def why(match: Match) -> str:
        if not program.mentors_first:
            return "the program does not ask mentors first"
        if match.pk not in asked:
            return "the match is no draft any more"
        row = asked[match.pk].row
        if row and row.answer:
            return f"the question is settled: {row.get_answer_display()}"
        wrong = [f for f in check_pair(people, match.mentor, match.mentee) if not f.warning]
        return wrong[0].detail if wrong else obstacle(asked[match.pk])

    return [
        Candidate(
            kind.value,
            match.pk,
            (match.mentor,),
            str(match.mentor_id),
            match=match,
            obstacle=common_obstacle(match.mentor) or why(match),
        )
        for match in matches
    ]
