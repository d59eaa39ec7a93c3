"""Copying a program for the next conference, in the browser, by its chairs."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from mentorship.domain.programs.copy import copy_program, next_edition
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import (
    CommitteeRequest,
    chaired_program,
    committee_view,
    look_at,
)

_TEXT = {"class": "cm-input"}
_DATE = {"class": "cm-input", "type": "date"}


class CopyForm(forms.Form):
    """What the next edition is called and when it is."""

    name = forms.CharField(max_length=120, widget=forms.TextInput(_TEXT))
    slug = forms.SlugField(
        label="Short name",
        widget=forms.TextInput(_TEXT),
        help_text="Used in links and commands",
    )
    starts_on = forms.DateField(label="First day", widget=forms.DateInput(_DATE, "%Y-%m-%d"))
    ends_on = forms.DateField(label="Last day", widget=forms.DateInput(_DATE, "%Y-%m-%d"))
    time_zone = forms.CharField(
        max_length=64,
        widget=forms.TextInput(_TEXT),
        help_text="For example America/Los_Angeles",
    )
    with_committee = forms.BooleanField(label="Include the committee", required=False, initial=True)


@committee_view
@require_http_methods(["GET", "POST"])
def show_copy(request: CommitteeRequest, slug: str) -> HttpResponse:
    """Ask for name and dates of the copy, make it, and switch to it."""
    source = chaired_program(request, slug)
    form = CopyForm(request.POST or None, initial=next_edition(source))
    if form.is_valid():
        try:
            copied = copy_program(source, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            for field, faults in error.message_dict.items():
                form.add_error(field if field in form.fields else None, faults)
        else:
            messages.success(request, f"{copied.program} is ready. You are looking at it now.")
            for remark in copied.remarks:
                messages.warning(request, remark)
            look_at(request, copied.program)
            return redirect("admin:mentorship_program_change", copied.program.pk)
    return committee_page(
        request,
        "mentorship/programs/copy.html",
        f"Copy {source}",
        status=400 if form.errors else 200,
        source=source,
        form=form,
    )
