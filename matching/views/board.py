"""The matching board and its actions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from matching.domain.board.board import Board, read_board
from matching.domain.matches.bins import change_bin
from matching.domain.matches.changes import (
    change_mentor,
    create_match,
    dissolve,
    lock,
    unlock,
    warnings_of,
)
from matching.interfaces.board.alternatives_card import alternatives_card
from matching.interfaces.board.buttons import (
    ActForm,
    AlternativesQuery,
    BoardQuery,
    LockForm,
    MoveForm,
)
from matching.interfaces.board.cards import pair_card, person_card
from matching.interfaces.board.choices import choices_for
from matching.models import Match
from matching.views.why import why_left_context
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from mentorship.models import Participant


@committee_view
@require_safe
def show_board(request: CommitteeRequest) -> HttpResponse:
    """Return the board; `?mentee=` adds that person's card, `&to=` the warnings of a move."""
    asked = BoardQuery(request.GET).values_or_404()
    board = read_board(request.program)
    context = _chosen(board, asked["mentee"], asked["to"])
    if context and asked["next"]:
        context |= _alternatives(request, board, context["chosen"])
    if asked["why"]:
        context |= why_left_context(request.program)
    return committee_page(
        request,
        "matching/board/board.html",
        "Matching board",
        is_fullwidth=True,
        board=board,
        **context,
    )


def _chosen(board: Board, mentee: int | None, to: int | None) -> dict[str, Any]:
    """Return what the panel of the chosen mentee shows; empty if there is no such mentee."""
    person = _mentee(board, mentee)
    if person is None:
        return {}
    match = board.match_of(person.pk)
    choices = choices_for(board, person)
    wanted = next((choice for choice in choices if choice.mentor.pk == to), None)
    return {
        "chosen": person,
        "chosen_match": match,
        "card": pair_card(board.people, match) if match else None,
        "person_card": person_card(board.people, person, "mentee"),
        "choices": choices,
        "wanted": wanted,
    }


@committee_view
@require_safe
def show_alternatives(request: CommitteeRequest) -> HttpResponse:
    """Return the part of the panel with alternative mentors for `?mentee=`."""
    asked = AlternativesQuery(request.GET).values_or_404()
    board = read_board(request.program)
    person = _mentee(board, asked["mentee"])
    if person is None:
        raise Http404("There is no such mentee.")
    context = _alternatives(request, board, person)
    return TemplateResponse(request, "matching/board/alternatives.html", context)


def _mentee(board: Board, key: int | None) -> Participant | None:
    """Return the mentee of this board with this key, or None."""
    person = board.people.by_pk.get(key or 0)
    if person and (board.match_of(person.pk) or person in board.people.mentees):
        return person
    return None


def _alternatives(request: CommitteeRequest, board: Board, person: Participant) -> dict[str, Any]:
    try:
        card = alternatives_card(board, person)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        card = None
    return {
        "chosen": person,
        "chosen_match": board.match_of(person.pk),
        "alternatives": card,
        "alternatives_asked": True,
    }


@committee_view
@require_POST
def move_mentee(request: CommitteeRequest) -> HttpResponse:
    """Match the posted `mentee` with the posted `mentor`; ask first if there are warnings."""
    said = MoveForm(request.user, request.POST).values_or_404()
    mentee, mentor = said["mentee"], said["mentor"]
    back = {"mentee": mentee.pk}
    if mentor is None:
        messages.error(request, "Choose a mentor first.")
        return _to_board(back)
    try:
        if mentor.program_id != mentee.program_id:
            raise ValidationError(f"{mentor} is not in {mentee.program}.")
        if not said["read"] and warnings_of(mentor, mentee):
            return _to_board(back | {"to": mentor.pk}, "chosen")
        match = Match.objects.live().filter(mentee=mentee).first()
        if match:
            change_mentor(match, mentor, by=request.user)
        else:
            create_match(mentor, mentee, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"{mentee} is now matched with {mentor}.")
    return _to_board(back)


@committee_view
@require_POST
def act_on_match(request: CommitteeRequest) -> HttpResponse:
    """Do the posted action with the posted `match`, then go to the posted `next` or the board."""
    form = ActForm(request.user, request.POST)
    said = form.values_or_404() if set(form.errors) == {"match"} else form.values_or_400()
    match: Match = said["match"]
    _act(request, said["do"], match, reason=said["why"], bin_pk=said["bin"] or 0)
    if said["next"]:
        return HttpResponseRedirect(said["next"])
    return _to_board({"mentee": match.mentee_id})


@committee_view
@require_POST
def lock_or_unlock(request: CommitteeRequest) -> HttpResponse:
    """Lock or unlock a match of the board; its key is the value of the pressed button."""
    said = LockForm(request.user, request.POST).values_or_404()
    act = "unlock" if said["unlock"] else "lock"
    match: Match = said[act]
    _act(request, act, match)
    return _to_board({"mentee": match.mentee_id})


def _act(
    request: CommitteeRequest, act: str, match: Match, *, reason: str = "", bin_pk: int = 0
) -> None:
    """Do one of the actions of ActForm, and say what was done or why not."""
    user = request.user
    try:
        match act:
            case "lock":
                done = f"Locked {lock(match, by=user)}. Proposals will keep this pair."
            case "unlock":
                done = f"Unlocked {unlock(match, by=user)}. Proposals may change this pair."
            case "bin":
                moved = change_bin(match, bin_pk, by=user)
                done = f"Moved {moved} to {moved.bin}."
            case _:
                done = f"Dissolved the match {dissolve(match, reason, by=user)}."
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, done)


def _to_board(query: dict[str, int], place: str = "") -> HttpResponse:
    place = place or f"mentee-{query['mentee']}"
    return HttpResponseRedirect(f"{reverse('matching_board')}?{urlencode(query)}#{place}")
