"""Whether the people of a match have been in touch, as each of them says."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from matching.domain.support.requests import hold_person
from matching.models import CheckIn, Match
from mentorship.models import Participant


@transaction.atomic
def say_contact(match: Match, person: Participant, *, in_touch: bool) -> CheckIn:
    """Keep what a person of an announced match says; the newest word counts.

    Send nothing. Raise ValidationError if the match is not theirs, or has ended.
    """
    hold_person(person)
    if not Match.objects.announced().of_person(person).filter(pk=match.pk).exists():
        raise ValidationError("This match has ended.")
    said, _ = CheckIn.objects.update_or_create(
        match=match,
        participant=person,
        defaults={"in_touch": in_touch, "answered_at": timezone.now()},
    )
    return said
