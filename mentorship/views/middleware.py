"""What a request may be, and which program a committee member is looking at."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from mentorship.interfaces.requests import add_program, current_program, to_first_page
from mentorship.models import PersonErased, ProgramAnonymised
from mentorship.views.request_log import METHODS

# So much of a body that is far too large is read and thrown away: a browser that is cut off while
# it still sends shows an error of its own in place of the answer.
_DRAINED_AT_MOST = 64 * 1024 * 1024
_DRAINED_AT_ONCE = 64 * 1024
_ENCODINGS = ("utf-8", "utf8", "us-ascii", "ascii")


class LargeBodyMiddleware:
    """Refuses a body of more than BODY_AT_MOST bytes before anything of it is kept on disk."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            size = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return render(request, "400.html", status=400)
        if size <= settings.BODY_AT_MOST:
            return self.get_response(request)
        left = min(size, _DRAINED_AT_MOST)
        while left > 0 and (piece := request.read(_DRAINED_AT_ONCE)):
            left -= len(piece)
        limit = filesizeformat(settings.BODY_AT_MOST)
        return render(
            request, "413.html", {"size": filesizeformat(size), "limit": limit}, status=413
        )


class OddRequestMiddleware:
    """Refuses text that is not UTF-8, and says in words what would be refused without any.

    A method that no page knows is refused, too; TRACE would be taken for one that changes nothing.
    The pages are UTF-8, and so is what browsers send from them. Python knows encodings that are no
    encodings of text, and others that put characters into a text which no database stores.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return _worded(request, HttpResponseNotAllowed(sorted(METHODS)))
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in _ENCODINGS:
            return render(request, "400.html", status=400)
        response = self.get_response(request)
        if response.status_code != 405 or response.content:
            return response
        return _worded(request, response)


def _worded(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the page that says what a response without any words does: this method is none."""
    worded = render(request, "405.html", status=405)
    worded["Allow"] = response["Allow"]
    return worded


class CurrentProgramMiddleware:
    """Sets `request.program` and `request.is_chair` (lazily: public pages never ask)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        add_program(request)
        try:
            return _refuse_other_program(request) or self.get_response(request)
        finally:
            # The committee's pages set the clock to that of their program.
            timezone.deactivate()

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say it where a page was open, or a button pressed, while people became nobody's data."""
        if not isinstance(error, (PersonErased, ProgramAnonymised)):
            return None
        if not request.user.is_authenticated:
            return None
        messages.error(request, " ".join(error.messages))
        return to_first_page(request)


def _refuse_other_program(request: HttpRequest) -> HttpResponse | None:
    """Refuse what a page made for one program sends after another was chosen in a second tab.

    committee.js adds to all that is sent which program its page was made for.
    """
    if request.method != "POST":
        return None
    made_for = request.headers.get("X-Looking-At") or request.POST.get("looking_at")
    if not made_for:
        return None
    chosen = current_program(request)
    if chosen and chosen.slug == made_for:
        return None
    messages.error(
        request,
        f"Nothing was saved. That page was for {made_for}, and another tab has switched to "
        f"{chosen.slug if chosen else 'no program'} since. Switch back and open the page again.",
    )
    return to_first_page(request)
