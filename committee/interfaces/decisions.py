"""What the dashboard reminds of that concerns a whole program."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from committee.domain.anonymise import what_is_in_the_way
from committee.domain.retention import FIRST, goes_on
from mentorship.interfaces.decisions.registry import (
    DecisionKind,
    OpenCase,
    Waiting,
    register_decision,
)
from mentorship.models import Program


def find_kept_too_long(program: Program, at_most: int) -> Waiting:
    """Return a program of which the day until which people's data is kept is near or over."""
    until = program.kept_until
    today = timezone.localdate(timezone=program.zone)
    if until is None or program.anonymised_at or today < until - timedelta(days=FIRST):
        return Waiting()
    detail = [f"Its pages promise that people’s data is kept until {program.formats.date(until)}."]
    if day := goes_on(program, timezone.now()):
        detail.append(f"It will be anonymized by itself on {program.formats.date(day)}.")
    if today > until:
        detail += what_is_in_the_way(program)
    return Waiting(
        1,
        [
            OpenCase(
                program.slug,
                str(program),
                " ".join(detail),
                reverse("anonymise_program", args=[program.slug]),
            )
        ],
    )


register_decision(
    DecisionKind(
        "kept_too_long",
        "auto_delete",
        60,
        lambda total: "Anonymize people’s data",
        find_kept_too_long,
        "admin:mentorship_program_changelist",
        "See your programs",
    )
)
