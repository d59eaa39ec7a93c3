"""Emails that introduce the people of matches to each other."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import cast

from django.db.models import QuerySet

from matching.domain.board.board import read_board
from matching.domain.matches.asked import asked_about
from matching.domain.matches.checks import find_problems, with_people
from matching.domain.matches.meetings import first_meetings, read_availability
from matching.domain.matches.people import People, read_people
from matching.domain.support.while_matched import undecided
from matching.models import Match
from mentorship.models import Program
from notifications.domain.reasons.candidates import OVER, Audience, Candidate, Units
from notifications.models import MATCH_KINDS, EmailLog, Kind
from notifications.models.email import around

State = EmailLog.State
_WAITING_OR_GONE = [state for state in State.values if state != State.CANCELLED]
_DISSOLVED = "the match was dissolved"


def introduced(
    keys: Iterable[int], *states: str, among: QuerySet[EmailLog] | None = None
) -> set[tuple[int, int]]:
    """Return who an email in one of these states introduces: (match, person), of these matches.

    With `among`, only these emails count.
    """
    keys = set(keys)
    emails = (EmailLog.objects.all() if among is None else among).filter(
        kind__in=MATCH_KINDS, state__in=states
    )
    return {
        (match, person)
        for column in ("match", "matches")
        for match, person in emails.filter(**{f"{column}__pk__range": around(keys)}).values_list(
            column, "people"
        )
        if match in keys
    }


def to_introduce(program: Program) -> Units:
    """Return the matches of which somebody has not been told, those of one mentor together."""
    live = program.matches.live().order_by("mentor", "pk")
    rows = list(live.values_list("pk", "status", "mentor", "mentee"))
    announced = [pk for pk, status, *_ in rows if status == Match.Status.ANNOUNCED]
    told = introduced(announced, *_WAITING_OR_GONE)
    due = [
        (pk, mentor)
        for pk, status, mentor, mentee in rows
        if status == Match.Status.DRAFT or not told.issuperset({(pk, mentor), (pk, mentee)})
    ]
    return [[pk for pk, _ in of_mentor] for _, of_mentor in groupby(due, key=lambda row: row[1])]


def introduction(
    program: Program, moment: datetime.datetime, audience: Audience
) -> list[Candidate]:
    """Introduce both people of a match, with the template that fits how they attend.

    Where the program wants one email for each mentor, a mentor with several matches due
    gets one that names all mentees, and each mentee one of their own: an address is for one's
    match. An email that is in the outbox already stays what it is, about the matches that stand.
    """
    pairs = _pairs(program, moment, audience)
    if audience.email is not None:
        return _as_before(audience.email, pairs)
    return _to_whoever_is_not_told(program, pairs)


def _as_before(email: EmailLog, pairs: list[Candidate]) -> list[Candidate]:
    looked = [
        pair
        if pair.obstacle or (pair.match and pair.match.status == Match.Status.ANNOUNCED)
        else replace(pair, obstacle="the match is not announced")
        for pair in pairs
    ]
    stands = [pair for pair in looked if pair.is_due] or looked[:1]
    if not stands:
        return []
    if email.kind == Kind.MATCH_MENTOR:
        return [_to_mentor(stands)]
    return [_to_mentee(stands[0]) if email.kind == Kind.MATCH_MENTEE else stands[0]]


def _to_whoever_is_not_told(program: Program, pairs: list[Candidate]) -> list[Candidate]:
    keys = [pair.about for pair in pairs]
    told = introduced(keys, *_WAITING_OR_GONE)
    known = set(
        program.emails.like_around(Kind.MATCH_CALL, keys)
        .filter(repeat=0)
        .values_list("about", flat=True)
    )
    found: list[Candidate] = []
    due: dict[int, list[Candidate]] = {}
    late: dict[int, list[Candidate]] = {}
    for pair in pairs:
        match = pair.match
        assert match is not None
        if not pair.is_due:
            found.append(pair)
        elif (match.pk, match.mentor_id) in told:
            found.append(_to_mentee(pair))
        elif (match.pk, match.mentee_id) in told:
            late.setdefault(match.mentor_id, []).append(pair)
        elif match.pk in known:
            # A person stopped its email; the mentor's other matches go without it.
            found.append(pair)
        else:
            due.setdefault(match.mentor_id, []).append(pair)
    for of_mentor in due.values():
        if program.one_mail_a_mentor and len(of_mentor) > 1:
            found.append(_to_mentor(of_mentor))
            found += [_to_mentee(pair) for pair in of_mentor]
        else:
            found += of_mentor
    return [*found, *(_to_mentor(of_mentor) for of_mentor in late.values())]


def _to_mentor(pairs: Sequence[Candidate]) -> Candidate:
    matches = tuple(pair.match for pair in pairs if pair.match)
    return Candidate(
        Kind.MATCH_MENTOR.value,
        min(match.pk for match in matches),
        (matches[0].mentor,),
        group=matches,
        meetings=pairs[0].meetings,
        obstacle=pairs[0].obstacle,
        waits=pairs[0].waits,
    )


def _to_mentee(pair: Candidate) -> Candidate:
    assert pair.match is not None
    return replace(pair, kind=Kind.MATCH_MENTEE.value, people=(pair.match.mentee,))


def in_full(
    program: Program, moment: datetime.datetime, found: Iterable[Candidate]
) -> list[Candidate]:
    """Return introductions of which it was only asked who is due with all that they say.

    Those of matches that have changed meanwhile are left out.
    """
    found = list(found)
    keys = {match.pk for candidate in found for match in candidate.introduced}
    pairs = {pair.about: pair for pair in _pairs(program, moment, Audience(sorted(keys)))}
    people = {person.pk: person for pair in pairs.values() for person in pair.people}
    return [
        replace(
            candidate,
            people=tuple(people[person.pk] for person in candidate.people),
            match=pairs[candidate.match.pk].match if candidate.match else None,
            group=tuple(match for one in candidate.group if (match := pairs[one.pk].match)),
            meetings=pairs[candidate.introduced[0].pk].meetings,
        )
        for candidate in found
        if pairs.keys() >= {match.pk for match in candidate.introduced}
        and people.keys() >= {person.pk for person in candidate.people}
    ]


def _read_matches(program: Program, audience: Audience) -> tuple[People, list[Match], list[Match]]:
    """Return people, these matches by mentor, and all live ones of the same mentors."""
    if audience.only_who:
        board = read_board(program)
        live = cast(list[Match], board.matches)
        keys = set(audience.about)
        matches = [match for match in live if match.pk in keys]
        matches.sort(key=lambda match: (match.mentor_id, match.pk))
        return board.people, matches, live
    matches = list(program.matches.filter(pk__in=audience.about).order_by("mentor", "pk"))
    mentors = [match.mentor_id for match in matches]
    live = list(program.matches.live().filter(mentor__in=mentors))
    every = [*matches, *live]
    people = read_people(
        program, only={pk for match in every for pk in (match.mentor_id, match.mentee_id)}
    )
    with_people(people, every)
    for match in every:
        match.program = program
    return people, matches, live


def _pairs(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Return each of these matches as an email to both people, with what speaks against the pair.

    Ordered by mentor.
    """
    people, matches, live = _read_matches(program, audience)
    wrong: dict[int, str] = {}
    full: dict[int, str] = {}
    for found in find_problems(people, live):
        if found.mentee is None:
            full[found.mentor.pk] = found.detail
        elif not found.warning:
            wrong.setdefault(found.mentee.pk, found.detail)
    meetings = {}
    if not audience.only_who:
        meetings = first_meetings(live, read_availability(people.by_pk), moment)
    asked = asked_about(program, matches)
    is_over = program.is_over(moment)
    looked = []
    for match in matches:
        kind = Kind.MATCH_CALL if match.needs_call else Kind.MATCH_IN_PERSON
        pair = (match.mentor, match.mentee)
        bounced = [person for person in pair if person.mail_bounced_at]
        why = wrong.get(match.mentee_id) or full.get(match.mentor_id) or ""
        left = undecided(match)
        if match.pk in asked and not asked[match.pk].may_be_announced:
            why = why or asked[match.pk].words.rstrip(".")
        why = left or why or (f"email to {bounced[0]} bounced" if bounced else "")
        if left and is_over:
            why = OVER
        looked.append(
            Candidate(
                kind.value,
                match.pk,
                pair,
                match=match,
                meetings=meetings,
                obstacle=why if match.is_live else _DISSOLVED,
                waits=bool(left) and not is_over,
            )
        )
    return looked
