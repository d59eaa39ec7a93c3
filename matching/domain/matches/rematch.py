"""Ending a match that people know of and making another in its place, as one step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import Q

from matching.domain.matches.changes import (
    LONGEST_WHY,
    change_mentor,
    create_match,
    dissolve,
    why_replaced,
)
from matching.domain.matches.people import read_people
from matching.domain.matches.steps import step
from matching.models import BoardStep, Match
from mentorship.models import Participant, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


def rematch_scope(ending: Match | None, moves: Sequence[tuple[Participant, Participant]]) -> Q:
    """Return which matches a rematch may change."""
    mentees = [mentee.pk for mentee, _ in moves]
    return Q(mentee__in=mentees) | Q(pk=ending.pk if ending else None)


def rematch(
    program: Program,
    ending: Match | None,
    moves: Sequence[tuple[Participant, Participant]],
    *,
    by: AbstractBaseUser | None = None,
) -> Match:
    """End a match, if it is live, and make each of these pairs (mentee, mentor) as a draft.

    Return the first pair's match. The later ones are drafts that make room for it. Raise
    ValidationError, with nothing changed, if one of them has been announced meanwhile, and as
    `change_mentor` does.
    """
    with step(program.pk, BoardStep.Kind.REMATCH, by, rematch_scope(ending, moves)) as locked:
        mentee, mentor = moves[0]
        if ending and Match.objects.live().filter(pk=ending.pk).exists():
            same = ending.mentee_id == mentee.pk
            why = why_replaced(mentee) if same else f"{mentor} has another mentee now"
            dissolve(ending, why[:LONGEST_WHY], by=by)
        people = read_people(locked)
        made: Match | None = None
        # Whoever makes room goes first.
        for mentee, mentor in reversed(moves):
            present = locked.matches.live().filter(mentee=mentee).first()
            if present is None:
                made = create_match(mentor, mentee, by=by, people=people)
            elif present.status == Match.Status.DRAFT:
                made = change_mentor(present, mentor, by=by, people=people)
            else:
                raise ValidationError(
                    f"{mentee} is matched with {present.mentor}, and both have been told."
                )
        assert made is not None
        return made
