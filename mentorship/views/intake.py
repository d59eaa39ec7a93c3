"""The pages of one participant, reached by the personal link alone."""

from __future__ import annotations

import logging

from django.db import InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from mentorship.domain.survey.applying import stays_out
from mentorship.domain.survey.drafts import draft_of, keep_typed
from mentorship.domain.survey.readable import answer_lines, questions_of
from mentorship.domain.survey.sending import AnsweredMeanwhile, send_form
from mentorship.domain.survey.window import Window, survey_is_over, takes_answers, window_of
from mentorship.interfaces.intake.form import IntakeForm
from mentorship.interfaces.intake.questions import GoodbyeForm
from mentorship.interfaces.intake.state import FormState, typed_in
from mentorship.interfaces.intake.words import differences
from mentorship.interfaces.own_data import data_response, readable_data
from mentorship.interfaces.personal.access import page, personal
from mentorship.interfaces.personal.phases import Phase, phase_of, show_phase
from mentorship.models import Draft, Participant, SurveyResponse

logger = logging.getLogger(__name__)


def door(request: HttpRequest, person: Participant) -> HttpResponse | None:
    """Return the page that replaces the form when nothing can be answered, else None."""
    if stays_out(person) and not survey_is_over(person.program):
        return page(request, "out", person)
    if not takes_answers(person.program):
        return page(request, "closed", person, form_closed=not survey_is_over(person.program))
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
    if request.method == "POST":
        return _answered(request, person)
    newest, draft = person.responses.first(), draft_of(person)
    form = IntakeForm(participant=person, newest=newest, typed=draft.answers if draft else None)
    # With what was typed stands which answers it was typed over.
    seen = draft.seen if draft else newest.pk if newest else 0
    return _form_page(request, person, form, newest, seen=seen, draft=draft)


def _answered(request: HttpRequest, person: Participant) -> HttpResponse:
    seen = FormState(request.POST).values_or_400()["seen"]
    form = IntakeForm(request.POST, participant=person)
    clash, unsaved = None, False
    try:
        if form.is_valid():
            try:
                send_form(person, form.answers(), seen=seen)
            except AnsweredMeanwhile as meanwhile:
                clash = meanwhile.newest
            else:
                return redirect("intake_thanks", person.link_key)
        keep_typed(person, typed_in(request.POST), seen=seen or 0)
    except (OperationalError, InternalError):
        # The disk is full, or the database takes no writing; what was typed must not be lost.
        logger.exception("Answers cannot be saved")
        unsaved = True
    if clash:
        # The page says what differs, so whoever sends it again has seen it.
        seen = clash.pk
    return _form_page(
        request,
        person,
        form,
        clash or person.responses.first(),
        seen=seen or 0,
        draft=draft_of(person),
        clash=clash,
        unsaved=unsaved,
    )


def _form_page(
    request: HttpRequest,
    person: Participant,
    form: IntakeForm,
    newest: SurveyResponse | None,
    *,
    seen: int,
    draft: Draft | None,
    clash: SurveyResponse | None = None,
    unsaved: bool = False,
) -> HttpResponse:
    changed = differences(form, form.known(clash)) if clash else []
    return page(
        request,
        "intake",
        person,
        form=form,
        newest=newest,
        seen=seen,
        draft=draft,
        clash=clash,
        unsaved=unsaved,
        status=503 if unsaved else 200,
        differences=changed,
        is_late=window_of(person.program) == Window.LATE,
    )


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def goodbye(request: HttpRequest, person: Participant) -> HttpResponse:
    """Ask whether a person really can't take part, and record it.

    The form's own button comes here with what was typed, which is kept for those who stay.
    """
    if survey_is_over(person.program) or stays_out(person):
        return door(request, person) or redirect(person.personal_path)
    if not person.takes_part:
        return redirect("intake_thanks", person.link_key)
    if request.POST.get("do") == "ask":
        if takes_answers(person.program):
            seen = FormState(request.POST).values_or_400()["seen"]
            keep_typed(person, typed_in(request.POST), seen=seen or 0)
        return redirect("intake_goodbye", person.link_key)
    form = GoodbyeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        send_form(person, form.answers(), seen=None)
        return redirect("intake_thanks", person.link_key)
    return page(request, "goodbye", person, form=form, takes_answers=takes_answers(person.program))


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
    questions = questions_of(program)
    return page(
        request,
        "thanks",
        person,
        newest=newest,
        told=answer_lines(newest, questions, program.formats) if newest else [],
        saved=saved,
        dates=program.formats.span(program.starts_on, program.ends_on),
        takes_answers=takes_answers(program),
        waits=not saved or phase_of(person) <= Phase.ASKED,
    )


def show_out(request: HttpRequest, person: Participant) -> HttpResponse:
    """Show somebody who is out how to take part again: the form, or the committee."""
    return ask(request, person)


def show_over(request: HttpRequest, person: Participant) -> HttpResponse:
    """Say that the program is over."""
    return page(request, "closed", person)


@personal
@require_safe
def privacy(request: HttpRequest, person: Participant) -> HttpResponse:
    """Show what happens to people's data, and how long it is kept, as the committee says."""
    return page(request, "privacy", person)


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
