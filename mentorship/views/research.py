"""Research: the queue of people who have not answered, and their sheet for work elsewhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mentorship.domain.imports.research import left_to_research
from mentorship.domain.programs.data_log import log_export
from mentorship.domain.research import queue
from mentorship.interfaces.exports.research_sheet import research_sheet
from mentorship.interfaces.exports.workbook import CONTENT_TYPE
from mentorship.interfaces.imports.uploads import UploadForm
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.people_states import states_of, with_states
from mentorship.interfaces.posted import PostedForm
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from mentorship.interfaces.research.form import ResearchForm
from mentorship.interfaces.research.searches import search_links
from mentorship.models import Participant, ResearchTurn

_LISTED = 6


class ResearchStepForm(PostedForm):
    """What to do with the person who is looked up."""

    do = forms.ChoiceField(choices=[(name, name) for name in ("take", "save", "skip", "nothing")])


@committee_view
@require_GET
def show_research(request: CommitteeRequest) -> HttpResponse:
    """Show how far the research is, where to go on, and the sheet to do it elsewhere."""
    program = request.program
    return committee_page(
        request,
        "mentorship/research/start.html",
        "Research",
        silent=left_to_research(program).count(),
        nobody=not program.participants.exists(),
        held=queue.held_by(program, request.user).first(),
        form=UploadForm(),
        **_surroundings(request),
    )


@committee_view
@require_POST
def research_next(request: CommitteeRequest) -> HttpResponse:
    """Lead to the next person to look up."""
    return _to_next(request)


@committee_view
@require_http_methods(["GET", "POST"])
def research_person(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Show one person to look up; save what was found, skip them, or note that there is nothing."""
    people = with_states(Participant.objects.filter(program=request.program))
    people = people.select_related("program", "sector", "research_turn__held_by")
    person = get_object_or_404(people.prefetch_related("fields"), pk=pk)
    if request.method == "GET":
        return _page(request, person, ResearchForm(person))
    form = ResearchForm(person, request.POST)
    try:
        said = _do(request, ResearchStepForm(request.POST).values_or_400()["do"], person, form)
    except ValidationError as error:
        form.add_error(None, error)
    if form.errors:
        return _page(request, person, form, status=400)
    if not said:
        return redirect("research_person", person.pk)
    messages.success(request, said)
    return _to_next(request)


def _do(request: CommitteeRequest, step: str, person: Participant, form: ResearchForm) -> str:
    """Do what was asked; return the sentence that says so, "" to stay with this person."""
    if step == "take":
        if not queue.take(person, request.user):
            raise ValidationError(f"Somebody else is looking up {person} now.")
        return ""
    if step == "skip":
        queue.skip(person, request.user)
        return f"{person} comes again at the end."
    if step == "nothing":
        queue.note_nothing_found(person, request.user)
        return f"{person} is out of the queue: nothing found."
    if not form.is_valid():
        return ""
    queue.save_found(person, request.user, form.found, form.cleaned_data["source"])
    return f"Saved what you found about {person}."


def _to_next(request: CommitteeRequest) -> HttpResponse:
    person = queue.take_next(request.program, request.user)
    return redirect("research_person", person.pk) if person else redirect("research_sheet")


def _page(
    request: CommitteeRequest, person: Participant, form: ResearchForm, status: int = 200
) -> HttpResponse:
    turn = ResearchTurn.objects.filter(participant=person).select_related("held_by").first()
    held = bool(turn and turn.held_until and turn.held_until > timezone.now())
    return committee_page(
        request,
        "mentorship/research/person.html",
        f"Research: {person}",
        status=status,
        person=person,
        states=states_of(person),
        searches=search_links(person),
        form=form,
        turn=turn,
        is_mine=bool(turn and turn.held_by_id == request.user.pk),
        other=turn.held_by if turn and held and turn.held_by_id != request.user.pk else None,
        is_fullwidth=True,
        **_surroundings(request),
    )


def _surroundings(request: CommitteeRequest) -> dict[str, Any]:
    program = request.program
    turns = ResearchTurn.objects.filter(program=program).select_related("participant", "held_by")
    at_work = turns.filter(held_until__gt=timezone.now(), held_by__isnull=False)
    return {
        "progress": queue.research_progress(program),
        "ended": turns.exclude(outcome="").order_by("-ended_at", "-pk")[:_LISTED],
        "at_work": at_work.exclude(held_by=request.user).order_by("pk")[:_LISTED],
        "waiting": queue.waiting(program)[:_LISTED],
    }


@committee_view
@require_GET
def download_research_sheet(request: CommitteeRequest) -> HttpResponse:
    """Return the workbook of the people who have not answered."""
    name = f"research-{request.program.slug}.xlsx"
    log_export(request.program, request.user, "research sheet")
    return HttpResponse(
        research_sheet(request.program),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
