"""The page that shows a proposal before it is saved."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import ngettext

from matching.domain.board.board import Tile, read_board
from matching.domain.proposals.propose import propose
from matching.models import Match, Proposal
from matching.views.why import trade_offs_context, what_if_context, why_left_context


def propose_matches(request: HttpRequest) -> HttpResponse:
    """Return what a proposal would change; on POST, save it as drafts.

    With `mentor` and `mentee` it is the best proposal that pairs these two.
    """
    program = request.program  # type: ignore[attr-defined]
    if not program:
        return redirect("admin:index")
    try:
        together = _together(request)
        if request.method == "POST":
            user: Any = request.user
            _say(request, propose(program, user, together=together))
            return redirect("matching_board")
        proposal = propose(program, dry_run=True, together=together)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("matching_board")
    board = read_board(program)
    people = board.people.by_pk
    now = {(match.mentor_id, match.mentee_id) for match in board.matches}
    then = {(pair["mentor"], pair["mentee"]) for pair in proposal.pairs}
    kept = {
        (m.mentor_id, m.mentee_id)
        for m in board.matches
        if m.locked or m.status == Match.Status.ANNOUNCED
    }
    context = {
        **admin.site.each_context(request),
        "title": "New proposal",
        "proposal": proposal,
        "together": [people[pk] for pk in together or ()],
        "staying": len(now & then),
        "kept": len(kept),
        "coming": [(people[a], people[b]) for a, b in sorted(then - now)],
        "going": [(people[a], people[b]) for a, b in sorted(now - then - kept)],
        "waiting": [people[pk] for pk in proposal.unmatched_mentees],
        "tiles": [Tile(t["name"], t["value"], t["bound"]) for t in proposal.tiers],
    }
    if not together:
        context |= what_if_context(program, request.GET)
    if request.GET.get("why"):
        context |= {**why_left_context(program), **trade_offs_context(program)}
    return TemplateResponse(request, "matching/proposals/propose.html", context)


def _together(request: HttpRequest) -> tuple[int, int] | None:
    """Give the keys of the two who are to be a pair; 0 for one that is none."""
    said = request.POST if request.method == "POST" else request.GET
    if not (said.get("mentor") or said.get("mentee")):
        return None
    mentor, mentee = (
        int(text) if text.isdecimal() and len(text) < 19 else 0
        for text in (said.get("mentor", ""), said.get("mentee", ""))
    )
    return mentor, mentee


def _say(request: HttpRequest, proposal: Proposal) -> None:
    pairs, waiting = len(proposal.pairs), len(proposal.unmatched_mentees)
    saved = ngettext("Saved %d pair.", "Saved %d pairs.", pairs) % pairs
    left = "Every mentee has a mentor."
    if waiting:
        left = ngettext("%d mentee is unmatched.", "%d mentees are unmatched.", waiting) % waiting
    if proposal.status == Proposal.Status.OPTIMAL:
        proven = "This is proven to be the best possible matching."
        messages.success(request, f"{saved} {left} {proven}")
    else:
        why = f"A better matching may exist. {proposal.why_not_proven}"
        messages.warning(request, f"{saved} {left} {why}")
