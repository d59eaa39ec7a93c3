"""The request of a committee's page: who asks, and which program they are looking at.

`mentorship.views.middleware` sets what is typed here. A view of the committee is registered with
`committee_view`, with `readers_view` if readers see it, too, or with `signed_in_view` if it has
something to say without a program. Each looks up every row it shows or changes among those of
`request.program`, which is one that the user may look at. Where Django's own
classes fix the type to HttpRequest, `current_program`, `program_of`, `is_chair_of` and
`may_change_in` read the same attributes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from mentorship.domain.programs.access import is_chair, level_of
from mentorship.models import Membership, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django_htmx.middleware import HtmxDetails

P = ParamSpec("P")
# Where the session keeps which of the user's programs was chosen last.
_CHOSEN = "program"


class SiteRequest(HttpRequest):
    """A request as the middleware leaves it; `program` is false without one.

    `is_chair` and `may_change` say what the user is in that program.
    """

    htmx: HtmxDetails
    program: Program | None
    is_chair: bool
    may_change: bool


class CommitteeRequest(SiteRequest):
    """A request of a signed-in committee member who is looking at a program of theirs."""

    user: User
    program: Program


def add_program(request: HttpRequest) -> None:
    """Set `program`, `is_chair` and `may_change`, each found when it is first asked for."""
    site_request = cast(SiteRequest, request)
    site_request.program = cast(Program, SimpleLazyObject(lambda: _find_program(request)))
    level = SimpleLazyObject(lambda: level_of(request.user, current_program(request)))
    site_request.is_chair = cast(bool, SimpleLazyObject(lambda: level == Membership.Level.CHAIR))
    site_request.may_change = cast(bool, SimpleLazyObject(lambda: level in Membership.WORKING))


def _find_program(request: HttpRequest) -> Program | None:
    """Return the program chosen last in this session, else the user's newest, else None."""
    programs = Program.objects.of(request.user)
    chosen = request.session.get(_CHOSEN)
    return (programs.filter(pk=chosen).first() if chosen else None) or programs.first()


def look_at(request: HttpRequest, program: Program) -> None:
    """Have the user look at this program of theirs from the next request on."""
    request.session[_CHOSEN] = program.pk


def current_program(request: HttpRequest) -> Program | None:
    """Return the program that the user is looking at, or None if they are in no program."""
    return cast(SiteRequest, request).program or None


def program_of(request: HttpRequest) -> Program:
    """Return the program that the user is looking at. Raise Http404 if they are in none."""
    program = current_program(request)
    if program is None:
        raise Http404("There is no program yet.")
    return program


def is_chair_of(request: HttpRequest) -> bool:
    """Return whether the user is a chair of the program that they are looking at."""
    return bool(cast(SiteRequest, request).is_chair)


def may_change_in(request: HttpRequest) -> bool:
    """Return whether the user works on the program that they are looking at."""
    return bool(cast(SiteRequest, request).may_change)


def only_reads(request: HttpRequest) -> bool:
    """Return whether the user may look at their program and change nothing in it."""
    return current_program(request) is not None and not may_change_in(request)


def chaired_program(request: CommitteeRequest, slug: str) -> Program:
    """Return the user's program with this short name.

    Raise Http404 if the user is not on its committee, PermissionDenied if they are no chair of it.
    """
    program = get_object_or_404(Program.objects.of(request.user), slug=slug)
    if not is_chair(request.user, program):
        raise PermissionDenied
    return program


def signed_in_view(
    view: Callable[Concatenate[SiteRequest, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Decorate a view that asks for a committee member's sign-in, and for no program."""
    return cast(Callable[..., HttpResponseBase], admin.site.admin_view(cast(Any, view)))


def committee_view(
    view: Callable[Concatenate[CommitteeRequest, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Decorate a view for a signed-in member who is looking at a program they work on.

    A member of no program is led to the first page, which says how to get one. A reader is refused.
    """

    @wraps(view)
    def for_members(request: CommitteeRequest, *args: P.args, **kwargs: P.kwargs) -> Any:
        if not may_change_in(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return readers_view(for_members)


def readers_view(
    view: Callable[Concatenate[CommitteeRequest, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Decorate a view for everyone who may look at a program; what readers send is refused."""

    @wraps(view)
    def with_program(request: SiteRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if current_program(request) is None:
            return to_first_page(request)
        return view(cast(CommitteeRequest, request), *args, **kwargs)

    return signed_in_view(with_program)


def to_first_page(request: HttpRequest) -> HttpResponse:
    """Lead to the committee's first page, also from a part of a page that htmx asks for."""
    if cast(SiteRequest, request).htmx:
        return HttpResponse(headers={"HX-Redirect": reverse("admin:index")})
    return redirect("admin:index")
