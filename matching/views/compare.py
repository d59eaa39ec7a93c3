"""Proposals side by side, and applying one of them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from matching.domain.board.board import read_board
from matching.domain.board.compare import apply_all, differences, side_of
from matching.interfaces.board.buttons import ApplyForm, CompareQuery
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view

# Older proposals can be looked up in their list.
OFFERED = 20


@committee_view
@require_safe
def compare_proposals(request: CommitteeRequest) -> HttpResponse:
    """Return the page with two proposals, or the board (0) and one: at first the newest one."""
    asked = CompareQuery(request.program, request.GET).values_or_404()
    proposals = list(
        request.program.proposals.defer("pairs", "unmatched_mentees", "idle_mentors")[:OFFERED]
    )
    newest = next(iter(proposals), None) if "other" not in request.GET else None
    board = read_board(request.program)
    one = side_of(board, asked["one"])
    other = side_of(board, asked["other"] or newest)
    return committee_page(
        request,
        "matching/board/compare.html",
        "Compare proposals",
        board=board,
        one=one,
        other=other,
        sides=[("one", "First", one), ("other", "Second", other)],
        proposals=proposals,
        differences=differences(board, one, other),
    )


@committee_view
@require_POST
def apply_proposal(request: CommitteeRequest) -> HttpResponse:
    """Replace the board's drafts by the posted proposal."""
    said = ApplyForm(request.program, request.POST).values_or_404()
    try:
        number = apply_all(request.program, said["proposal"], by=request.user)
    except ValidationError as error:
        messages.error(request, f"Nothing was changed. {' '.join(error.messages)}")
    else:
        words = ngettext("Applied: %d pair is new.", "Applied: %d pairs are new.", number) % number
        messages.success(request, f"{words} You can undo this on the board.")
    return redirect("matching_board")
