"""The committee's first page, and the decisions that are settled on it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from committee.domain.dashboard.needed import mentors_needed
from committee.interfaces.dashboard import dashboard_context
from mentorship.interfaces.decisions.registry import Settled, settle_case
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.posted import PostedForm
from mentorship.interfaces.requests import (
    CommitteeRequest,
    SiteRequest,
    committee_view,
    current_program,
    is_chair_of,
    readers_view,
    signed_in_view,
)
from notifications.domain.outbox.alarms import alarms


class SettlingForm(PostedForm):
    """What was chosen for a case, and what was written into its blank."""

    choice = forms.SlugField(max_length=40)
    value = forms.CharField(max_length=500, required=False)


@signed_in_view
def show_dashboard(request: SiteRequest) -> HttpResponse:
    """Show how far the program is and what comes next; without a program, how to get one."""
    program = current_program(request)
    if program is None:
        return committee_page(request, "committee/no_program.html", "Dashboard")
    return committee_page(
        request,
        "committee/dashboard/page.html",
        "Dashboard",
        alarms=alarms(program),
        is_chair=is_chair_of(request),
        is_fullwidth=True,
        **dashboard_context(request, program, "needed" in request.GET),
    )


@committee_view
@require_POST
def settle(request: CommitteeRequest, kind: str, key: str) -> HttpResponse:
    """Settle one case as chosen; show the dashboard's new state, with a sentence on what was done.

    Without htmx it leads back to the dashboard.
    """
    form = SettlingForm(request.POST)
    said, refused = "", ""
    if form.is_valid():
        chosen = form.cleaned_data
        settled = Settled(request.program, key, chosen["choice"], chosen["value"], request.user)
        try:
            said = settle_case(kind, settled)
        except ValidationError as error:
            refused = " ".join(error.messages)
    else:
        refused = form.sentence
    if request.htmx:
        context = {"said": said, "refused": refused, **dashboard_context(request, request.program)}
        return render(request, "committee/dashboard/body.html", context)
    (messages.error if refused else messages.success)(request, refused or said)
    return redirect("admin:index")


@readers_view
@require_safe
def show_mentors_needed(request: CommitteeRequest) -> HttpResponse:
    """Return the part of the dashboard that says which mentors are missing."""
    context = {"needed": mentors_needed(request.program)}
    return render(request, "committee/dashboard/needed.html", context)
