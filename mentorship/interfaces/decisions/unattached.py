"""Decisions about responses from addresses that nobody in the program has."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import ngettext

from mentorship.domain.imports.responses import attach_responses
from mentorship.domain.imports.unattached import leave_unattached, waiting_responses
from mentorship.interfaces.decisions.registry import (
    Blank,
    Button,
    DecisionKind,
    OpenCase,
    Settled,
    Waiting,
    already_settled,
    register_decision,
    unknown_choice,
)
from mentorship.interfaces.imports.uploads import AttachForm
from mentorship.models import Import, Program

_ATTACH = Button("attach", "Attach")
_NOBODY = Button("nobody", "Nobody here")


def _case(key: str, done: Import, entry: dict[str, object]) -> OpenCase:
    likely = entry["likely"] if isinstance(entry["likely"], dict) else {}
    words = f"Probably {likely['name']}: {likely['why']}" if likely else "Nobody has this address"
    return OpenCase(
        key,
        " ".join(filter(None, [str(entry["name"]), str(entry["value"])])),
        words,
        reverse("admin:mentorship_import_change", args=[done.pk]),
        Blank("Email address in the program", "email", str(likely.get("email", ""))),
        (_ATTACH, _NOBODY),
    )


def _find(program: Program, at_most: int) -> Waiting:
    waiting = waiting_responses(program)
    return Waiting(len(waiting), [_case(*each) for each in waiting[:at_most]])


def _settle(settled: Settled) -> str:
    waiting = {key: (done, entry) for key, done, entry in waiting_responses(settled.program)}
    if settled.key not in waiting:
        raise already_settled()
    done, entry = waiting[settled.key]
    address = entry["value"]
    if settled.choice == _NOBODY.choice:
        leave_unattached(done, address)
        return f"The response from {address} stays with its import, as nobody’s."
    if settled.choice != _ATTACH.choice:
        raise unknown_choice()
    form = AttachForm(done, {"unknown": address, "person": settled.value})
    if not form.is_valid():
        raise ValidationError(form.sentence)
    person = form.cleaned_data["person"]
    attach_responses(done, address, person)
    return f"Saved as the response of {person}."


register_decision(
    DecisionKind(
        "unattached",
        "contact_mail",
        65,
        lambda total: (
            ngettext(
                "%(n)d response from an unknown address",
                "%(n)d responses from unknown addresses",
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
