"""The page that shows a proposal before it is saved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from matching.domain.board.board import Tile, read_board
from matching.domain.exclusions.wish_decisions import UnsettledWishes
from matching.domain.matches.flexible import people_who_could_help
from matching.domain.proposals.propose import proposal_now, propose
from matching.interfaces.proposals.proposal_query import ProposalQuery
from matching.models import Match, Proposal
from matching.views.why import trade_offs_context, what_if_context, why_left_context
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view

# So many pairs of each list are shown.
SHOWN = 100


@committee_view
@require_http_methods(["GET", "HEAD", "POST"])
def propose_matches(request: CommitteeRequest) -> HttpResponse:
    """Return what a proposal would change; on POST, save it as drafts.

    With `mentor` and `mentee` it is the best proposal that pairs these two.
    """
    program = request.program
    asked = ProposalQuery(request.POST if request.method == "POST" else request.GET)
    try:
        together = asked.together()
        if request.method == "POST":
            _say(request, propose(program, request.user, together=together))
            return redirect("matching_board")
        if together:
            proposal = propose(program, dry_run=True, together=together)
        else:
            proposal = proposal_now(program)
    except UnsettledWishes as error:
        messages.error(request, error.sentence)
        return redirect("wishes")
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
    context: dict[str, Any] = {
        "proposal": proposal,
        "together": [people[pk] for pk in together or ()],
        "staying": len(now & then),
        "kept": len(kept),
        "coming": [(people[a], people[b]) for a, b in sorted(then - now)],
        "going": [(people[a], people[b]) for a, b in sorted(now - then - kept)],
        "waiting": [people[pk] for pk in proposal.unmatched_mentees],
        "could_help": len(people_who_could_help(program)[1]),
        "tiles": [Tile(t["name"], t["value"], t["bound"]) for t in proposal.tiers],
        "shown": SHOWN,
    }
    if not together and proposal.mentors and proposal.mentees:
        context |= what_if_context(program, request.GET)
    if asked.cleaned_data["why"]:
        context |= {**why_left_context(program), **trade_offs_context(program)}
    return committee_page(request, "matching/proposals/propose.html", "New proposal", **context)


def _say(request: CommitteeRequest, proposal: Proposal) -> None:
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
