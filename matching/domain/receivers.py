"""What this package does when people come or a program is copied."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from matching.domain.exclusions.past_pairs import keep_past_pairs_apart, pairs_of, remember_pairs
from matching.domain.own_data import feedback_of, matches_of, problems_of
from matching.models import KeepApart
from mentorship.domain.imports.undo import goes_along
from mentorship.domain.signals import own_data_asked, people_joined, program_copied
from mentorship.models import Participant, Program

# The pair is still remembered by address, and comes back with its people.
goes_along(KeepApart, Q(reason=KeepApart.Reason.LAST_YEAR, overruled=False))


@receiver(people_joined)
def keep_apart_who_met(program: Program, participant_ids: Collection[int], **kwargs: Any) -> None:
    """Keep apart those of the new people who were a pair at an earlier conference."""
    keep_past_pairs_apart(program, participant_ids)


@receiver(program_copied)
def remember_who_met(source: Program, program: Program, **kwargs: Any) -> list[str]:
    """Let the copy know the pairs of its source; say how many they are."""
    pairs = [] if source.anonymised_at else pairs_of(source)
    if not pairs:
        return []
    remember_pairs(program, pairs, f"matched in {source}")
    words = "1 pair" if len(pairs) == 1 else f"{len(pairs)} pairs"
    return [f"{words} of {source} will be kept apart once both people have signed up."]


@receiver(own_data_asked)
def tell_of_matches(person: Participant, **kwargs: Any) -> dict[str, list[Any]]:
    """Give what is stored here about one person."""
    return {
        "matches": matches_of(person),
        "problems": problems_of(person),
        "feedback": feedback_of(person),
    }
