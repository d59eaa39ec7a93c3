"""The committee's site: Django's admin in Unfold's clothes, one program at a time."""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.admin.exceptions import DisallowedModelAdminToField
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite

from mentorship.domain.programs import second_factor, signed_in
from mentorship.domain.programs.accounts import has_accounts
from mentorship.interfaces.posted import KeyField
from mentorship.interfaces.requests import current_program, only_reads

_SAFE = ("GET", "HEAD", "OPTIONS")
# What readers may send: it changes nothing of a program, or their own account alone.
_NOT_OF_THE_PROGRAM = (
    "admin:logout",
    "admin:password_change",
    "own_account",
    "end_session",
    "set_up_app",
    "change_app",
    "second_step",
    "confirm_password",
    "check_two_sheets",
)
# Open to who has signed in with the password alone.
_BEFORE_THE_CODE = {"admin:logout", "second_step"}
_TO_GET_AN_APP = {"admin:logout", "set_up_app", "second_step", "confirm_password"}
# Where somebody changes how they sign in, or a host how others do: the password is asked once more.
_OF_ONES_OWN = {"own_account", "end_session", "set_up_app", "change_app", "admin:password_change"}
_OF_ACCOUNTS = {
    "admin:auth_user_changelist",
    "admin:auth_user_add",
    "admin:auth_user_change",
    "admin:auth_user_delete",
}


def _next_step(request: HttpRequest) -> HttpResponse | None:
    """Lead to what is left of signing in: a code, the app that makes it, or the password anew."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    user: Any = request.user
    # What a page asks for by itself every few seconds is no use of it.
    if request.method == "POST" or request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
        signed_in.note_use(request.session)
    if signed_in.is_over(request.session):
        path = f"{reverse('admin:login')}?{urlencode({'next': request.get_full_path()})}"
        logout(request)
    elif second_factor.is_due(request.session, user):
        if name in _BEFORE_THE_CODE:
            return None
        path = f"{reverse('second_step')}?{urlencode({'next': request.get_full_path()})}"
    elif second_factor.is_wanted(request.session) and name not in _TO_GET_AN_APP:
        path = reverse("set_up_app")
    elif _asks_again(name, user) and not signed_in.is_fresh(request.session):
        # What was sent is not kept, so the way back leads to a page.
        wanted = request.get_full_path() if request.method in _SAFE else reverse("own_account")
        path = f"{reverse('confirm_password')}?{urlencode({'next': wanted})}"
    else:
        return None
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": path})
    return redirect(path)


def _asks_again(name: str, user: Any) -> bool:
    return name in _OF_ONES_OWN or (name in _OF_ACCOUNTS and user.is_superuser)


class CommitteeSite(UnfoldAdminSite):
    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "mail_redirect_to": settings.MAIL_REDIRECT_TO}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Return the list, made when it is first asked for: most pages show none of it."""
        found = super().get_app_list
        return SimpleLazyObject(lambda: found(request, app_label))

    def get_urls(self) -> list[Any]:
        """Return the admin's addresses but for "view on site".

        It redirects from the id of any row of any program, with no question asked of that row.
        """
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return the view behind the sign-in: readers send nothing, and a key is a number."""

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if answer := _next_step(request):
                return answer
            if program := current_program(request):
                timezone.activate(program.zone)
            _refuse_readers(request)
            _check_keys(args)
            _check_to_field(request)
            return view(request, *args, **kwargs)

        return csp_update(settings.COMMITTEE_CSP)(super().admin_view(guarded, cacheable))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Sign out, and have the browser forget what it has kept of the pages."""
        response = super().logout(request, extra_context)
        response["Clear-Site-Data"] = '"cache"'
        return response

    # Django does not pass the sign-in page through `admin_view`, but it has the same skin.
    @method_decorator(csp_update(settings.COMMITTEE_CSP))
    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"no_account_yet": not has_accounts(), **(extra_context or {})}
        return super().login(request, context)


def _refuse_readers(request: HttpRequest) -> None:
    name = request.resolver_match.view_name if request.resolver_match else ""
    sends = request.method not in _SAFE and name not in _NOT_OF_THE_PROGRAM
    if sends and only_reads(request):
        raise PermissionDenied


def _check_keys(keys: tuple[Any, ...]) -> None:
    """Raise Http404 unless these are numbers that a key can be, as history pages take them."""
    for key in keys:
        try:
            KeyField().to_python(key)
        except ValidationError as error:
            raise Http404(" ".join(error.messages)) from error


def _check_to_field(request: HttpRequest) -> None:
    """Refuse an empty name of a field; Django refuses any other that is not one of the model."""
    if "" in (request.GET.get(TO_FIELD_VAR), request.POST.get(TO_FIELD_VAR)):
        raise DisallowedModelAdminToField("The field's name is empty.")
