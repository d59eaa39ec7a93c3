"""An hour to meet: one of a match proposes it, the other accepts it, both may cancel it."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from matching.domain.matches.changes import live_for_update
from matching.domain.matches.meetings import (
    is_possible,
    read_availability,
    suggested_hours,
)
from matching.domain.signals import meeting_changed
from matching.domain.support.while_matched import undecided
from matching.models import Match, Meeting
from mentorship.models import Participant

_ENDED = "This match has ended."
_UNDECIDED = "The committee is looking at this match, so no hour can be agreed on right now."
_CHANGED = "This has changed since you opened the page. Look at it again."


def hours_to_propose(match: Match, now: datetime.datetime | None = None) -> list[datetime.datetime]:
    """Return up to three hours (UTC) that suit both people of a match, but for the proposed one."""
    people = (match.mentor_id, match.mentee_id)
    standing = Meeting.objects.filter(canceled_at=None, match__mentor=match.mentor_id)
    taken = list(standing.values_list("starts_at", flat=True))
    return suggested_hours(match, read_availability(people), now or timezone.now(), taken)


@transaction.atomic
def propose(
    match: Match,
    person: Participant,
    starts_at: datetime.datetime,
    now: datetime.datetime | None = None,
) -> Meeting:
    """Propose an hour to the other person of a match, in place of any before; return it.

    Proposed twice, it is proposed once. Raise ValidationError if the match has ended or is not
    this person's, or if the two cannot meet then.
    """
    now = now or timezone.now()
    match = _standing(match, person)
    if not is_possible(match, starts_at, now):
        raise ValidationError("That hour is no longer possible. Choose another one.")
    meeting = Meeting.objects.filter(match=match).first() or Meeting(match=match, sequence=0)
    if meeting.sequence and meeting.stands and meeting.starts_at == starts_at:
        return meeting
    meeting.starts_at, meeting.proposed_by, meeting.proposed_at = starts_at, person, now
    meeting.accepted_at = meeting.canceled_at = None
    return _changed(meeting)


@transaction.atomic
def accept(
    match: Match,
    person: Participant,
    starts_at: datetime.datetime,
    now: datetime.datetime | None = None,
) -> Meeting:
    """Accept the hour that the other person proposed and return the meeting.

    Raise ValidationError if another hour, or none, is proposed by now, or the hour is past.
    """
    now = now or timezone.now()
    match = _standing(match, person)
    meeting = Meeting.objects.filter(match=match, canceled_at=None).first()
    if meeting is None or meeting.starts_at != starts_at:
        raise ValidationError(_CHANGED)
    if meeting.accepted_at:
        return meeting
    if meeting.proposed_by_id == person.pk:
        raise ValidationError("You proposed this hour. The other person accepts it.")
    if starts_at < now:
        raise ValidationError("That hour is past. Propose another one.")
    meeting.accepted_at = now
    return _changed(meeting)


@transaction.atomic
def cancel(match: Match, person: Participant, now: datetime.datetime | None = None) -> None:
    """Cancel the hour that is proposed or agreed, if there is one."""
    match = _held(match, person)
    meeting = Meeting.objects.filter(match=match, canceled_at=None).first()
    if meeting is not None:
        meeting.canceled_at = now or timezone.now()
        _changed(meeting)


def cancel_with_match(match: Match) -> None:
    """Cancel the hour of a match that has ended, in the transaction that ended it."""
    meeting = Meeting.objects.filter(match=match, canceled_at=None).first()
    if meeting is not None:
        meeting.canceled_at = timezone.now()
        meeting.sequence += 1
        meeting.save()


def _held(match: Match, person: Participant) -> Match:
    """Return the announced match as it is now, its row locked."""
    try:
        match = live_for_update(match)
    except ValidationError:
        raise ValidationError(_ENDED) from None
    if match.status != Match.Status.ANNOUNCED or person.pk not in (
        match.mentor_id,
        match.mentee_id,
    ):
        raise ValidationError(_ENDED)
    return match


def _standing(match: Match, person: Participant) -> Match:
    """Return the same; raise ValidationError while the committee decides about the match."""
    match = _held(match, person)
    if undecided(match):
        raise ValidationError(_UNDECIDED)
    return match


def _changed(meeting: Meeting) -> Meeting:
    meeting.sequence += 1
    meeting.save()
    meeting_changed.send(Meeting, meeting=meeting)
    return meeting
