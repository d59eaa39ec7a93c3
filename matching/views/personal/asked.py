"""Where a mentor who is asked first accepts or declines a mentee."""

from __future__ import annotations

import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from matching.domain.matches.asked import questions_to
from matching.domain.matches.mentor_answers import (
    LONGEST_WORDS,
    accept_mentee,
    decline_mentee,
)
from matching.interfaces.asked_card import asked_card
from mentorship.interfaces.personal.access import page, personal
from mentorship.interfaces.public_form import PublicForm
from mentorship.models import Participant


class DeclineForm(PublicForm):
    """Why a mentor declines, for the committee, if they like to say."""

    words = forms.CharField(
        required=False,
        max_length=LONGEST_WORDS,
        label="Anything the committee should know? (optional)",
        help_text="Only the committee reads this.",
        widget=forms.Textarea({"rows": 3}),
    )


def is_asked(person: Participant, today: datetime.date) -> bool:
    """Return whether this person has to decide about a mentee."""
    return any(asked.waits for asked in questions_to(person))


def show_asked(request: HttpRequest, person: Participant) -> HttpResponse:
    """Show the mentees that this person is asked about, and how to answer."""
    cards = [asked_card(asked) for asked in questions_to(person)]
    return page(request, "matching/personal/asked.html", person, cards=cards)


@personal
@require_safe
def asked(request: HttpRequest, person: Participant) -> HttpResponse:
    """Show what this mentor is asked, whatever else their page shows today."""
    return show_asked(request, person)


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, person: Participant, match: int, choice: str) -> HttpResponse:
    """Ask once more whether the mentor accepts or declines; on POST save it.

    Opening the link changes nothing: scanners of email open every link.
    """
    card = next((asked_card(a) for a in questions_to(person) if a.match.pk == match), None)
    if card is None:
        return page(request, "matching/personal/asked_settled.html", person, status=410)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            if choice == "accept":
                accept_mentee(person, match)
                return redirect("asked", person.link_key)
            decline_mentee(person, match, form.cleaned_data["words"])
        except ValidationError:
            return page(request, "matching/personal/asked_settled.html", person, status=410)
        return redirect("asked_declined", person.link_key)
    return page(request, f"matching/personal/asked_{choice}.html", person, card=card, form=form)


@personal
@require_safe
def declined(request: HttpRequest, person: Participant) -> HttpResponse:
    """Thank a mentor who has declined."""
    left = sum(asked.waits for asked in questions_to(person))
    return page(request, "matching/personal/asked_declined.html", person, left=left)
