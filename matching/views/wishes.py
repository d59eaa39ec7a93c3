"""The wishes not to meet somebody: how each was read, and what the committee decides."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.text import get_text_list
from django.views.decorators.http import require_POST, require_safe

from matching.domain.exclusions.wish_decisions import (
    find_people,
    read_wishes,
    reopen_wish,
    settle_wish,
)
from matching.interfaces.exclusions.wish_cards import WishForm, wishes_page
from matching.models import Match, WishDecision
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view

_TITLE = "Wishes not to be matched"
_TEMPLATE = "matching/exclusions/wishes.html"


@committee_view
@require_safe
def show_wishes(request: CommitteeRequest) -> HttpResponse:
    """List the wishes that need a decision, then the others."""
    page = wishes_page(read_wishes(request.program))
    return committee_page(request, _TEMPLATE, _TITLE, page=page)


@committee_view
@require_POST
def settle(request: CommitteeRequest) -> HttpResponse:
    """Save or undo the posted decision, or look for somebody who may be meant."""
    form = WishForm(request.program, request.POST)
    form.full_clean()
    said = form.cleaned_data
    if {"wisher", "do", "shown", "text"} & form.errors.keys():
        messages.error(request, "Nothing was saved. Open this page again and decide anew.")
        return redirect("wishes")
    if said["do"] == "find":
        return _find(request, said)
    if said["do"] == "reopen":
        if reopen_wish(said["wisher"]):
            messages.success(request, f"{said['wisher']}’s wish needs a decision again.")
        return redirect("wishes")
    if not form.is_valid():
        messages.error(request, form.sentence)
        return redirect("wishes")
    chosen = said["apart_from"] if said["do"] == "settle" else []
    try:
        decision = settle_wish(said["wisher"], said["text"], chosen, said["shown"], by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        _say(request, decision)
    return redirect("wishes")


def _find(request: CommitteeRequest, said: dict[str, Any]) -> HttpResponse:
    """Show the page with the people who may be meant by the words; save nothing."""
    wishes = read_wishes(request.program)
    wisher, words = said["wisher"].pk, said["words"]
    checked = [person.pk for person in said.get("apart_from") or ()]
    searched = (wisher, words, find_people(wishes, wisher, words), checked)
    return committee_page(request, _TEMPLATE, _TITLE, page=wishes_page(wishes, searched))


def _say(request: CommitteeRequest, decision: WishDecision) -> None:
    wisher = decision.participant
    apart = list(decision.apart_from.all())
    if not apart:
        messages.success(request, f"Saved: nobody here is meant by {wisher}’s wish.")
        return
    names = get_text_list([str(person) for person in apart], "or")
    messages.success(request, f"{wisher} will not be matched with {names}.")
    for match in Match.objects.live().filter(program=wisher.program_id).between(wisher, apart):
        messages.warning(
            request, f"{match} are matched now. Dissolve the match or change it on the board."
        )
