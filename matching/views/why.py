"""The parts of the board and the proposal's page that take a moment, and so come by themselves."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from matching.domain.board import read_board
from matching.interfaces.why_card import costs_card, why_left_card
from mentorship.models import Program


def show_why_left(request: HttpRequest) -> HttpResponse:
    """Give why mentees are without a mentor, and which more mentors would place them."""
    return TemplateResponse(request, "matching/why_left.html", why_left_context(_program(request)))


def show_costs(request: HttpRequest) -> HttpResponse:
    """Give what each priority costs the later ones."""
    return TemplateResponse(request, "matching/costs.html", costs_context(_program(request)))


def why_left_context(program: Program) -> dict[str, Any]:
    """Give what `why_left.html` shows."""
    try:
        return {"why": why_left_card(program, read_board(program).waiting)}
    except ValidationError as error:
        raise Http404(" ".join(error.messages)) from error


def costs_context(program: Program) -> dict[str, Any]:
    """Give what `costs.html` shows."""
    try:
        return {"costs": costs_card(program)}
    except ValidationError as error:
        raise Http404(" ".join(error.messages)) from error


def _program(request: HttpRequest) -> Program:
    program: Program = request.program  # type: ignore[attr-defined]
    if not program:
        raise Http404
    return program
