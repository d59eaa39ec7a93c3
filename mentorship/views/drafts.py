"""What a page sends of what somebody types before they send the form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from mentorship.domain.survey.drafts import (
    TooLong,
    TooOften,
    TypedElsewhere,
    forget_draft,
    save_draft,
)
from mentorship.interfaces.intake.form import IntakeForm
from mentorship.interfaces.intake.state import FormState, typed_in
from mentorship.interfaces.intake.words import differences
from mentorship.interfaces.personal.access import personal
from mentorship.models import Participant
from mentorship.views.intake import door


@personal
@require_POST
def draft(request: HttpRequest, person: Participant) -> HttpResponse:
    """Keep what was typed so far, or throw it away (`do` is `forget`).

    A script gets JSON: {"version"} of what is kept now, or {"why"}, with `changed` if another tab
    has typed or sent something else meanwhile: what differs, as [question, there, here].
    """
    if request.POST.get("do") == "forget":
        forget_draft(person)
        return redirect(person.answers_path)
    if door(request, person):
        return JsonResponse({"why": "closed"}, status=403)
    state = FormState(request.POST).values_or_400()
    try:
        kept = save_draft(
            person,
            typed_in(request.POST),
            seen=state["seen"] or 0,
            version=state["version"] or 0,
        )
    except TooLong:
        return JsonResponse({"why": "too long"}, status=413)
    except TooOften:
        return JsonResponse({"why": "too often"}, status=429, headers={"Retry-After": "60"})
    except TypedElsewhere as elsewhere:
        return JsonResponse(_elsewhere(request, person, elsewhere), status=409)
    return JsonResponse({"version": kept.version})


def _elsewhere(
    request: HttpRequest, person: Participant, elsewhere: TypedElsewhere
) -> dict[str, Any]:
    newest = person.responses.first()
    form = IntakeForm(request.POST, participant=person, newest=newest)
    there = IntakeForm(
        participant=person,
        newest=newest,
        typed=elsewhere.draft.answers if elsewhere.draft else None,
    )
    return {
        "why": "typed elsewhere" if elsewhere.draft else "sent elsewhere",
        "version": elsewhere.draft.version if elsewhere.draft else 0,
        "seen": newest.pk if newest else 0,
        "changed": differences(form, there.initial),
    }
