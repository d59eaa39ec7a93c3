"""My match, and what a person says and does there."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from matching.domain.support import meetings
from matching.domain.support.contact import say_contact
from matching.domain.support.requests import ask_for_help
from matching.interfaces.personal.forms import ContactForm, HelpForm, HourForm
from matching.interfaces.personal.match_card import match_card
from matching.models import CheckIn, Concern, Match
from mentorship.domain.people.greeting import greeting
from mentorship.domain.survey.window import takes_answers
from mentorship.interfaces.personal.access import page, personal
from mentorship.interfaces.personal.phases import show_phase, today_of
from mentorship.models import Participant

_DO = {"propose": meetings.propose, "accept": meetings.accept}
HELP = {"cannot-reach": Concern.Kind.CANNOT_REACH, "not-right": Concern.Kind.NOT_RIGHT}


def matches_of(person: Participant) -> list[Match]:
    """Return a person's announced matches, with their people."""
    rows = Match.objects.announced().of_person(person)
    return list(rows.select_related("mentor", "mentee", "program").order_by("announced_at", "pk"))


def has_match(person: Participant, today: datetime.date) -> bool:
    """Return whether a person is in a match that they were told of and that stands."""
    return Match.objects.announced().of_person(person).exists()


def is_unmatched(person: Participant, today: datetime.date) -> bool:
    """Return whether matches are announced and none with this person, who has answered or been
    told of one that ended."""
    told = Match.objects.filter(program=person.program_id, announced_at__isnull=False)
    if not told.exists():
        return False
    return person.responses.exists() or told.of_person(person).exists()


@personal
@require_safe
def my_match(request: HttpRequest, person: Participant) -> HttpResponse:
    """Show the match, also when the personal link opens another page by now."""
    if not has_match(person, today_of(person)):
        return show_phase(request, person)
    return show_match(request, person)


def show_match(
    request: HttpRequest, person: Participant, *, status: int = 200, trouble: str = ""
) -> HttpResponse:
    """Show each match of a person; without one, that there is none."""
    now = timezone.now()
    cards = [match_card(match, person, now) for match in matches_of(person)]
    if not cards:
        return show_unmatched(request, person)
    program = person.program
    return page(
        request,
        "matching/personal/match.html",
        person,
        status=status,
        cards=cards,
        trouble=trouble,
        places=[line.strip() for line in program.meeting_places.splitlines() if line.strip()],
        dates=program.formats.span(program.starts_on, program.ends_on),
        is_over=program.is_over(now),
        takes_answers=takes_answers(program),
    )


def show_unmatched(request: HttpRequest, person: Participant) -> HttpResponse:
    """Say that there is no match right now, and what happens next."""
    ended = Match.objects.of_person(person).filter(
        announced_at__isnull=False, status=Match.Status.DISSOLVED
    )
    newest = ended.select_related("mentor", "mentee").order_by("-dissolved_at", "-pk").first()
    program = person.program
    today = timezone.localdate(timezone=program.zone)
    return page(
        request,
        "matching/personal/unmatched.html",
        person,
        ended_with=newest and newest.partner_of(person),
        dates=program.formats.span(program.starts_on, program.ends_on),
        is_over=today > program.ends_on,
        takes_answers=takes_answers(program, today),
    )


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, person: Participant, pk: int) -> HttpResponse:
    """Ask whether the two have been in touch; a press says so, and looking changes nothing."""
    match = _match(person, pk)
    if match is None:
        return _no_match(request, person)
    form = ContactForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            say_contact(match, person, in_touch=form.cleaned_data["said"] == "yes")
        except ValidationError:
            return _no_match(request, person)
        return redirect("match_contact", person.link_key, pk)
    said = CheckIn.objects.filter(match=match, participant=person).first()
    return _page(request, "contact", person, match, said=said, status=400 if form.errors else 200)


@personal
@require_POST
def hour(request: HttpRequest, person: Participant, pk: int) -> HttpResponse:
    """Propose an hour, accept it or cancel it."""
    match = _match(person, pk)
    if match is None:
        return _no_match(request, person)
    form = HourForm(request.POST)
    if not form.is_valid():
        return show_match(request, person, status=400, trouble="Choose one of the hours.")
    said = form.cleaned_data
    try:
        if said["do"] == "cancel":
            meetings.cancel(match, person)
        else:
            _DO[said["do"]](match, person, said["hour"])
    except ValidationError as error:
        return show_match(request, person, status=409, trouble=" ".join(error.messages))
    return redirect(f"{person.personal_path}#meet-{match.pk}")


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, person: Participant, what: str, pk: int) -> HttpResponse:
    """Ask once whether the committee should help, and tell it at a press."""
    match = _match(person, pk)
    if match is None or what not in HELP:
        return _no_match(request, person)
    form = HelpForm(request.POST if request.method == "POST" else None)
    kind = HELP[what]
    if form.is_valid():
        concern = ask_for_help(person, kind, form.cleaned_data["text"], match)
        return _page(request, "helped", person, match, concern=concern, kind=kind)
    status = 400 if form.errors else 200
    return _page(request, "help", person, match, form=form, what=what, kind=kind, status=status)


def partners_left(person: Participant) -> dict[str, Any] | None:
    """Return who somebody leaves behind who is matched now; None if they have no match."""
    matches = matches_of(person)
    partners = [match.partner_of(person) for match in matches]
    return {"partners": [(one, greeting(one) or one) for one in partners]} if partners else None


def partners_told(person: Participant) -> dict[str, Any] | None:
    """Return who somebody has left behind who has withdrawn; None for everyone else."""
    return None if person.takes_part else partners_left(person)


def _no_match(request: HttpRequest, person: Participant) -> HttpResponse:
    """Show what the personal link opens, for a match that has ended or is none of this person's."""
    response = show_phase(request, person)
    response.status_code = 404
    return response


def _match(person: Participant, pk: int) -> Match | None:
    return next((match for match in matches_of(person) if match.pk == pk), None)


def _page(
    request: HttpRequest, name: str, person: Participant, match: Match, **context: Any
) -> HttpResponse:
    partner = match.partner_of(person)
    template = f"matching/personal/{name}.html"
    context |= {"match": match, "partner": partner, "partner_called": greeting(partner) or partner}
    return page(request, template, person, **context)
