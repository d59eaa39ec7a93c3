"""Pages before anybody is signed in: the first chair, a forgotten password, a new password."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import get_user_model, login
from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import urlsafe_base64_decode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from mentorship.domain.programs import accounts
from mentorship.interfaces.accounts.forms import FirstChairForm, ForgottenForm, OwnPasswordForm

# A second email to the same account within so many seconds helps nobody.
_PAUSE = 300
_MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
_skin: Any = csp_update(settings.COMMITTEE_CSP)


def _page(
    request: HttpRequest, template: str, title: str, status: int = 200, **context: Any
) -> Any:
    framed = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"mentorship/accounts/{template}.html", framed, status=status)


@_skin
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def first_chair(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first account and its program, by the link that the server has printed."""
    if not accounts.is_first_chair_token(token):
        return _page(request, "link_over", "This link is no longer good", status=404)
    form = FirstChairForm(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            user = accounts.make_first_chair(
                accounts.NewChair(said["username"], said["email"], said["password"]),
                name=said["name"],
                slug=form.slug,
                starts_on=said["starts_on"],
                ends_on=said["ends_on"],
                time_zone=said["time_zone"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            login(request, user, backend=_MODEL_BACKEND)
            return redirect("admin:index")
    status = 400 if form.errors else 200
    return _page(request, "first_chair", "Set up your program", status, form=form)


@_skin
@never_cache
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Email a link to set a new password; the answer is the same for every address."""
    form = ForgottenForm(request.POST or None)
    if not form.is_valid():
        status = 400 if form.errors else 200
        return _page(request, "forgotten", "Forgotten password", status, form=form)
    for user in accounts.accounts_with(form.cleaned_data["email"]):
        if _first(f"password-link-{user.pk}"):
            accounts.have_password_link_emailed(user)
    return _page(request, "link_sent", "Look into your mailbox", email=form.cleaned_data["email"])


def _first(key: str) -> bool:
    """Return whether this is noted for the first time in a while, by any web server."""
    try:
        return cache.add(key, 1, _PAUSE)
    except Exception:  # each cache has errors of its own; one email too many is no harm
        return True


@_skin
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def set_password(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Let an account's owner set a password, by the link from their email."""
    user = _owner(key)
    if user is None or not default_token_generator.check_token(user, token):
        return _page(request, "link_over", "This link is no longer good", status=404)
    form = OwnPasswordForm(user, request.POST or None)
    if form.is_valid():
        form.save()
        messages.success(request, "Your password is set. Sign in with it.")
        return redirect("admin:login")
    status = 400 if form.errors else 200
    return _page(request, "set_password", "Set your password", status, form=form, owner=user)


def _owner(key: str) -> Any:
    try:
        pk = int(urlsafe_base64_decode(key))
        return get_user_model().objects.filter(pk=pk, is_active=True).first()
    except (ValueError, OverflowError):
        return None
