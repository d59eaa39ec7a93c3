"""How it was: the form after the last day."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from matching.domain.support.feedback import (
    asked_about,
    feedback_of,
    give_feedback,
    takes_feedback,
)
from matching.interfaces.personal.forms import FeedbackForm
from mentorship.domain.people.greeting import greeting
from mentorship.interfaces.personal.access import page, personal
from mentorship.interfaces.personal.phases import show_phase, today_of
from mentorship.models import Participant


def is_asked(person: Participant, today: datetime.date) -> bool:
    """Return whether a person who had a match is asked on this day how it was."""
    return person.takes_part and takes_feedback(person.program, today) and bool(asked_about(person))


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest, person: Participant) -> HttpResponse:
    """Ask how it was, or record it; on other days show what the personal link opens."""
    if not is_asked(person, today_of(person)):
        return show_phase(request, person)
    return show_feedback(request, person)


def show_feedback(request: HttpRequest, person: Participant) -> HttpResponse:
    """Ask how it was, or record what was said."""
    matches, given = asked_about(person), feedback_of(person)
    sent = request.POST if request.method == "POST" else None
    form = FeedbackForm(sent, person=person, matches=matches, given=given)
    if form.is_valid():
        if form.is_empty():
            form.add_error(None, "Answer at least one question.")
        else:
            try:
                give_feedback(person, form.opinion(), form.of_matches(), timezone.now())
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return redirect("feedback_thanks", person.link_key)
    return page(
        request,
        "matching/personal/feedback.html",
        person,
        status=400 if form.errors else 200,
        form=form,
        given=given,
        until=person.program.feedback_until,
        partners=[greeting(match.partner_of(person)) for match in matches],
    )


@personal
@require_http_methods(["GET", "HEAD"])
def thanks(request: HttpRequest, person: Participant) -> HttpResponse:
    """Say that the feedback is kept."""
    if not feedback_of(person):
        return redirect(person.personal_path)
    return page(
        request,
        "matching/personal/feedback_thanks.html",
        person,
        until=person.program.feedback_until,
        open_still=is_asked(person, today_of(person)),
    )
