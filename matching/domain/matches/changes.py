"""Making, changing, locking, announcing and dissolving matches.

Every function here runs in one transaction that first holds the program's row and then the rows
of the people concerned, so that two committee members, or a member and a proposal, never fill one
place twice. What is impossible is refused with a ValidationError; what is merely unwise
(colleagues, a wish, mixed attendance, no shared field) is for `matching.domain.matches.checks` to
report and for a person to decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from matching.domain.exclusions.wish_decisions import refuse_unsettled
from matching.domain.matches.asked import refuse_unaccepted
from matching.domain.matches.checks import Finding, check_pair
from matching.domain.matches.people import People, read_people
from matching.domain.matches.steps import step
from matching.domain.signals import match_announced, match_dissolved
from matching.models import BoardStep, Match
from mentorship.models import Participant, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

LONGEST_WHY = Match._meta.get_field("dissolved_why").max_length or 0
LONGEST_NOTE = Match._meta.get_field("note").max_length or 0


def create_match(
    mentor: Participant,
    mentee: Participant,
    *,
    by: AbstractBaseUser | None = None,
    locked: bool = False,
    people: People | None = None,
) -> Match:
    """Pair two people as a draft and return the match.

    `people` are the program's, if the caller has locked the program and read them since. Raise
    ValidationError if one of the two is not taking part or has another role, if the mentee has a
    mentor, or if the mentor has no free place.
    """
    with step(mentor.program_id, BoardStep.Kind.MATCH, by, Q(mentee=mentee.pk)) as program:
        hold_people(mentor.pk, mentee.pk)
        people = people or read_people(program, only=[mentor.pk, mentee.pk])
        mentor, mentee = _in_program(people, mentor), _in_program(people, mentee)
        _refuse_impossible(mentor, mentee)
        _refuse_second(mentee)
        _refuse_full(mentor)
        match = Match(program=program, mentor=mentor, mentee=mentee, locked=locked)
        return _describe_and_save(match, people, by)


def change_mentor(
    match: Match,
    mentor: Participant,
    *,
    by: AbstractBaseUser | None = None,
    people: People | None = None,
) -> Match:
    """Change the mentor of a match's mentee and return the live match.

    A draft is changed in place. An announced match has been told to both people: it is dissolved
    (so the record stays true) and a new draft takes its place, to be announced again. `people` and
    what is raised are as for `create_match`; a dissolved match is refused too.
    """
    with step(match.program_id, BoardStep.Kind.MOVE, by, Q(mentee=match.mentee_id)) as program:
        match = live_for_update(match)
        hold_people(mentor.pk, match.mentee_id)
        people = people or read_people(program, only=[mentor.pk, match.mentee_id])
        mentor, mentee = _in_program(people, mentor), _in_program(people, match.mentee)
        if mentor.pk == match.mentor_id:
            return match
        _refuse_impossible(mentor, mentee)
        _refuse_full(mentor)
        return _give_mentor(match, mentor, people, by)


def swap(
    match: Match,
    mentee: Participant,
    *,
    by: AbstractBaseUser | None = None,
    people: People | None = None,
) -> Match:
    """Move a mentee into the place of this match, and return the mentee's live match.

    The match's own mentee gets the other's mentor, or none where the other has none. What is
    raised is as for `change_mentor`; nobody needs a free place.
    """
    both = Q(mentee__in=[match.mentee_id, mentee.pk])
    with step(match.program_id, BoardStep.Kind.SWAP, by, both) as program:
        match = live_for_update(match)
        other = program.matches.live().select_for_update(no_key=True).filter(mentee=mentee).first()
        keys = {match.mentor_id, match.mentee_id, mentee.pk, other.mentor_id if other else 0}
        hold_people(*keys)
        people = people or read_people(program, only=keys)
        mentor, leaving = people.by_pk[match.mentor_id], people.by_pk[match.mentee_id]
        mentee = _in_program(people, mentee)
        if mentee == leaving:
            return match
        _refuse_impossible(mentor, mentee)
        if other is None:
            _dissolve(match, f"{mentee} has the place now"[:LONGEST_WHY], by)
            made = Match(program=program, mentor=mentor, mentee=mentee)
            return _describe_and_save(made, people, by)
        others_mentor = people.by_pk[other.mentor_id]
        _refuse_impossible(others_mentor, leaving)
        _give_mentor(match, others_mentor, people, by)
        return _give_mentor(other, mentor, people, by)


def write_note(match: Match, note: str, *, by: AbstractBaseUser | None = None) -> Match:
    """Keep the committee's own note with a live match; "" removes it.

    It stays with the mentee's match when the mentor changes. Raise ValidationError if it is too
    long or the match is dissolved.
    """
    note = " ".join(note.split())
    if len(note) > LONGEST_NOTE:
        raise ValidationError(
            f"This note has {len(note)} characters. It can have {LONGEST_NOTE} at most."
        )
    with step(match.program_id, BoardStep.Kind.NOTE, by, Q(pk=match.pk)):
        match = live_for_update(match)
        if (match.note or "") != note:
            match.note = note or None
            save_by(match, by)
        return match


def lock(match: Match, *, by: AbstractBaseUser | None = None) -> Match:
    """Make every later proposal keep this pair. Raise ValidationError if it is dissolved."""
    return _set_locked(match, True, by)


def unlock(match: Match, *, by: AbstractBaseUser | None = None) -> Match:
    """Leave this pair to later proposals. Raise ValidationError if it is dissolved."""
    return _set_locked(match, False, by)


def dissolve(match: Match, why: str, *, by: AbstractBaseUser | None = None) -> Match:
    """End a draft or an announced match; `why` is kept with it (1 to 200 characters).

    Raise ValidationError without a reason, or if the match is dissolved already.
    """
    why = " ".join(why.split())
    if not 0 < len(why) <= LONGEST_WHY:
        raise ValidationError(f"Enter why this match ends, in 1 to {LONGEST_WHY} characters.")
    with step(match.program_id, BoardStep.Kind.DISSOLVE, by, Q(pk=match.pk)):
        match = live_for_update(match)
        _dissolve(match, why, by)
        return match


def announce(matches: Iterable[Match], *, by: AbstractBaseUser | None = None) -> list[Match]:
    """Mark drafts of one program as announced; return those that this call announced.

    Matches that were announced before are skipped, so calling twice does no harm. Send
    `match_announced` for each. Raise ValidationError, with nothing announced, if a match is
    dissolved or one of its people is no longer taking part, if a wish not to meet somebody waits
    for a decision, or if the mentor is asked first and has not accepted.
    """
    keys = [match.pk for match in matches]
    first = Match.objects.filter(pk__in=keys).values_list("program_id", flat=True).first()
    if first is None:
        return []
    with step(first, BoardStep.Kind.ANNOUNCE, by, Q(pk__in=keys)):
        return _announce(keys, by)


def _announce(keys: list[int], by: AbstractBaseUser | None) -> list[Match]:
    rows = list(Match.objects.filter(pk__in=keys).with_people().order_by("pk"))
    for match in rows:
        if not match.is_live:
            raise ValidationError(
                f"The match of {match} was dissolved. There is nothing to announce."
            )
        for person in (match.mentor, match.mentee):
            if match.status == Match.Status.DRAFT and not person.takes_part:
                raise ValidationError(
                    f"{person} is no longer taking part. Dissolve the match of {match} first."
                )
    drafts = [match for match in rows if match.status == Match.Status.DRAFT]
    for program in {match.program_id: match.mentor.program for match in drafts}.values():
        refuse_unsettled(program)
        refuse_unaccepted(program, drafts)
    for match in drafts:
        match.status = Match.Status.ANNOUNCED
        match.announced_at = timezone.now()
        match.mentor_attending = match.mentor.attendance
        match.mentee_attending = match.mentee.attendance
    columns = ["status", "announced_at", "mentor_attending", "mentee_attending"]
    bulk_update_with_history(drafts, Match, columns, default_user=by)
    for match in drafts:
        match_announced.send(Match, match=match)
    return drafts


def refuse_unless_possible(
    mentor: Participant, mentee: Participant, instead_of: Match | None = None
) -> None:
    """Raise ValidationError if these two cannot be paired now; `instead_of` would end by it.

    For forms, so they can say so early: `create_match` and `change_mentor` check again, under lock.
    """
    people = read_people(mentor.program, only=[mentor.pk, mentee.pk])
    mentor, mentee = _in_program(people, mentor), _in_program(people, mentee)
    _refuse_impossible(mentor, mentee)
    if instead_of is None:
        _refuse_second(mentee)
    _refuse_full(mentor)


def warnings_of(mentor: Participant, mentee: Participant) -> list[Finding]:
    """Return what a person should read before making this pair by hand."""
    people = read_people(mentor.program, only=[mentor.pk, mentee.pk])
    return check_pair(people, people.by_pk[mentor.pk], people.by_pk[mentee.pk])


def hold_people(*keys: int) -> None:
    """Lock the rows of these people, so that nobody's capacity or role changes meanwhile."""
    # In the order of their keys, so that two transactions never wait for each other.
    rows = Participant.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
    list(rows.values_list("pk"))


def _in_program(people: People, person: Participant) -> Participant:
    if person.pk not in people.by_pk:
        raise ValidationError(f"{person} is not in {people.program}.")
    return people.by_pk[person.pk]


def _refuse_impossible(mentor: Participant, mentee: Participant) -> None:
    if mentor.pk == mentee.pk:
        raise ValidationError("Mentor and mentee are the same person.")
    for person, role in ((mentor, Role.MENTOR), (mentee, Role.MENTEE)):
        if not person.takes_part:
            raise ValidationError(f"{person} is no longer taking part.")
        if person.role != role:
            raise ValidationError(f"{person} is a {person.role}, not a {role.value}.")


def _refuse_second(mentee: Participant) -> None:
    present = Match.objects.live().filter(mentee=mentee).select_related("mentor").first()
    if present:
        raise ValidationError(f"{mentee} already has a mentor: {present.mentor}.")


def _refuse_full(mentor: Participant) -> None:
    taken = Match.objects.live().filter(mentor=mentor).count()
    if taken >= mentor.capacity:
        raise ValidationError(f"{mentor} has no free place: {taken} of {mentor.capacity} taken.")


def live_for_update(match: Match) -> Match:
    """Return this match as the database has it now, its row locked.

    Raise ValidationError if it is dissolved.
    """
    row = Match.objects.select_for_update(no_key=True).get(pk=match.pk)
    if not row.is_live:
        raise ValidationError(f"The match of {row} is already dissolved.")
    return row


def _describe_and_save(match: Match, people: People, by: AbstractBaseUser | None) -> Match:
    common = people.shared_fields(match.mentor, match.mentee) or people.fields_of(match.mentor)
    match.bin = common[0] if common else None
    match.affinity_parts = people.everyone.parts(match.mentor, match.mentee)
    match.affinity = sum(match.affinity_parts.values())
    save_by(match, by)
    return match


def _give_mentor(
    match: Match, mentor: Participant, people: People, by: AbstractBaseUser | None
) -> Match:
    """Change a match's mentor; one that both people know of ends, and a draft takes its place."""
    mentee = people.by_pk[match.mentee_id]
    if match.status == Match.Status.ANNOUNCED:
        _dissolve(match, why_replaced(mentee), by)
        match = Match(program=match.program, mentee=mentee, note=match.note)
    match.mentor, match.mentee = mentor, mentee
    return _describe_and_save(match, people, by)


def _set_locked(match: Match, locked: bool, by: AbstractBaseUser | None) -> Match:
    kind = BoardStep.Kind.LOCK if locked else BoardStep.Kind.UNLOCK
    with step(match.program_id, kind, by, Q(pk=match.pk)):
        match = live_for_update(match)
        if match.locked != locked:
            match.locked = locked
            save_by(match, by)
        return match


def why_replaced(mentee: Participant) -> str:
    """Return why a match is dissolved whose mentee gets another mentor."""
    return f"{mentee} has another mentor now"[:LONGEST_WHY]


def _dissolve(match: Match, why: str, by: AbstractBaseUser | None) -> None:
    match.status = Match.Status.DISSOLVED
    match.dissolved_at = timezone.now()
    match.dissolved_why = why
    save_by(match, by)
    match_dissolved.send(Match, match=match)


def save_by(match: Match, by: AbstractBaseUser | None) -> None:
    """Save a match with a line in its history that names who changed it."""
    match._history_user = by  # type: ignore[attr-defined]
    match.save()
