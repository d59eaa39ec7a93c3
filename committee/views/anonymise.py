"""Anonymize a program in the browser, by its chairs."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from committee.domain.anonymise import (
    anonymise_program,
    what_is_in_the_way,
    would_anonymise,
)
from committee.domain.numbers import people_counted
from committee.domain.retention import goes_on
from committee.interfaces.typed import TypedForm
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, chaired_program, committee_view


@committee_view
@require_http_methods(["GET", "POST"])
def anonymise(request: CommitteeRequest, slug: str) -> HttpResponse:
    """Show what would be anonymized; do it once the program's short name is typed."""
    program = chaired_program(request, slug)
    form = TypedForm(program.slug, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            done = anonymise_program(program, request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request,
                f"{program} is anonymized: {people_counted(done.participants)}, "
                f"{_emails(done.messages)}.",
            )
            return redirect("admin:mentorship_program_change", program.pk)
    return committee_page(
        request,
        "committee/anonymise.html",
        f"Anonymize {program}",
        status=400 if form.errors else 200,
        target=program,
        by_itself_on=goes_on(program, timezone.now()),
        would=would_anonymise(program),
        reasons=what_is_in_the_way(program),
        form=form,
    )


def _emails(number: int) -> str:
    return ngettext("%(n)d email", "%(n)d emails", number) % {"n": number}
