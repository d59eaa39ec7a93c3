"""The page of a proposal that a worker makes: how far it is, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from matching.domain.matches.steps import name_of
from matching.domain.proposals.runs import (
    cancel_run,
    has_stopped,
    is_current,
    pair_of,
    progress,
    proposal_of,
    start_again,
)
from matching.interfaces.proposals.proposal_query import proposal_address
from matching.models import ProposalRun
from matching.views.propose import preview_page, say_saved
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view


@committee_view
@require_safe
def show_run(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Show how far a run is; what it found, or that it saved, once it is done."""
    run = _run(request, pk)
    if run.outcome == ProposalRun.Outcome.FOUND:
        if is_current(run):
            return redirect(proposal_address(pair_of(run)))
        return preview_page(request, proposal_of(run), pair_of(run), run)
    if run.outcome == ProposalRun.Outcome.SAVED:
        if run.proposal:
            say_saved(request, run.proposal)
        return redirect("matching_board")
    title = "Saving the proposal" if run.saves else "New proposal"
    return committee_page(request, "matching/proposals/run.html", title, **_context(request, run))


@committee_view
@require_safe
def show_run_progress(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Return how far a run is, or nothing if the page shows that; have it go on once it ended."""
    run = _run(request, pk)
    context = _context(request, run)
    shown = request.GET.get("shown", "")
    if run.ended_at or shown.endswith("stopped") != context["stopped"]:
        return HttpResponse(headers={"HX-Redirect": reverse("proposal_run", args=[pk])})
    if shown == context["shown"]:
        return HttpResponse(status=204)
    return TemplateResponse(request, "matching/proposals/run_progress.html", context)


@committee_view
@require_POST
def cancel(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Cancel a run, one’s own or another member’s."""
    run = _run(request, pk)
    if not cancel_run(run, request.user):
        run.refresh_from_db()
        if run.outcome == ProposalRun.Outcome.SAVED:
            messages.warning(
                request, "It was too late to cancel. Undo, on this board, takes the pairs back."
            )
    return redirect("proposal_run", pk)


@committee_view
@require_POST
def repeat(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Start a run again that came to nothing."""
    run, _ = start_again(_run(request, pk), request.user)
    if run is None:
        messages.error(
            request, "The queue does not answer, so nothing was started. Tell your host."
        )
    return redirect("proposal_run", run.pk if run else pk)


def _run(request: CommitteeRequest, pk: int) -> ProposalRun:
    runs = request.program.proposal_runs.select_related("by", "cancelled_by", "proposal")
    return get_object_or_404(runs, pk=pk)


def _context(request: CommitteeRequest, run: ProposalRun) -> dict[str, Any]:
    so_far, stopped = progress(run), has_stopped(run)
    notes = [name for name in ("waiting", "silent") if getattr(so_far, name)]
    people = request.program.participants.in_bulk(pair_of(run) or ())
    return {
        "run": run,
        "who": name_of(run.by, request.user),
        "cancelled_by": name_of(run.cancelled_by, request.user),
        "together": [people[pk] for pk in pair_of(run) or () if pk in people],
        "so_far": so_far,
        "stopped": stopped,
        "shown": "-".join([str(so_far.done), *notes, *(["stopped"] if stopped else [])]),
        "again": proposal_address(pair_of(run)),
    }
