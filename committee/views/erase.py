"""Delete one person's data in the browser, by a chair."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from committee.domain.erase import erase_person, what_keeps
from committee.interfaces.typed import TypedForm
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from mentorship.models import Participant, normalise_address


@committee_view
@require_http_methods(["GET", "POST"])
def erase(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Say what deleting a person's data means; do it once their address is typed."""
    people = Participant.objects.filter(program=request.program).select_related("program")
    person = get_object_or_404(people, pk=pk, program__anonymised_at=None)
    if not request.is_chair:
        raise PermissionDenied
    form = TypedForm(
        person.email, request.POST if request.method == "POST" else None, normalise_address
    )
    if form.is_valid():
        try:
            person = erase_person(person, request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"Deleted. {person} stands for them in matches and numbers.")
            return redirect("admin:mentorship_participant_change", person.pk)
    return committee_page(
        request,
        "committee/erase.html",
        f"Delete the data of {person}",
        status=400 if form.errors else 200,
        person=person,
        reasons=what_keeps(person),
        form=form,
    )
