"""Help requests: the page of one, what a member does with it, and the rematch assistant."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from matching.domain.support import handling
from matching.models import Concern
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from notifications.domain.outbox.rematch import (
    apply_rematch,
    options_of,
    preview_rematch,
    waiting_person,
)
from notifications.interfaces.admin import frame
from notifications.interfaces.support.forms import HandleForm, RematchForm, RematchQuery
from notifications.interfaces.support.rematch_page import groups_of, sent_words, why_none
from notifications.interfaces.support.request_page import request_context, requests_of
from notifications.views.send import batch_context, rest_words


def _concern(request: CommitteeRequest, pk: int) -> Concern:
    rows = requests_of(request.program, chair=request.is_chair)
    found: Concern = get_object_or_404(rows, pk=pk)
    return found


@committee_view
@require_safe
def show_request(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Show one help request: what happened, who was told what, and what is next."""
    return _page(request, _concern(request, pk))


@committee_view
@require_POST
def handle_request(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Do what was pressed; what was typed stays on the page where it is refused."""
    concern = _concern(request, pk)
    form = HandleForm(concern, request.POST)
    typed = {name: str(form.data.get(name, "")) for name in ("text", "due_on")}
    if not form.is_valid():
        return _page(request, concern, form.sentence, typed, status=400)
    said = form.cleaned_data
    try:
        done = _handle(request, concern, said)
    except ValidationError as error:
        concern.refresh_from_db()
        return _page(request, concern, " ".join(error.messages), typed, status=409)
    messages.success(request, done)
    return redirect("help_request", pk)


def _handle(request: CommitteeRequest, concern: Concern, said: dict[str, Any]) -> str:
    """Do what was chosen and return the sentence that says so."""
    known: dict[str, Any] = {"by": request.user, "seen": said["seen"]}
    match said["do"]:
        case "take":
            handling.assign(concern, request.user, **known)
            return "You take care of this request."
        case "assign":
            handling.assign(concern, said["owner"], **known)
            owner = said["owner"]
            who = handling.name_of(owner, request.user) if owner else "Nobody"
            return f"{who} take{'' if who == 'You' else 's'} care of this request."
        case "due":
            row = handling.put_off(concern, said["due_on"], **known)
            return f"Due {handling.due_words(row)}."
        case "note":
            handling.write_note(concern, said["text"], by=request.user)
            return "Noted."
        case "settle":
            handling.settle(concern, said["text"], **known)
            return "Settled."
        case _:
            handling.reopen(concern, **known)
            return "Open again."


def _page(
    request: CommitteeRequest,
    concern: Concern,
    refused: str = "",
    typed: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = request_context(concern, request.user, chair=request.is_chair)
    if context["rematched"]:
        context |= batch_context(context["rematched"].batch)
    return committee_page(
        request,
        "notifications/support/request.html",
        str(concern),
        status=status,
        refused=refused,
        typed=typed or {},
        **context,
    )


@committee_view
@require_http_methods(["GET", "HEAD", "POST"])
def rematch(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Show the rematches for a request, one of them with its very emails; a POST applies it."""
    concern = _concern(request, pk)
    refused, status = "", 200
    if request.method == "POST":
        form = RematchForm(request.POST)
        said = form.values_or_400()
        try:
            apply_rematch(
                concern, said["option"], said["mark"], by=request.user, settles=said["settles"]
            )
        except ValidationError as error:
            refused, status = " ".join(error.messages), 409
            concern = _concern(request, pk)
        else:
            return redirect("help_request", pk)
    waiting = waiting_person(concern)
    options = options_of(concern)
    asked = said["option"] if refused else RematchQuery(request.GET).values_or_404()["option"]
    chosen = next((one for one in options if one.key == asked), options[0] if options else None)
    shown = preview_rematch(concern, chosen, by=request.user) if chosen else None
    return committee_page(
        request,
        "notifications/support/rematch.html",
        f"Rematch {waiting}",
        status=status,
        concern=concern,
        waiting=waiting,
        groups=groups_of(options, waiting, chosen),
        chosen=chosen,
        shown=shown,
        emails=[(mail, frame(mail.html_body)) for mail in shown.emails] if shown else [],
        number=sent_words(len(shown.emails)) if shown else "",
        refused=refused,
        none="" if options else why_none(concern, waiting),
        rest=rest_words(),
    )
