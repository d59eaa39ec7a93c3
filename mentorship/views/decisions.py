"""What a committee member decides about one person, and which program they look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from mentorship.domain.people import decisions
from mentorship.domain.programs.data_log import log_export
from mentorship.domain.signup.requests import send_link
from mentorship.interfaces.own_data import data_response
from mentorship.interfaces.posted import LocalPathField, PostedForm
from mentorship.interfaces.requests import (
    CommitteeRequest,
    SiteRequest,
    committee_view,
    look_at,
    signed_in_view,
)
from mentorship.models import Participant, Program

# What the form's `do` may be: what happens with its `value`, given what was `shown`, and the
# sentence that says it is done.
_DECISIONS: dict[str, tuple[Callable[[Participant, str, str | None], Participant], str]] = {
    "role": (decisions.decide_role, "Role: {role}."),
    "attendance": (decisions.decide_attendance, "Attendance: {attendance}."),
    "withdraw": (lambda person, why, _: decisions.withdraw(person, why), "{person} has withdrawn."),
    "rejoin": (lambda person, *_: decisions.rejoin(person), "{person} takes part again."),
    "keep": (
        lambda person, *_: decisions.keep_registered(person),
        "{person} stays registered, whatever the next export says.",
    ),
    "no_reminders": (
        lambda person, *_: decisions.stop_reminders(person),
        "{person} gets no more reminders.",
    ),
    "reminders": (
        lambda person, *_: decisions.allow_reminders(person),
        "{person} gets reminders again.",
    ),
    "address": (
        lambda person, *_: decisions.trust_address(person),
        "Emails to {person} are sent again.",
    ),
    "send_link": (
        lambda person, *_: send_link(person),
        "{person} gets a new link by email. The old one no longer works.",
    ),
    "link": (
        lambda person, *_: decisions.renew_link(person),
        "{person} has a new link. The old one no longer works.",
    ),
}


class DecisionForm(PostedForm):
    """A decision by its name, what it is (a role, a reason), and the page to go back to."""

    do = forms.ChoiceField(choices=[(name, name) for name in _DECISIONS])
    value = forms.CharField(required=False)
    # What stood there when the page was made; a page that shows nothing of it sends none.
    shown = forms.CharField(required=False)
    next = LocalPathField()

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("do") == "withdraw" and not said.get("value"):
            self.add_error("value", "Enter why this person withdraws.")
        if "shown" not in self.data:
            said["shown"] = None
        return said


@committee_view
@require_POST
def decide_on_person(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Apply the posted decision.

    Goes back to the person's page, or to the page of this site that the form names as `next`.
    """
    person = get_object_or_404(Participant, program=request.program, pk=pk)
    form = DecisionForm(request.POST)
    form.full_clean()
    if "do" in form.errors:
        raise BadRequest("There is no such decision.")
    back = form.cleaned_data.get("next") or reverse(
        "admin:mentorship_participant_change", args=[pk]
    )
    if not form.is_valid():
        messages.error(request, form.sentence)
        return HttpResponseRedirect(back)
    said = form.cleaned_data
    decide, words = _DECISIONS[said["do"]]
    try:
        person = decide(person, said["value"], said["shown"])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        attendance = person.attendance_words or "unknown"
        messages.success(
            request, words.format(person=person, role=person.role, attendance=attendance)
        )
    return HttpResponseRedirect(back)


@committee_view
@require_safe
def download_data(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Return what is stored about one person as a file, for people who ask the committee for it."""
    people = Participant.objects.filter(program=request.program).select_related("program", "sector")
    person = get_object_or_404(people, pk=pk)
    log_export(person.program, request.user, "all data of a person", about=person.pk)
    return data_response(person, confidential=request.is_chair)


@signed_in_view
def switch_program(request: SiteRequest, slug: str) -> HttpResponse:
    """Look at another program of one's own from now on; only members get there."""
    look_at(request, get_object_or_404(Program.objects.of(request.user), slug=slug))
    return redirect("admin:index")
