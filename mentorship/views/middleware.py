"""Which program a committee member is looking at."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from mentorship.domain.programs import is_chair
from mentorship.models import Program

SESSION_KEY = "program"


def current_program(request: HttpRequest) -> Program | None:
    """Give the program chosen last in this session, else the user's newest, else None."""
    programs = Program.objects.of(request.user)
    chosen = programs.filter(pk=request.session.get(SESSION_KEY, 0)).first()
    return chosen or programs.first()


class CurrentProgramMiddleware:
    """Sets `request.program` and `request.is_chair` (lazily: public pages never ask)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.program = SimpleLazyObject(lambda: current_program(request))  # type: ignore[attr-defined]
        request.is_chair = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: is_chair(request.user, request.program)  # type: ignore[attr-defined]
        )
        try:
            return self.get_response(request)
        finally:
            # The committee's pages set the clock to that of their program.
            timezone.deactivate()
