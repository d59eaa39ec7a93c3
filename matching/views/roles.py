"""Who of those who could take either role takes which."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.text import get_text_list
from django.views.decorators.http import require_POST, require_safe

from matching.domain.proposals.role_choice import choose_roles, other_role, take_roles
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.posted import PostedForm
from mentorship.interfaces.requests import CommitteeRequest, committee_view


class ChoiceForm(PostedForm):
    """The mark of the choice that the page showed."""

    mark = forms.CharField(max_length=10_000)


@committee_view
@require_safe
def show_roles(request: CommitteeRequest) -> HttpResponse:
    """Show the best choice of roles and what it would do; change nothing."""
    choice = choose_roles(request.program)
    rows = [
        (person, person.role, other_role(person), person in choice.changed)
        for person in choice.flexible
    ]
    return committee_page(
        request, "matching/proposals/roles.html", "Flexible roles", choice=choice, rows=rows
    )


@committee_view
@require_POST
def use_roles(request: CommitteeRequest) -> HttpResponse:
    """Decide the roles as the page showed them, unless another choice is the best by now."""
    form = ChoiceForm(request.POST)
    try:
        changed = take_roles(request.program, form.values_or_400()["mark"])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        said = [f"{person} is a {person.role} now" for person in changed]
        messages.success(request, f"{get_text_list(said, 'and')}.")
    return redirect("flexible_roles")
