"""The pages of one participant, reached by the personal link alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from mentorship.domain.survey.responses import record_response, stays_out
from mentorship.domain.survey.window import Window, window_of
from mentorship.interfaces.answers import answer_lines
from mentorship.interfaces.intake import GoodbyeForm, IntakeForm
from mentorship.interfaces.own_data import data_response, readable_data
from mentorship.interfaces.personal.access import page, personal
from mentorship.interfaces.personal.phases import show_phase
from mentorship.models import Participant, SurveyResponse


def door(request: HttpRequest, person: Participant) -> HttpResponse | None:
    """Return the page that replaces the form when nothing can be answered, else None."""
    if window_of(person.program) == Window.CLOSED:
        return page(request, "closed", person)
    if stays_out(person):
        return page(request, "out", person)
    return None


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest, person: Participant) -> HttpResponse:
    """Show what the person needs today. A form that was opened here earlier is still taken."""
    return ask(request, person) if request.method == "POST" else show_phase(request, person)


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def answers(request: HttpRequest, person: Participant) -> HttpResponse:
    """Ask, and record what was answered, whatever the personal link opens today."""
    return ask(request, person)


def ask(request: HttpRequest, person: Participant) -> HttpResponse:
    """Show the form, or record what was sent with it."""
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
    if not person.responses.exists():
        return redirect(person.personal_path)
    return show_waiting(request, person, saved=True)


def show_waiting(request: HttpRequest, person: Participant, *, saved: bool = False) -> HttpResponse:
    """Show what the person told us and what happens next; `saved` if they have just told it."""
    program = person.program
    newest = person.responses.first()
    questions = {str(question.pk): question.text for question in program.questions.all()}
    return page(
        request,
        "thanks",
        person,
        newest=newest,
        told=answer_lines(newest, questions, program.formats) if newest else [],
        saved=saved,
        dates=program.formats.span(program.starts_on, program.ends_on),
        takes_answers=window_of(program) != Window.CLOSED,
    )


def show_out(request: HttpRequest, person: Participant) -> HttpResponse:
    """Show somebody who is out how to take part again: the form, or the committee."""
    return ask(request, person)


def show_over(request: HttpRequest, person: Participant) -> HttpResponse:
    """Say that the program is over."""
    return page(request, "closed", person)


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
