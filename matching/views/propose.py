"""The page that shows a proposal before it is saved."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from matching.domain.board.board import Tile
from matching.domain.exclusions.wish_decisions import UnsettledWishes, refuse_unsettled
from matching.domain.matches.flexible import people_who_could_help
from matching.domain.matches.steps import name_of
from matching.domain.proposals.propose import Overtaken, outcome, proposal_now, propose
from matching.domain.proposals.runs import (
    Together,
    found_now,
    is_large,
    pair_of,
    proposal_of,
    run_at_work,
    start_run,
)
from matching.interfaces.proposals.proposal_query import ProposalQuery, proposal_address
from matching.models import Proposal, ProposalRun
from matching.views.why import trade_offs_context, what_if_context, why_left_context
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from mentorship.models import Program

# So many pairs of each list are shown.
SHOWN = 100


@committee_view
@require_http_methods(["GET", "HEAD", "POST"])
def propose_matches(request: CommitteeRequest) -> HttpResponse:
    """Return what a proposal would change; on POST, save it as drafts.

    With `mentor` and `mentee` it is the best proposal that pairs these two. A large program's
    proposal is left to a worker, unless one has found it already.
    """
    program = request.program
    asked = ProposalQuery(request.POST if request.method == "POST" else request.GET)
    try:
        together = asked.together()
        if is_large(program):
            refuse_unsettled(program)
            if answer := _by_worker(request, asked, together):
                return answer
        if request.method == "POST":
            seen = asked.cleaned_data["seen"]
            say_saved(request, propose(program, request.user, together=together, seen=seen))
            return redirect("matching_board")
        if together:
            proposal = propose(program, dry_run=True, together=together)
        else:
            proposal = proposal_now(program)
    except UnsettledWishes as error:
        messages.error(request, error.sentence)
        return redirect("wishes")
    except Overtaken as error:
        messages.warning(request, " ".join(error.messages))
        return redirect(proposal_address(together))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("matching_board")
    return preview_page(request, proposal, together)


def _by_worker(
    request: CommitteeRequest, asked: ProposalQuery, together: Together
) -> HttpResponse | None:
    """Return what a worker has found, or the page that says how far one is; None without a queue.

    Looking at the page has a worker start, as on a small program it has the page itself start.
    """
    program, saves = request.program, request.method == "POST"
    if not saves:
        at_work = run_at_work(program)
        if at_work and (at_work.saves or pair_of(at_work) == together):
            return redirect("proposal_run", at_work.pk)
        if found := found_now(program, together):
            return preview_page(request, proposal_of(found), together, found, is_current=True)
    if request.method == "HEAD":
        return HttpResponse()
    run, is_new = start_run(
        program, request.user, together, saves=saves, seen=asked.cleaned_data["seen"]
    )
    if run is None:
        return None
    if saves and not is_new and not (run.saves and run.by_id == request.user.pk):
        who = name_of(run.by, request.user)
        has = "have" if who == "You" else "has"
        messages.warning(
            request, f"Nothing is saved: {who} {has} a proposal running. Wait until it is done."
        )
    return redirect("proposal_run", run.pk)


def preview_page(
    request: CommitteeRequest,
    proposal: Proposal,
    together: Together,
    run: ProposalRun | None = None,
    *,
    is_current: bool = False,
) -> HttpResponse:
    """Return the page with what a proposal would change.

    `run` has found it, if a worker has; it `is_current` if nothing has changed since.
    """
    program = request.program
    context = _changes(program, proposal, together)
    context |= {
        "could_help": len(people_who_could_help(program)[1]),
        "tiles": [Tile(t["name"], t["value"], t["bound"]) for t in proposal.tiers],
        "run": run,
        "is_current": is_current,
        "again": proposal_address(together),
    }
    whole = not together and proposal.mentors and proposal.mentees
    asked = request.GET
    # What takes as long as the proposal itself waits in a large program until somebody asks.
    if whole and (not run or "why" in asked or "ask" in asked):
        context |= what_if_context(program, asked)
    if "why" in asked:
        context |= {**why_left_context(program), **trade_offs_context(program)}
    return committee_page(request, "matching/proposals/propose.html", "New proposal", **context)


def _changes(program: Program, proposal: Proposal, together: Together) -> dict[str, Any]:
    """Return which pairs a proposal would add and remove, and who would be unmatched."""
    live = list(program.matches.live())
    now = {(match.mentor_id, match.mentee_id) for match in live}
    then = {(pair["mentor"], pair["mentee"]) for pair in proposal.pairs}
    kept = {(match.mentor_id, match.mentee_id) for match in live if match.is_fixed}
    coming, going = sorted(then - now), sorted(now - then - kept)
    waiting = proposal.unmatched_mentees
    shown = {pk for pair in (*coming[:SHOWN], *going[:SHOWN]) for pk in pair}
    found = program.participants.in_bulk({*shown, *waiting[:SHOWN], *(together or ())})
    # An import that was undone has taken its people with it.
    people: dict[int, Any] = defaultdict(lambda: "somebody who is not here any more", found)
    return {
        "proposal": proposal,
        "seen": outcome(now, proposal),
        "together": [people[pk] for pk in together or ()],
        "staying": len(now & then),
        "kept": len(kept),
        "coming": [(people[a], people[b]) for a, b in coming[:SHOWN]],
        "coming_count": len(coming),
        "going": [(people[a], people[b]) for a, b in going[:SHOWN]],
        "going_count": len(going),
        "waiting": [people[pk] for pk in waiting[:SHOWN]],
        "waiting_count": len(waiting),
        "shown": SHOWN,
    }


def say_saved(request: CommitteeRequest, proposal: Proposal) -> None:
    """Say on the next page what a proposal has saved."""
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
