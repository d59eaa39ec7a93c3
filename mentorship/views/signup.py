"""What people without a link find: open sign-up, and their link on request.

These pages answer everyone alike, whether an address is known or not. They use no cookie; what
could be forged is an email to an address, and of these each address gets a few an hour at most.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from axes.helpers import get_client_ip_address
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from mentorship.domain.signup.limits import may_ask
from mentorship.domain.signup.requests import (
    ask_for_links,
    ask_to_sign_up,
    sign_up,
    signup_is_open,
)
from mentorship.domain.signup.tokens import read_signup_token
from mentorship.interfaces.signup import AddressForm, OpenSignupForm
from mentorship.models import Participant, Program

_REQUESTS_A_VISITOR = 20


def _public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @functools.wraps(view)
    def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = view(request, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapper


def _page(request: HttpRequest, name: str, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, f"mentorship/public/signup/{name}.html", context, status=status)


def _too_many(request: HttpRequest) -> bool:
    visitor = get_client_ip_address(request) or ""
    return not may_ask("visitor", visitor, _REQUESTS_A_VISITOR)


@_public
def send_me_my_link(request: HttpRequest) -> HttpResponse:
    """Ask for an email address, and email the personal links that belong to it."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if _too_many(request):
            return _page(request, "too_many", 429)
        ask_for_links(form.cleaned_data["email"])
        return redirect("link_sent")
    return _page(request, "link", form=form)


@_public
def link_sent(request: HttpRequest) -> HttpResponse:
    """Say where to look for the link, to everyone alike."""
    return _page(request, "link_sent")


@_public
def start_signup(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for an email address, and email the link with which the sign-up goes on."""
    program = Program.objects.filter(slug=slug).first()
    if program is None or not signup_is_open(program):
        return _page(request, "closed", 404)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if _too_many(request):
            return _page(request, "too_many", 429, program=program)
        ask_to_sign_up(program, form.cleaned_data["email"])
        return redirect("signup_sent", slug)
    return _page(request, "start", form=form, program=program)


@_public
def signup_sent(request: HttpRequest, slug: str) -> HttpResponse:
    """Say where to look for the next step, to everyone alike."""
    program = Program.objects.filter(slug=slug).first()
    if program is None or not signup_is_open(program):
        return _page(request, "closed", 404)
    return _page(request, "sent", program=program)


@_public
def confirm_signup(request: HttpRequest, token: str) -> HttpResponse:
    """Ask somebody whose address is confirmed who they are; on POST add them to the program.

    Opening the link changes nothing: scanners of email open every link.
    """
    known = read_signup_token(token)
    if known is None:
        return _page(request, "expired", 410)
    key, email = known
    program = Program.objects.filter(pk=key).first()
    if program is None or not signup_is_open(program):
        return _page(request, "closed", 404)
    person = Participant.objects.filter(program=program, email=email).first()
    if person:
        return _page(request, "known", program=program, person=person)
    form = OpenSignupForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            person = sign_up(program, email, **form.cleaned_data)
        except ValidationError:
            return _page(request, "closed", 404)
        return redirect(person.answers_path)
    return _page(request, "confirm", form=form, program=program, email=email)
