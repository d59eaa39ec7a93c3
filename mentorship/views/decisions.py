"""What a committee member decides about one person, and which program they look at."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from mentorship.domain.people import decisions
from mentorship.interfaces.own_data import data_response
from mentorship.models import Participant, Program
from mentorship.views.middleware import SESSION_KEY

# What the form's `do` may be: what happens with its `value`, and the sentence that says it is done.
_DECISIONS: dict[str, tuple[Callable[[Participant, str], Participant], str]] = {
    "role": (decisions.decide_role, "The role is {role}."),
    "attendance": (decisions.decide_attendance, "The attendance is {attendance}."),
    "withdraw": (decisions.withdraw, "{person} has been taken out of the program."),
    "rejoin": (lambda person, _: decisions.rejoin(person), "{person} takes part again."),
    "keep": (
        lambda person, _: decisions.keep_registered(person),
        "{person} stays, whatever the next export says.",
    ),
    "reminders": (
        lambda person, _: decisions.allow_reminders(person),
        "{person} can be reminded again.",
    ),
    "address": (
        lambda person, _: decisions.trust_address(person),
        "Mail to {person} can leave again.",
    ),
    "link": (
        lambda person, _: decisions.renew_link(person),
        "{person} has a new link; the old one does not work any more.",
    ),
}


@require_POST
def decide_on_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply the decision of the posted form (`do`, `value`).

    Goes back to the person's page, or to the page of this site that the form names as `next`.
    """
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, None):
        back = reverse("admin:mentorship_participant_change", args=[pk])
    person = get_object_or_404(Participant.objects.of(request.user), pk=pk)
    if request.POST.get("do") not in _DECISIONS:
        return HttpResponseBadRequest("Unknown decision.")
    decide, words = _DECISIONS[request.POST["do"]]
    value = request.POST.get("value", "")
    if decide is decisions.withdraw and not value.strip():
        messages.error(request, "Say why this person withdraws, so that others understand later.")
        return redirect(back)
    try:
        person = decide(person, value)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        attendance = person.attendance_words or "not known"
        messages.success(
            request, words.format(person=person, role=person.role, attendance=attendance)
        )
    return redirect(back)


@require_safe
def download_data(request: HttpRequest, pk: int) -> HttpResponse:
    """Give what is stored about one person as a file, for whoever asks the committee for it."""
    people = Participant.objects.of(request.user).select_related("program", "sector")
    return data_response(get_object_or_404(people, pk=pk))


def switch_program(request: HttpRequest, slug: str) -> HttpResponse:
    """Look at another program of one's own from now on; only members get there."""
    program = get_object_or_404(Program.objects.of(request.user), slug=slug)
    request.session[SESSION_KEY] = program.pk
    return redirect("admin:index")
