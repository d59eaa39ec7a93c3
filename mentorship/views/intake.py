"""The pages of one participant, reached by the personal link alone."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from mentorship.domain.survey.responses import record_response, stays_out, survey_is_over
from mentorship.interfaces.intake import GoodbyeForm, IntakeForm
from mentorship.interfaces.own_data import data_response, readable_data
from mentorship.models import Participant, SurveyResponse

P = ParamSpec("P")
Personal = Callable[Concatenate[HttpRequest, Participant, P], HttpResponse]


def personal(view: Personal[P]) -> Callable[..., HttpResponse]:
    """Let a view be reached by a personal link, and give it the participant.

    The link is the only secret, so the page must leave no trace of it: not stored by browsers or
    proxies, not listed by search engines, not sent along as a referrer. A link that is unknown or
    revoked, or of an anonymized program, leads to one and the same page. To forge a request one
    would need the link itself, so these pages ask for no CSRF token and work with cookies off.
    """

    @csrf_exempt
    @functools.wraps(view)
    def wrapper(request: HttpRequest, key: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        people = Participant.objects.select_related("program", "sector").filter(
            program__anonymised_at=None
        )
        person = people.filter(link_key=key).first()
        if person is None:
            response = render(request, "mentorship/public/unknown_link.html", status=404)
        else:
            response = view(request, person, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapper


def page(request: HttpRequest, template: str, person: Participant, **context: Any) -> HttpResponse:
    """Render one of the participant's pages."""
    context |= {"person": person, "program": person.program}
    return render(request, f"mentorship/public/{template}.html", context)


def door(request: HttpRequest, person: Participant) -> HttpResponse | None:
    """Return the page that replaces the form when nothing can be answered, else None."""
    if survey_is_over(person.program):
        return page(request, "closed", person)
    if stays_out(person):
        return page(request, "out", person)
    return None


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def intake(request: HttpRequest, person: Participant) -> HttpResponse:
    """Ask, and record what was answered."""
    if shut := door(request, person):
        return shut
    newest = person.responses.first()
    sent = request.POST if request.method == "POST" else None
    form = IntakeForm(sent, participant=person, newest=newest)
    if form.is_valid():
        return _record(person, form.answers())
    return page(request, "intake", person, form=form, newest=newest)


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def goodbye(request: HttpRequest, person: Participant) -> HttpResponse:
    """Ask whether a person really can't take part, and record it."""
    if shut := door(request, person):
        return shut
    if not person.takes_part:
        return redirect("intake_thanks", person.link_key)
    form = GoodbyeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _record(person, form.answers())
    return page(request, "goodbye", person, form=form)


def _record(person: Participant, answers: Any) -> HttpResponse:
    record_response(person, answers, submitted_at=timezone.now(), origin=SurveyResponse.Origin.FORM)
    return redirect("intake_thanks", person.link_key)


@personal
@require_safe
def thanks(request: HttpRequest, person: Participant) -> HttpResponse:
    """Say that the answer is kept, and what happens next."""
    newest = person.responses.first()
    if newest is None:
        return redirect(person.personal_path)
    program = person.program
    dates = program.formats.span(program.starts_on, program.ends_on)
    return page(request, "thanks", person, newest=newest, dates=dates)


@personal
@require_safe
def data(request: HttpRequest, person: Participant) -> HttpResponse:
    """Show what is stored about this person, and where each detail came from."""
    return page(request, "data", person, stored=readable_data(person))


@personal
@require_safe
def data_file(request: HttpRequest, person: Participant) -> HttpResponse:
    """Return the same as a file to download."""
    return data_response(person)
