"""How it was: who is asked about which matches, and what they answer."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from matching.domain.support.requests import hold_person
from matching.models import Feedback, Match
from mentorship.models import Participant, Program


@dataclass(frozen=True)
class Opinion:
    """What one person says about the whole program; blank where they did not say."""

    went_well: str = ""
    do_better: str = ""
    would_come_again: bool | None = None
    again_as: str = ""


@dataclass(frozen=True)
class OfMatch:
    """What one person says about one match: whether they met, and how it was from 1 to 5."""

    met: bool | None = None
    rating: int | None = None


def takes_feedback(program: Program, today: datetime.date) -> bool:
    """Return whether people are asked on this day how it was."""
    return program.ends_on < today <= program.feedback_until


def asked_about(person: Participant) -> list[Match]:
    """Return the matches about which a person is asked, oldest first.

    Those that stand; for somebody who has none, the last one of which they were told.
    """
    told = Match.objects.of_person(person).filter(announced_at__isnull=False)
    told = told.select_related("mentor", "mentee", "program").order_by("announced_at", "pk")
    standing = [match for match in told if match.is_live]
    return standing or list(told)[-1:]


def feedback_of(person: Participant) -> list[Feedback]:
    """Return what a person has said, about the first match first."""
    return list(person.feedback.order_by("pk"))


@transaction.atomic
def give_feedback(
    person: Participant,
    opinion: Opinion,
    of_matches: Mapping[int, OfMatch],
    now: datetime.datetime | None = None,
) -> list[Feedback]:
    """Keep what a person says about their matches (by their keys) and the program; return it.

    Given again, it takes the place of what was given. What is said about the whole program stands
    with the first match. Raise ValidationError if feedback is not taken on this day.
    """
    person = hold_person(person)
    now = now or timezone.now()
    if not takes_feedback(person.program, person.program.local(now).date()):
        raise ValidationError("Feedback is not taken any more.")
    given = []
    for number, match in enumerate(asked_about(person)):
        said = of_matches.get(match.pk, OfMatch())
        about_all = opinion if number == 0 else Opinion()
        row, _ = Feedback.objects.update_or_create(
            participant=person,
            match=match,
            defaults={
                "program": person.program,
                "met": said.met,
                "rating": said.rating,
                **vars(about_all),
            },
        )
        given.append(row)
    return given
