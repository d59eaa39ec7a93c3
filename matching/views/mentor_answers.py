"""The committee does not wait for a mentor's answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from matching.domain.matches.mentor_answers import do_not_wait
from matching.models import Match
from mentorship.interfaces.requests import CommitteeRequest, committee_view


@committee_view
@require_POST
def announce_anyway(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Let a draft be announced without its mentor's yes, and go back to it on the board."""
    match = get_object_or_404(Match.objects.filter(program=request.program), pk=pk)
    try:
        do_not_wait(match, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"{match} can be announced without the mentor’s answer.")
    return redirect(f"{reverse('matching_board')}?mentee={match.mentee_id}#chosen")
