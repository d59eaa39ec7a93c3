"""Where a person says which role is right, by one tap."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from mentorship.domain.people.decisions import choose_role
from mentorship.domain.survey.window import survey_is_over
from mentorship.interfaces.personal.access import page, personal
from mentorship.interfaces.personal.phases import Phase, phase_of, show_phase
from mentorship.models import Participant


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def role(request: HttpRequest, person: Participant) -> HttpResponse:
    """Ask mentor or mentee, and record which button was pressed; looking changes nothing.

    Who is out, or comes when the conference is over, sees what the personal link opens.
    """
    if not person.takes_part or survey_is_over(person.program):
        return show_phase(request, person)
    if request.method == "POST":
        try:
            choose_role(person, request.POST.get("role", ""))
        except ValidationError:
            return page(request, "role", person, status=400, waits=_waits(person))
        return redirect("role_choice", person.link_key)
    return page(request, "role", person, waits=_waits(person))


def _waits(person: Participant) -> bool:
    """Return whether matches are still to come for this person."""
    return phase_of(person) <= Phase.ASKED
