"""The bin of a pair: the one field under which the board lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import Q

from matching.domain.matches.changes import live_for_update, save_by
from matching.domain.matches.people import People, read_people
from matching.domain.matches.steps import step
from matching.models import BoardStep, Match
from mentorship.models import Field, Participant

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


def bins_for(people: People, mentor: Participant, mentee: Participant) -> list[Field]:
    """Return the fields under which the board can list this pair, in the program's order.

    These are the fields that the two share, or if they share none, those that either has.
    """
    common = people.shared_fields(mentor, mentee)
    if common:
        return common
    either = {field.pk for person in (mentor, mentee) for field in people.fields_of(person)}
    return [field for field in people.fields if field.pk in either]


def change_bin(match: Match, bin_pk: int, *, by: AbstractBaseUser | None = None) -> Match:
    """Move a live match to the field with this key. A proposal keeps it if the pair is locked.

    Raise ValidationError if the match is dissolved or the field is neither's.
    """
    with step(match.program_id, BoardStep.Kind.BIN, by, Q(pk=match.pk)) as program:
        match = live_for_update(match)
        people = read_people(program, only=[match.mentor_id, match.mentee_id])
        choices = bins_for(people, people.by_pk[match.mentor_id], people.by_pk[match.mentee_id])
        chosen = next((field for field in choices if field.pk == bin_pk), None)
        if chosen is None:
            names = ", ".join(field.name for field in choices)
            raise ValidationError(f"{match} can only be listed under one of these fields: {names}.")
        if match.bin_id != chosen.pk:
            match.bin = chosen
            save_by(match, by)
        return match
