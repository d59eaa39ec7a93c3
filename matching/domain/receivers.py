"""What this package does when people join or change, a match ends, or a program is copied."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.dispatch import receiver
from django.utils.translation import ngettext

from matching.domain.exclusions.past_pairs import exclude_past_pairs, pairs_of, remember_pairs
from matching.domain.own_data import feedback_of, help_requests_of, matches_of, mentor_answers_of
from matching.domain.signals import match_dissolved, match_restored
from matching.domain.support.meetings import cancel_with_match
from matching.domain.support.while_matched import note_changes, settle_with_match
from matching.models import KeepApart, Match
from mentorship.domain.imports.undo import goes_along
from mentorship.domain.signals import (
    own_data_asked,
    people_changed,
    people_joined,
    program_copied,
)
from mentorship.models import Participant, Program

# The past pair is still remembered by address, and excluded again when its people return.
goes_along(KeepApart, Q(reason=KeepApart.Reason.LAST_YEAR, overruled=False))


@receiver(people_joined)
def exclude_who_met(program: Program, participant_ids: Collection[int], **kwargs: Any) -> None:
    """Exclude pairs of the new people who were a pair at an earlier conference."""
    exclude_past_pairs(program, participant_ids)


@receiver(program_copied)
def remember_who_met(source: Program, program: Program, **kwargs: Any) -> list[str]:
    """Remember the source's pairs in the copy; return how many they are, in words."""
    pairs = [] if source.anonymised_at else pairs_of(source)
    if not pairs:
        return []
    remember_pairs(program, pairs, f"matched in {source}")
    words = ngettext(
        "%(pairs)d pair from %(source)s won’t be matched again once both people sign up.",
        "%(pairs)d pairs from %(source)s won’t be matched again once both people sign up.",
        len(pairs),
    )
    return [words % {"pairs": len(pairs), "source": source}]


@receiver(people_changed)
def note_who_changed(program: Program, participant_ids: Collection[int], **kwargs: Any) -> None:
    """Make a decision for the committee of what people change while they are matched."""
    note_changes(program, participant_ids)


@receiver(match_dissolved)
def end_what_was_about_it(match: Match, **kwargs: Any) -> None:
    """Cancel the hour of a match that has ended, and settle what somebody changed in it."""
    cancel_with_match(match)
    settle_with_match(match)


@receiver(match_restored)
def note_who_has_left(match: Match, **kwargs: Any) -> None:
    """Ask the committee again about a match that stands again, should it have to decide."""
    note_changes(match.program, [match.mentor_id, match.mentee_id])


@receiver(own_data_asked)
def tell_of_matches(
    person: Participant, confidential: bool = True, **kwargs: Any
) -> dict[str, list[Any]]:
    """Return what is stored here about one person."""
    return {
        "matches": matches_of(person),
        "problems": help_requests_of(person, confidential=confidential),
        "mentor_answers": mentor_answers_of(person),
        "feedback": feedback_of(person),
    }
