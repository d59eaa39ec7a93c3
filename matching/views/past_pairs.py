"""The page that adds the pairs of an earlier conference, so that they are not matched again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from matching.domain.exclusions.past_pairs import count_waiting, pairs_of, remember_pairs
from matching.domain.sheets.past_pairs import read_pairs
from matching.interfaces.sheets.form import SheetsForm
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from mentorship.models import Program

# Skipped rows that are named one by one. The others are only counted.
_NAMED_AT_MOST = 10


class EarlierForm(forms.Form):
    """The choice of one of the user's other programs."""

    earlier = forms.ModelChoiceField(
        Program.objects.none(),
        label="Program",
        empty_label=None,
        widget=forms.Select({"class": "cm-input"}),
    )

    def __init__(self, programs: QuerySet[Program], data: Any = None) -> None:
        super().__init__(data)
        earlier: Any = self.fields["earlier"]
        earlier.queryset = programs


@committee_view
@require_http_methods(["GET", "HEAD", "POST"])
def add_past_pairs(request: CommitteeRequest) -> HttpResponse:
    """Ask for an earlier program or for files, and add their pairs to this program."""
    program = request.program
    # Two forms are on the page; only one of them has this field.
    by_program = request.method == "POST" and "earlier" in request.POST
    by_file = request.method == "POST" and not by_program
    choices = Program.objects.run_by(request.user).exclude(pk=program.pk)
    earlier = EarlierForm(choices, request.POST if by_program else None)
    files = SheetsForm(request.POST if by_file else None, request.FILES if by_file else None)
    form = earlier if by_program else files
    faults: list[str] = []
    if form.is_bound and form.is_valid():
        try:
            if by_program:
                source = earlier.cleaned_data["earlier"]
                pairs, came_from = pairs_of(source), f"matched in {source}"
            else:
                pairs, faults = read_pairs(files.tables())
                names = " and ".join(file.name for file in files.cleaned_data["sheets"])
                came_from = f"paired in {names}"
        except ValidationError as error:
            form.add_error(next(iter(form.fields)), error)
        else:
            messages.success(request, str(remember_pairs(program, pairs, came_from)))
            _warn(request, faults)
            return redirect("admin:matching_keepapart_changelist")
    return committee_page(
        request,
        "matching/exclusions/past_pairs.html",
        "Past pairs",
        status=400 if form.errors else 200,
        earlier=earlier,
        has_earlier=choices.exists(),
        files=files,
        waiting=count_waiting(program),
        target=program,
    )


def _warn(request: CommitteeRequest, faults: list[str]) -> None:
    for fault in faults[:_NAMED_AT_MOST]:
        messages.warning(request, f"Skipped. {fault}")
    if (more := len(faults) - _NAMED_AT_MOST) > 0:
        words = ngettext("%d more row was skipped.", "%d more rows were skipped.", more)
        messages.warning(request, words % more)
