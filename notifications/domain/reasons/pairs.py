"""Emails to each of the two people of a match, and about a help request."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from matching.models import Concern, Match
from mentorship.models import Participant, Program
from notifications.domain.reasons.candidates import (
    Audience,
    Candidate,
    Units,
    common_obstacle,
    each,
)
from notifications.domain.reasons.matches import introduced
from notifications.models import EmailLog, Kind

State = EmailLog.State


def dissolved(program: Program) -> Units:
    """Return the matches that were announced and dissolved."""
    return _told(program, Match.Status.DISSOLVED)


def announced(program: Program) -> Units:
    """Return the matches that are announced."""
    return _told(program, Match.Status.ANNOUNCED)


def _told(program: Program, status: str) -> Units:
    matches = program.matches.filter(announced_at__isnull=False, status=status)
    return each(matches.order_by("pk").values_list("pk", flat=True))


def match_changed(
    program: Program, moment: datetime.datetime, audience: Audience
) -> list[Candidate]:
    """Tell both people of a match, of which they had been told, that it is dissolved."""
    return _to_both(Kind.MATCH_CHANGED, program, audience, _not_dissolved)


def check_in(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Ask both people of an announced match, once the conference has begun."""
    begun = program.local(moment).date() >= program.starts_on

    def obstacle(match: Match) -> str:
        if match.status != Match.Status.ANNOUNCED:
            return "the match was dissolved"
        return "" if begun else "the conference has not begun yet"

    return _to_both(Kind.CHECK_IN, program, audience, obstacle)


def _not_dissolved(match: Match) -> str:
    return "the match has not been dissolved" if match.is_live else ""


def _to_both(
    kind: Kind, program: Program, audience: Audience, obstacle: Callable[[Match], str]
) -> list[Candidate]:
    matches = program.matches.filter(pk__in=audience.about).select_related("mentor", "mentee")
    told = introduced(audience.about, State.SENT, State.UNCERTAIN, among=EmailLog.objects.told())

    def why(match: Match, person: Participant) -> str:
        if (match.pk, person.pk) not in told:
            return "was never told of this match"
        return obstacle(match)

    return [
        Candidate(
            kind.value,
            match.pk,
            (person,),
            str(person.pk),
            match=match,
            obstacle=common_obstacle(person) or why(match, person),
        )
        for match in matches.order_by("pk")
        for person in (match.mentor, match.mentee)
    ]


def open_requests(program: Program) -> Units:
    """Return the help requests that are open."""
    requests = Concern.objects.filter(program=program, status=Concern.Status.OPEN)
    return each(requests.order_by("pk").values_list("pk", flat=True))


def problem_received(
    program: Program, moment: datetime.datetime, audience: Audience
) -> list[Candidate]:
    """Confirm to everyone who asked for help that their request has come in.

    Somebody who says that they cannot take part is still told so.
    """
    requests = Concern.objects.filter(program=program, pk__in=audience.about)
    return [
        Candidate(
            Kind.PROBLEM_RECEIVED.value,
            request.pk,
            (request.participant,),
            concern=request,
            obstacle=_no_confirmation(request),
        )
        for request in requests.select_related("participant").order_by("pk")
    ]


def _no_confirmation(request: Concern) -> str:
    if request.status != Concern.Status.OPEN:
        return "the help request is settled"
    return "email to this address bounced" if request.participant.mail_bounced_at else ""
