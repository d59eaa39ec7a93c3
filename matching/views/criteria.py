"""The page of the matching criteria."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from matching.domain.proposals.criteria import criteria_of, save_criteria
from matching.domain.proposals.trial import try_criteria
from matching.interfaces.proposals.criteria_form import CriteriaForm
from matching.interfaces.proposals.trial_card import trial_card
from mentorship.models import Program


def edit_criteria(request: HttpRequest) -> HttpResponse:
    """Return the matching criteria; on POST, save them, which only a chair may.

    Criteria that cannot be saved are shown again as they were entered, with the reason.
    """
    program: Program = request.program  # type: ignore[attr-defined]
    if not program:
        return redirect("admin:index")
    is_chair = bool(request.is_chair)  # type: ignore[attr-defined]
    form = CriteriaForm(None, program)
    if request.method == "POST":
        if not is_chair:
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
    context = {
        **admin.site.each_context(request),
        "title": "Matching criteria",
        "form": form,
        "seen": criteria_of(program).digest,
        "may_save": is_chair,
    }
    return TemplateResponse(request, "matching/proposals/criteria.html", context)


def _save(form: CriteriaForm, request: HttpRequest) -> None:
    if not form.is_valid():
        raise ValidationError(f"Nothing was saved. {form.sentence}")
    by: Any = request.user
    seen = request.POST.get("seen", "")
    save_criteria(request.program, form.wanted, seen=seen, by=by)  # type: ignore[attr-defined]


@require_POST
def show_trial(request: HttpRequest) -> HttpResponse:
    """Return what would change with the posted criteria; nothing is saved."""
    program: Program = request.program  # type: ignore[attr-defined]
    if not program:
        raise Http404
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
