"""What somebody changes while matched, as a decision for the committee.

Someone who withdraws, or takes another role, leaves a partner waiting; someone who attends another
way makes the introduction wrong. Each is an open help request as long as it is so.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from matching.domain.support.handling import close
from matching.domain.support.requests import add_request
from matching.models import Concern, Match
from mentorship.domain.survey.applying import SAID_SO
from mentorship.models import WITHDRAWN, Participant, Program, Role, Source

Kind = Concern.Kind


def note_changes(program: Program, participant_ids: Iterable[int]) -> list[Concern]:
    """Open a help request for each change of these people while matched; return the new ones.

    One whose change was undone is settled. Call it in the transaction that changed them.
    """
    keys = set(participant_ids)
    matches = (
        Match.objects.announced()
        .filter(Q(mentor__in=keys) | Q(mentee__in=keys), program=program)
        .select_related("mentor", "mentee", "program")
        .order_by("pk")
    )
    rows = Concern.objects.open().filter(match__in=matches, kind__in=Concern.ABOUT_A_CHANGE)
    open_ones = {(row.match_id, row.participant_id, row.kind): row for row in rows}
    added = []
    for match in matches:
        for person, role in ((match.mentor, Role.MENTOR), (match.mentee, Role.MENTEE)):
            if person.pk not in keys:
                continue
            kind = _change_of(person, role, match)
            if kind and (match.pk, person.pk, kind) not in open_ones:
                text, origin = _own_word(person, kind)
                added.append(add_request(person, kind, text, match, origin=origin))
            _settle_what_is_past(open_ones, match, person, kind)
    return added


def _change_of(person: Participant, role: Role, match: Match) -> str:
    """Return the kind of change that matters most of what a person has changed in this match."""
    if not person.takes_part:
        return Kind.CANNOT_TAKE_PART.value
    if person.role != role:
        return Kind.ROLE_CHANGED.value
    told = match.mentor_attending if role == Role.MENTOR else match.mentee_attending
    return Kind.ATTENDANCE_CHANGED.value if told != person.attendance else ""


def _own_word(person: Participant, kind: str) -> tuple[str, str]:
    """Return what the person wrote about it, and whether it was their own word."""
    survey = person.detail_sources.get(WITHDRAWN) == Source.SURVEY
    if kind != Kind.CANNOT_TAKE_PART:
        return "", Concern.Origin.CHANGE
    text = "" if person.withdrawn_why == SAID_SO else person.withdrawn_why
    return text, Concern.Origin.PARTICIPANT if survey else Concern.Origin.CHANGE


def _settle_what_is_past(
    open_ones: dict[tuple[int | None, int, str], Concern],
    match: Match,
    person: Participant,
    kind: str,
) -> None:
    past = [
        row.pk
        for (match_id, person_id, other), row in open_ones.items()
        if (match_id, person_id) == (match.pk, person.pk)
        and other != kind
        and row.origin != Concern.Origin.COMMITTEE
    ]
    _settle(past, "It was undone.")


def settle_with_match(match: Match) -> None:
    """Settle what somebody changed in a match that has ended: there is nothing left to decide."""
    rows = Concern.objects.open().filter(match=match, kind__in=Concern.ABOUT_A_CHANGE)
    _settle([row.pk for row in rows], "The match has ended.")


def _settle(keys: list[int], outcome: str) -> None:
    for concern in Concern.objects.select_for_update().filter(pk__in=keys).order_by("pk"):
        close(concern, outcome)


def undecided(match: Match) -> str:
    """Return why the committee has to decide about an announced match, "" if it need not."""
    if match.status != Match.Status.ANNOUNCED:
        return ""
    for person, role in ((match.mentor, Role.MENTOR), (match.mentee, Role.MENTEE)):
        if not person.takes_part:
            return f"{person} withdrew, and the committee decides about the match of {match}"
        if person.role != role:
            return f"{person} changed role, and the committee decides about the match of {match}"
    return ""


LEFT = {
    Kind.CANNOT_TAKE_PART: "withdrew",
    Kind.ROLE_CHANGED: "changed role",
    Kind.ATTENDANCE_CHANGED: "attends another way now",
}
