"""The page of one's own account: its sessions, and the second step of signing in."""

from __future__ import annotations

from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from mentorship.domain.programs import second_factor, signed_in
from mentorship.interfaces.accounts.forms import CodeForm, PasswordAgainForm
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.posted import LocalPathField
from mentorship.interfaces.requests import SiteRequest, signed_in_view


@signed_in_view
@never_cache
@require_http_methods(["GET", "HEAD"])
def own_account(request: SiteRequest) -> HttpResponse:
    """Show where somebody is signed in, and whether they sign in with a code."""
    return _account(request, CodeForm())


def _account(request: SiteRequest, form: CodeForm, **context: Any) -> HttpResponse:
    user: Any = request.user
    return committee_page(
        request,
        "mentorship/accounts/own.html",
        "Your account",
        status=400 if form.errors else 200,
        sessions=signed_in.sessions_of(user, request.session.session_key),
        has_app=second_factor.has_app(user),
        codes_left=second_factor.codes_left(user),
        is_required=settings.SECOND_FACTOR_REQUIRED,
        form=form,
        **context,
    )


@signed_in_view
@require_POST
def end_session(request: SiteRequest) -> HttpResponse:
    """End one session of one's own, or all others."""
    user: Any = request.user
    if name := request.POST.get("name", ""):
        if signed_in.end_session(user, name):
            messages.success(request, "Signed out there.")
        else:
            messages.error(request, "This session has ended already.")
    else:
        number = signed_in.end_other_sessions(user, request.session.session_key)
        messages.success(request, f"Signed out everywhere else ({number}).")
    return redirect("own_account")


@signed_in_view
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def set_up_app(request: SiteRequest) -> HttpResponse:
    """Show the picture that an app reads; turn the second step on once it has made a code."""
    user: Any = request.user
    if second_factor.has_app(user):
        return redirect("own_account")
    device = second_factor.new_app(user)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            codes = second_factor.confirm_app(request.session, user, form.cleaned_data["code"])
        except ValidationError as error:
            form.add_error("code", error)
        else:
            # They were opened with the password alone.
            request.session.save()
            signed_in.end_other_sessions(user, request.session.session_key)
            return _show_codes(request, codes)
    return committee_page(
        request,
        "mentorship/accounts/set_up_app.html",
        "Two-step sign-in",
        status=400 if form.errors else 200,
        picture=segno.make(device.config_url, micro=False).svg_data_uri(scale=5, light="white"),
        secret=_in_groups(device.config_url.partition("secret=")[2].partition("&")[0]),
        is_required=settings.SECOND_FACTOR_REQUIRED,
        form=form,
    )


@signed_in_view
@sensitive_post_parameters()
@require_POST
def change_app(request: SiteRequest) -> HttpResponse:
    """Make new recovery codes, or turn the second step off; both ask for a code."""
    user: Any = request.user
    form = CodeForm(request.POST)
    if form.is_valid():
        code = form.cleaned_data["code"]
        try:
            if request.POST.get("do") == "codes":
                return _show_codes(request, second_factor.renew_codes(user, code))
            second_factor.turn_off(request.session, user, code)
        except ValidationError as error:
            form.add_error("code", error)
        else:
            messages.success(request, "Two-step sign-in is off.")
            return redirect("own_account")
    return _account(request, form)


def _show_codes(request: SiteRequest, codes: list[str]) -> HttpResponse:
    page = committee_page(
        request, "mentorship/accounts/codes.html", "Your recovery codes", codes=codes
    )
    page["Cache-Control"] = "no-store, private"
    return page


@signed_in_view
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def second_step(request: SiteRequest) -> HttpResponse:
    """Ask for a code after the password, and go on to where somebody wanted to go."""
    user: Any = request.user
    wanted = _wanted(request)
    if not second_factor.is_due(request.session, user):
        return HttpResponseRedirect(wanted)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            second_factor.pass_step(request.session, user, form.cleaned_data["code"])
        except ValidationError as error:
            form.add_error("code", error)
        else:
            return HttpResponseRedirect(wanted)
    return _ask(request, "second_step", "Second step", form, wanted)


@signed_in_view
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def confirm_password(request: SiteRequest) -> HttpResponse:
    """Ask for the password once more, and go on to where somebody wanted to go."""
    user: Any = request.user
    wanted = _wanted(request)
    if signed_in.is_fresh(request.session):
        return HttpResponseRedirect(wanted)
    form = PasswordAgainForm(request, request.POST or None)
    if form.is_valid():
        signed_in.confirm(request.session, user)
        return HttpResponseRedirect(wanted)
    return _ask(request, "confirm", "Your password again", form, wanted)


def _ask(
    request: SiteRequest, template: str, title: str, form: forms.Form, wanted: str
) -> HttpResponse:
    """Return the page that stands between somebody and where they wanted to go."""
    status = 400 if form.errors else 200
    page = f"mentorship/accounts/{template}.html"
    return committee_page(request, page, title, status=status, form=form, next=wanted)


def _wanted(request: SiteRequest) -> str:
    """Return where on this site somebody wanted to go; the first page if nowhere."""
    wanted = request.POST.get("next") or request.GET.get("next")
    return LocalPathField().clean(wanted) or str(settings.LOGIN_REDIRECT_URL)


def _in_groups(secret: str) -> str:
    """Return a secret in groups of four letters, as a person types it."""
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
