"""The matching board and its actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

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
from matching.interfaces.board.cards import pair_card, person_card
from matching.interfaces.board.choices import choices_for
from matching.models import Match
from matching.views.why import why_left_context
from mentorship.models import Participant

_ACTS: dict[str, tuple[Callable[..., Match], str]] = {
    "lock": (lock, "Locked {match}. Proposals will keep this pair."),
    "unlock": (unlock, "Unlocked {match}. Proposals may change this pair."),
    "bin": (change_bin, "Moved {match} to {match.bin}."),
    "dissolve": (dissolve, "Dissolved the match {match}."),
}


def show_board(request: HttpRequest) -> HttpResponse:
    """Return the board; `?mentee=` adds that person's card, `&to=` the warnings of a move."""
    program = request.program  # type: ignore[attr-defined]
    if not program:
        return redirect("admin:index")
    board = read_board(program)
    context = {
        **admin.site.each_context(request),
        "title": "Matching board",
        "is_fullwidth": True,
        "board": board,
        **_chosen(board, request.GET.get("mentee", ""), request.GET.get("to", "")),
    }
    if context.get("chosen") and request.GET.get("next"):
        context |= _next(request, board, context["chosen"])
    if request.GET.get("why"):
        context |= why_left_context(program)
    return TemplateResponse(request, "matching/board/board.html", context)


def _chosen(board: Board, mentee: str, to: str) -> dict[str, Any]:
    """Return what the panel of the chosen mentee shows; empty if there is no such mentee."""
    person = _mentee(board, mentee)
    if person is None:
        return {}
    match = board.match_of(person.pk)
    choices = choices_for(board, person)
    wanted = next((c for c in choices if str(c.mentor.pk) == to), None)
    return {
        "chosen": person,
        "chosen_match": match,
        "card": pair_card(board.people, match) if match else None,
        "person_card": person_card(board.people, person, "mentee"),
        "choices": choices,
        "wanted": wanted,
    }


def show_alternatives(request: HttpRequest) -> HttpResponse:
    """Return the part of the panel with alternative mentors for `?mentee=`."""
    program = request.program  # type: ignore[attr-defined]
    if not program:
        return redirect("admin:index")
    board = read_board(program)
    person = _mentee(board, request.GET.get("mentee", ""))
    if person is None:
        raise Http404
    context = _next(request, board, person)
    return TemplateResponse(request, "matching/board/alternatives.html", context)


def _mentee(board: Board, key: str) -> Participant | None:
    """Return the mentee of this board with this key, or None."""
    person = board.people.by_pk.get(int(key)) if key.isdecimal() else None
    if person and (board.match_of(person.pk) or person in board.people.mentees):
        return person
    return None


def _next(request: HttpRequest, board: Board, person: Participant) -> dict[str, Any]:
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


@require_POST
def move_mentee(request: HttpRequest) -> HttpResponse:
    """Match the posted `mentee` with the posted `mentor`; ask first if there are warnings."""
    people = Participant.objects.of(request.user).select_related("program")
    mentee = get_object_or_404(people, pk=_key(request, "mentee"))
    back = {"mentee": mentee.pk}
    if not request.POST.get("mentor"):
        messages.error(request, "Choose a mentor first.")
        return _to_board(back)
    mentor = get_object_or_404(people, pk=_key(request, "mentor"))
    by: Any = request.user
    try:
        if mentor.program_id != mentee.program_id:
            raise ValidationError(f"{mentor} is not in {mentee.program}.")
        if not request.POST.get("read") and warnings_of(mentor, mentee):
            return _to_board(back | {"to": mentor.pk}, "chosen")
        match = Match.objects.live().filter(mentee=mentee).first()
        if match:
            match = change_mentor(match, mentor, by=by)
        else:
            match = create_match(mentor, mentee, by=by)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"{mentee} is now matched with {mentor}.")
    return _to_board(back)


@require_POST
def act_on_match(request: HttpRequest) -> HttpResponse:
    """Do the posted action with the posted `match`, then go to the posted `next` or the board."""
    act = request.POST.get("do", "")
    if act not in _ACTS:
        return HttpResponseBadRequest("Unknown action.")
    match = get_object_or_404(Match.objects.of(request.user), pk=_key(request, "match"))
    arguments: dict[str, list[Any]] = {
        "dissolve": [request.POST.get("why", "")],
        "bin": [_key(request, "bin")],
    }
    _act(request, act, match, *arguments.get(act, []))
    after = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(after, allowed_hosts=None):
        return HttpResponseRedirect(after)
    return _to_board({"mentee": match.mentee_id})


@require_POST
def lock_or_unlock(request: HttpRequest) -> HttpResponse:
    """Lock or unlock a match of the board; its key is the value of the pressed button."""
    act = "unlock" if "unlock" in request.POST else "lock"
    match = get_object_or_404(Match.objects.of(request.user), pk=_key(request, act))
    _act(request, act, match)
    return _to_board({"mentee": match.mentee_id})


def _act(request: HttpRequest, act: str, match: Match, *arguments: str) -> None:
    do, words = _ACTS[act]
    try:
        match = do(match, *arguments, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, words.format(match=match))


def _key(request: HttpRequest, name: str) -> int:
    """Return the posted key; 0, which nobody has, if there is none."""
    value = request.POST.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else 0


def _to_board(query: dict[str, int], place: str = "") -> HttpResponse:
    place = place or f"mentee-{query['mentee']}"
    return HttpResponseRedirect(f"{reverse('matching_board')}?{urlencode(query)}#{place}")
