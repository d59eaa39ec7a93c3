"""Decisions about sign-ups that name no role yet: mentor, mentee, or not taking part."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import ngettext

from mentorship.domain.imports.undecided import NOT_TAKING_PART, decide_signup, waiting_signups
from mentorship.interfaces.decisions.registry import (
    Button,
    DecisionKind,
    OpenCase,
    Settled,
    Waiting,
    register_decision,
)
from mentorship.models import Program, Role

_BUTTONS = (
    *(Button(role.value, role.label) for role in Role),
    Button(NOT_TAKING_PART, "Not taking part"),
)


def _find(program: Program, at_most: int) -> Waiting:
    waiting = waiting_signups(program)
    cases = [
        OpenCase(
            key,
            entry["name"] or entry["email"],
            f"Answered “{entry['said']}” at sign-up",
            reverse("admin:mentorship_import_change", args=[key.partition("-")[0]]),
            None,
            _BUTTONS,
        )
        for key, entry in waiting[:at_most]
    ]
    return Waiting(len(waiting), cases)


def _settle(settled: Settled) -> str:
    name = decide_signup(settled.program, settled.key, settled.choice)
    if settled.choice == NOT_TAKING_PART:
        return f"{name} takes no part."
    return f"{name} is a {settled.choice}."


register_decision(
    DecisionKind(
        "signup",
        "help",
        15,
        lambda total: (
            ngettext(
                "%(n)d sign-up could be mentor or mentee",
                "%(n)d sign-ups could be mentor or mentee",
                total,
            )
            % {"n": total}
        ),
        _find,
        "admin:mentorship_import_changelist",
        "See the imports",
        settle=_settle,
        until_end=True,
    )
)
