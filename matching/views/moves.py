"""What the committee does on the board. A script gets what changed, a plain form a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from matching.domain.board import actions, undo
from matching.domain.board.board import read_board
from matching.domain.board.history import happenings
from matching.interfaces.board.buttons import ActForm, LockForm, MoveForm, StepForm, SwapForm
from matching.interfaces.board.confirmations import confirm_move, confirm_swap, swap_choices
from matching.models import BoardStep, Match
from matching.views.board import updated
from mentorship.interfaces.requests import CommitteeRequest, committee_view


@committee_view
@require_POST
def move_mentee(request: CommitteeRequest) -> HttpResponse:
    """Match the posted `mentee` with the posted `mentor`; ask first if there are warnings."""
    said = MoveForm(request.program, request.POST).values_or_404()
    mentee, mentor = said["mentee"], said["mentor"]
    back = {"mentee": mentee.pk}
    if mentor is None and not said["nobody"]:
        return _refused(request, said, back, "Choose a mentor first.")
    try:
        if asked := _asks(request, said, back):
            return asked
        actions.move(mentee, mentor, by=request.user, seen=said["seen"])
    except ValidationError as error:
        return _refused(request, said, back, error)
    done = f"{mentee} is now {f'matched with {mentor}' if mentor else 'unmatched'}."
    return _done(request, said, back, done)


def _asks(
    request: CommitteeRequest, said: dict[str, Any], back: dict[str, int]
) -> HttpResponse | None:
    """Return the question before a move: what is wrong with it, or who could make room."""
    mentee, mentor = said["mentee"], said["mentor"]
    board = read_board(mentee.program)
    to = mentor.pk if mentor else None
    full = to is not None and board.taken[to] >= mentor.capacity
    if to and full and request.htmx and (swaps := swap_choices(board, mentee.pk, to)):
        return _ask(request, said, swaps=swaps, mentee=mentee, mentor=mentor)
    if said["read"] or full:
        return None
    asks = confirm_move(board, mentee.pk, to, shown=said["dropped"])
    if not asks:
        return None
    if request.htmx:
        return _ask(request, said, asks=asks, mentee=mentee, mentor=mentor)
    return _to_board(back | ({"to": to} if to else {}), "chosen")


@committee_view
@require_POST
def swap_mentees(request: CommitteeRequest) -> HttpResponse:
    """Let the posted `mentee` and `other` change places; ask first if there is something wrong."""
    said = SwapForm(request.program, request.POST).values_or_404()
    mentee, other = said["mentee"], said["other"]
    back = {"mentee": mentee.pk}
    try:
        board = read_board(mentee.program)
        asks = confirm_swap(board, mentee.pk, other.pk)
        if asks and not said["read"]:
            if request.htmx:
                return _ask(request, said, asks=asks, mentee=mentee, other=other)
            raise ValidationError("Check the box to swap anyway.")
        match = actions.swap(mentee, other, by=request.user, seen=said["seen"])
    except ValidationError as error:
        return _refused(request, said, back, error)
    done = f"{mentee} is now matched with {match.mentor}, in place of {other}."
    return _done(request, said, back, done)


@committee_view
@require_POST
def act_on_match(request: CommitteeRequest) -> HttpResponse:
    """Do the posted action with each posted `match`, then go to the posted `next` or the board."""
    form = ActForm(request.program, request.POST)
    said = form.values_or_404() if set(form.errors) == {"match"} else form.values_or_400()
    return _act(request, said["do"], said["match"], said)


@committee_view
@require_POST
def lock_or_unlock(request: CommitteeRequest) -> HttpResponse:
    """Lock or unlock a match of the board; its key is the value of the pressed button."""
    said = LockForm(request.program, request.POST).values_or_404()
    act = "unlock" if said["unlock"] else "lock"
    return _act(request, act, [said[act]], said)


def _act(
    request: CommitteeRequest, act: str, matches: list[Match], said: dict[str, Any]
) -> HttpResponse:
    """Do one of the actions of ActForm with all these matches, and say what was done."""
    back = {"mentee": matches[0].mentee_id} if len(matches) == 1 else {}
    known: dict[str, Any] = {"by": request.user, "seen": said["seen"]}
    which = str(matches[0]) if len(matches) == 1 else f"{len(matches)} pairs"
    try:
        match act:
            case "lock":
                actions.lock_all(matches, True, **known)
                done = f"Locked {which}. Proposals will keep {_it(matches, 'this pair', 'them')}."
            case "unlock":
                actions.lock_all(matches, False, **known)
                done = (
                    f"Unlocked {which}. Proposals may change {_it(matches, 'this pair', 'them')}."
                )
            case "bin":
                bin_name = actions.move_all_to_bin(matches, said["bin"] or 0, **known)
                done = f"Moved {which} to {bin_name}."
            case "note":
                actions.write_note(matches[0], said["note"], **known)
                done = f"Saved the note on {which}."
            case _:
                actions.dissolve_all(matches, said["why"], **known)
                done = f"Dissolved {_it(matches, f'the match {which}', which)}."
    except ValidationError as error:
        return _refused(request, said, back, error)
    return _done(request, said, back, done)


def _it(matches: list[Match], one: str, many: str) -> str:
    return one if len(matches) == 1 else many


@committee_view
@require_POST
def undo_step(request: CommitteeRequest) -> HttpResponse:
    """Undo the posted step, or the member's own last one."""
    return _turn(request, "undo")


@committee_view
@require_POST
def redo_step(request: CommitteeRequest) -> HttpResponse:
    """Redo the posted step, or the one that the member undid last."""
    return _turn(request, "redo")


def _turn(request: CommitteeRequest, way: str) -> HttpResponse:
    said = StepForm(request.program, request.POST).values_or_404()
    last = undo.next_to_undo if way == "undo" else undo.next_to_redo
    step: BoardStep | None = said["step"] or last(request.program, request.user)
    if step is None:
        return _refused(request, said, {}, f"There is nothing to {way}.")
    told = happenings(request.program, [step], request.user)[0]
    if told.concerns_announced and not said["sure"]:
        if request.htmx:
            return _ask(request, said, turn=told, way=way)
        return HttpResponseRedirect(reverse("board_history"))
    try:
        (undo.undo if way == "undo" else undo.redo)(step, request.user)
    except ValidationError as error:
        return _refused(request, said, {}, error)
    return _done(request, said, {}, f"{'Undone' if way == 'undo' else 'Redone'}: {told.sentence}.")


def _ask(request: CommitteeRequest, said: dict[str, Any], **question: Any) -> HttpResponse:
    return updated(request, said["seen"] or 0, status=422, question=question)


def _refused(
    request: CommitteeRequest,
    said: dict[str, Any],
    back: dict[str, int],
    error: str | ValidationError,
) -> HttpResponse:
    """Say why nothing was changed: in words, and with what has changed meanwhile to a script."""
    why = error if isinstance(error, str) else " ".join(error.messages)
    if not request.htmx:
        messages.error(request, why)
        return _back(said, back)
    moved = isinstance(error, actions.BoardMoved)
    refusal = {"why": why, "again": moved}
    return updated(request, said["seen"] or 0, status=409, refusal=refusal)


def _done(
    request: CommitteeRequest, said: dict[str, Any], back: dict[str, int], done: str
) -> HttpResponse:
    if request.htmx:
        return updated(request, said["seen"] or 0, done=done)
    messages.success(request, done)
    return _back(said, back)


def _back(said: dict[str, Any], back: dict[str, int]) -> HttpResponse:
    if said.get("next"):
        return HttpResponseRedirect(said["next"])
    return _to_board(back)


def _to_board(query: dict[str, int], place: str = "") -> HttpResponse:
    place = place or (f"mentee-{query['mentee']}" if query else "")
    address = reverse("matching_board") + (f"?{urlencode(query)}" if query else "")
    return HttpResponseRedirect(f"{address}#{place}" if place else address)
