"""What the dashboard reminds of that concerns a whole program."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from mentorship.interfaces.decisions.registry import (
    DecisionKind,
    OpenCase,
    Waiting,
    register_decision,
)
from mentorship.models import Program


def find_kept_too_long(program: Program, at_most: int) -> Waiting:
    """Return a program whose people's data is kept longer than it promised, if it is one."""
    until = program.kept_until
    today = timezone.localdate(timezone=program.zone)
    if until is None or program.anonymised_at or today <= until:
        return Waiting()
    promised = program.formats.date(until)
    return Waiting(
        1,
        [
            OpenCase(
                program.slug,
                str(program),
                f"Its pages promise that people’s data is kept until {promised}.",
                reverse("anonymise_program", args=[program.slug]),
            )
        ],
    )


register_decision(
    DecisionKind(
        "kept_too_long",
        "auto_delete",
        60,
        lambda total: "People’s data is kept longer than the pages promise",
        find_kept_too_long,
        "admin:mentorship_program_changelist",
        "See your programs",
    )
)
