"""Who may see a personal page: everyone who has the link, and nobody else."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Concatenate, ParamSpec

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from mentorship.domain.people.greeting import greeting
from mentorship.interfaces.personal.sections import sections_for
from mentorship.models import Participant, Program, ProgramAnonymised

P = ParamSpec("P")
Personal = Callable[Concatenate[HttpRequest, Participant, P], HttpResponse]


def personal(view: Personal[P]) -> Callable[..., HttpResponse]:
    """Let a view be reached by a personal link, and give it the participant.

    The link is the only secret, so the page must leave no trace of it: not stored by browsers or
    proxies, not listed by search engines, not sent along as a referrer. A link that is unknown or
    revoked, or of an anonymized program, leads to one and the same page. To forge a request one
    would need the link itself, so these pages ask for no CSRF token and work with cookies off.
    What somebody sends is one transaction, during which nobody anonymizes the program.
    """

    @csrf_exempt
    @functools.wraps(view)
    def wrapper(request: HttpRequest, key: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        writes = request.method == "POST"
        with transaction.atomic() if writes else nullcontext():
            person = _owner(key, writes=writes)
            if person is None:
                response = render(request, "mentorship/public/unknown_link.html", status=404)
            else:
                response = view(request, person, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapper


def _owner(key: str, *, writes: bool) -> Participant | None:
    """Return whose link this is; with `writes` their program stays as it is meanwhile."""
    people = Participant.objects.filter(link_key=key, program__anonymised_at=None).order_by()
    shown = people.select_related("program__logo", "sector").defer("program__logo__image")
    person = (people.select_related("program") if writes else shown).first()
    if person and writes:
        try:
            Program.objects.in_use(person.program_id)
        except ProgramAnonymised:
            return None
    return person


def page(
    request: HttpRequest,
    template: str,
    person: Participant,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Render one of the participant's pages.

    `template` is a name below `templates/mentorship/public/`, or a whole path with a slash. What
    the packages above add to the page is in `sections`, as HTML; `called` is how to address the
    person.
    """
    name = template if "/" in template else f"mentorship/public/{template}.html"
    context |= {
        "person": person,
        "program": person.program,
        "called": greeting(person),
        "sections": sections_for(template, request, person),
    }
    return render(request, name, context, status=status)
