"""Emails to each of the two people of a match, and about a help request."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace

from matching.domain.support.while_matched import undecided
from matching.models import CheckIn, Concern, Match, Meeting
from mentorship.models import Participant, Program
from notifications.domain.content.calendar_entry import hour_in
from notifications.domain.reasons.candidates import (
    OVER,
    Audience,
    Candidate,
    Units,
    common_obstacle,
    each,
)
from notifications.domain.reasons.matches import introduced
from notifications.models import MATCH_KINDS, EmailLog, Kind

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
    """Tell both people of a match, of which they had been told, that it is dissolved.

    What was proposed to them for their calendars is taken out of these.
    """
    told = _to_both(Kind.MATCH_CHANGED, program, audience, _not_dissolved)
    hours = {row.match_id: row for row in Meeting.objects.filter(match__in=audience.about)}
    for row in hours.values():
        row.match.program = program
    proposed = _introduced_hours([one.match for one in told if one.match])
    return [
        replace(one, hour=hours.get(one.about), meetings=proposed if one.about in proposed else {})
        for one in told
    ]


def _introduced_hours(matches: list[Match]) -> dict[int, datetime.datetime]:
    """Return the hours that the introductions of these matches proposed in calendar files."""
    by_key = {match.pk: match for match in matches}
    found: dict[int, datetime.datetime] = {}
    for column in ("match", "matches"):
        sent = EmailLog.objects.filter(**{f"{column}__in": by_key}, kind__in=MATCH_KINDS)
        sent = sent.exclude(calendar="").order_by("pk")
        for key, calendar in sent.values_list(column, "calendar"):
            if key in by_key and (start := hour_in(calendar, by_key[key])):
                found[key] = start
    return found


def check_in(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Ask both people of an announced match during the conference, unless they have said so."""
    today = program.local(moment).date()
    in_touch = set(
        CheckIn.objects.filter(match__in=audience.about, in_touch=True).values_list(
            "match", "participant"
        )
    )

    def obstacle(match: Match, person: Participant) -> str:
        if match.status != Match.Status.ANNOUNCED:
            return "the match was dissolved"
        if (match.pk, person.pk) in in_touch:
            return "has said that they have been in touch"
        if today > program.ends_on:
            return OVER
        return "" if today >= program.starts_on else "the conference has not begun yet"

    asked = _to_both(Kind.CHECK_IN, program, audience, obstacle)
    return [
        replace(one, obstacle=left, waits=True)
        if one.is_due and one.match and (left := undecided(one.match))
        else one
        for one in asked
    ]


def _not_dissolved(match: Match, person: Participant) -> str:
    return "the match has not been dissolved" if match.is_live else ""


def _to_both(
    kind: Kind, program: Program, audience: Audience, obstacle: Callable[[Match, Participant], str]
) -> list[Candidate]:
    matches = program.matches.filter(pk__in=audience.about).select_related("mentor", "mentee")
    told = introduced(audience.about, State.SENT, State.UNCERTAIN, among=EmailLog.objects.told())

    def why(match: Match, person: Participant) -> str:
        if (match.pk, person.pk) not in told:
            return "was never told of this match"
        return obstacle(match, person)

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
    """Return the help requests that are open and every member of the committee may see.

    The page on which this kind is sent names who is left out and why.
    """
    requests = Concern.objects.open().seen_by(chair=False).filter(program=program)
    return each(requests.order_by("pk").values_list("pk", flat=True))


def problem_received(
    program: Program, moment: datetime.datetime, audience: Audience
) -> list[Candidate]:
    """Confirm to everyone who asked for help that their request has come in.

    Somebody who leaves the program asked for none: the receipt of their answer tells them.
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
    if request.origin != Concern.Origin.PARTICIPANT:
        return "did not ask for it on their page"
    if request.kind == Concern.Kind.CANNOT_TAKE_PART:
        return "left the program"
    if request.status != Concern.Status.OPEN:
        return "the help request is settled"
    return "email to this address bounced" if request.participant.mail_bounced_at else ""


def proposed_hours(program: Program) -> Units:
    """Return the matches with an hour that is proposed, agreed or canceled."""
    rows = Meeting.objects.filter(match__program=program)
    return each(rows.order_by("match").values_list("match", flat=True))


def meeting(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Tell the other person of an hour that is proposed, and both that it is agreed or canceled."""
    rows = Meeting.objects.filter(match__in=audience.about, match__program=program)
    found = []
    for row in rows.select_related("match__mentor", "match__mentee").order_by("match"):
        match = row.match
        match.program = program
        for person in (match.mentor, match.mentee):
            own = row.stands and not row.accepted_at and row.proposed_by_id == person.pk
            found.append(
                Candidate(
                    Kind.MEETING.value,
                    match.pk,
                    (person,),
                    f"{person.pk}-{row.sequence}",
                    match=match,
                    hour=row,
                    obstacle=common_obstacle(person) or _no_hour(row, own, audience.email),
                )
            )
    return found


def _no_hour(meeting: Meeting, own: bool, email: EmailLog | None) -> str:
    if own:
        return "proposed this hour"
    if meeting.match.status != Match.Status.ANNOUNCED:
        return "the match was dissolved"
    if email and not email.which.endswith(f"-{meeting.sequence}"):
        return "the hour has changed since"
    return ""
