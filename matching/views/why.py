"""The parts of the board and of a proposal that take a moment to load."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from matching.domain.board.board import read_board
from matching.domain.proposals.problem import solve_now
from matching.interfaces.board.why_card import trade_offs_card, why_left_card
from matching.interfaces.proposals.what_if_form import WhatIfForm
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from mentorship.models import Program


@committee_view
@require_safe
def show_why_left(request: CommitteeRequest) -> HttpResponse:
    """Return why mentees are unmatched, and which more mentors would match them."""
    context = why_left_context(request.program)
    return TemplateResponse(request, "matching/board/why_left.html", context)


@committee_view
@require_safe
def show_trade_offs(request: CommitteeRequest) -> HttpResponse:
    """Return what each priority costs the ones below it."""
    context = trade_offs_context(request.program)
    return TemplateResponse(request, "matching/proposals/trade_offs.html", context)


@committee_view
@require_safe
def show_what_if(request: CommitteeRequest) -> HttpResponse:
    """Return the what-if form with its answer."""
    context = what_if_context(request.program, request.GET)
    return TemplateResponse(request, "matching/proposals/what_if.html", context)


def what_if_context(program: Program, asked: QueryDict) -> dict[str, Any]:
    """Return what `what_if.html` shows; a change that is impossible is an error of the form.

    Raise Http404 if the program's criteria cannot be used; so do the other two.
    """
    try:
        form = WhatIfForm(asked if "ask" in asked else None, solve_now(program))
    except ValidationError as error:
        raise Http404(" ".join(error.messages)) from error
    answer = None
    if form.is_valid():
        try:
            answer = form.answer()
        except ValidationError as error:
            form.add_error(None, error)
    return {"what_if_form": form, "answer": answer}


def why_left_context(program: Program) -> dict[str, Any]:
    """Return what `why_left.html` shows."""
    try:
        return {"why": why_left_card(program, {one.pk for one in read_board(program).waiting})}
    except ValidationError as error:
        raise Http404(" ".join(error.messages)) from error


def trade_offs_context(program: Program) -> dict[str, Any]:
    """Return what `trade_offs.html` shows."""
    try:
        return {"trade_offs": trade_offs_card(program)}
    except ValidationError as error:
        raise Http404(" ".join(error.messages)) from error
