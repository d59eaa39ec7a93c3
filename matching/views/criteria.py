"""The page of the matching criteria."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from matching.domain.proposals.criteria import criteria_of, save_criteria
from matching.domain.proposals.trial import try_criteria
from matching.interfaces.proposals.criteria_form import CriteriaForm
from matching.interfaces.proposals.trial_card import trial_card
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view


@committee_view
@require_http_methods(["GET", "HEAD", "POST"])
def edit_criteria(request: CommitteeRequest) -> HttpResponse:
    """Return the matching criteria; on POST, save them, which only a chair may.

    Criteria that cannot be saved are shown again as they were entered, with the reason.
    """
    program = request.program
    form = CriteriaForm(None, program)
    if request.method == "POST":
        if not request.is_chair:
            raise PermissionDenied
        form = CriteriaForm(request.POST, program)
        try:
            _save(form, request)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            # Somebody else may have saved meanwhile. The page compares with what is saved now.
            program.refresh_from_db()
            form = CriteriaForm(request.POST, program)
        else:
            messages.success(
                request, "Saved. No matches changed. Propose matches to use the new criteria."
            )
            return redirect("what_counts")
    return committee_page(
        request,
        "matching/proposals/criteria.html",
        "Matching criteria",
        form=form,
        seen=criteria_of(program).digest,
        may_save=request.is_chair,
    )


def _save(form: CriteriaForm, request: CommitteeRequest) -> None:
    if not form.is_valid():
        raise ValidationError(f"Nothing was saved. {form.sentence}")
    seen = form.cleaned_data["seen"]
    save_criteria(request.program, form.wanted, seen=seen, by=request.user)


@committee_view
@require_POST
def show_trial(request: CommitteeRequest) -> HttpResponse:
    """Return what would change with the posted criteria; nothing is saved."""
    program = request.program
    form = CriteriaForm(request.POST, program)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            context["trial"] = trial_card(try_criteria(program, form.wanted))
        except ValidationError as error:
            context["refusal"] = " ".join(error.messages)
    else:
        context["refusal"] = form.sentence
    return TemplateResponse(request, "matching/proposals/trial.html", context)
