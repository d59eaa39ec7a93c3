"""What is read by itself: connected and changed by chairs, seen and read now by every member."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mentorship.domain.sources import connect as connecting
from mentorship.domain.sources.open_words import refused_rows, take_note
from mentorship.domain.sources.pretix.client import Shop
from mentorship.domain.sources.runs import reading_progress
from mentorship.domain.sources.web.trouble import SourceTrouble
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from mentorship.interfaces.sources.forms import DoForm, FollowForm, PretixForm, ShopQuestionForm
from mentorship.interfaces.sources.state import state_of, states_of
from mentorship.models import ImportSource

_FORMS = {"pretix": PretixForm, "sheet": FollowForm}
_TITLES = {"pretix": "Connect pretix", "sheet": "Follow a sheet"}
_RUNS_SHOWN = 20
# Anybody may do this; it changes no setting.
_FOR_MEMBERS = ("read", "seen")


@committee_view
@require_safe
def show_sources(request: CommitteeRequest) -> HttpResponse:
    """Show what is read by itself, and how it is doing."""
    states = states_of(request.program)
    return _page(
        request,
        "list",
        "Sources",
        states=states,
        may_connect=request.is_chair,
        has_signups=any(state.source.brings == "signups" for state in states),
    )


@committee_view
@require_http_methods(["GET", "POST"])
def connect_source(request: CommitteeRequest, kind: str) -> HttpResponse:
    """Ask a chair where it is, and have it read for the first time."""
    if kind not in _FORMS:
        raise Http404
    if not request.is_chair:
        raise PermissionDenied
    source = ImportSource(program=request.program, kind=kind)
    form = _FORMS[kind](request.POST or None, instance=source)
    if form.is_valid():
        token = form.cleaned_data.get("token", "")
        try:
            connecting.connect(source, token, request.user)
        except ValidationError as error:
            _add(form, error)
        else:
            if kind == "pretix":
                return redirect("source_question", source.pk)
            messages.success(request, "The sheet is being read. Nothing is imported yet.")
            return redirect("source", source.pk)
    return _page(request, "form", _TITLES[kind], 400 if form.errors else 200, form=form, kind=kind)


@committee_view
@require_http_methods(["GET", "POST"])
def change_source(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Change where a source is, or what it may do by itself."""
    source = _of_chair(request, pk)
    form = _FORMS[source.kind](request.POST or None, instance=source)
    if form.is_valid():
        try:
            connecting.change(source, form.cleaned_data.get("token", ""))
        except ValidationError as error:
            _add(form, error)
        else:
            if source.kind == "pretix" and not source.question:
                return redirect("source_question", pk)
            messages.success(request, "Saved. It is being read.")
            return redirect("source", pk)
    return _page(
        request,
        "form",
        "Change the source",
        400 if form.errors else 200,
        form=form,
        kind=source.kind,
        source=source,
    )


@committee_view
@require_http_methods(["GET", "POST"])
def choose_question(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Ask a chair which of the shop's questions is the mentorship question."""
    source = _of_chair(request, pk)
    if source.kind != ImportSource.Kind.PRETIX:
        raise Http404
    form, trouble = None, ""
    try:
        questions = Shop.of(source).questions()
    except SourceTrouble as error:
        trouble = str(error)
    else:
        form = ShopQuestionForm(questions, source, request.POST or None)
        if not questions:
            trouble = "The shop asks no question yet. Add the mentorship question there first."
    if form and form.is_valid():
        for name, value in form.cleaned_data.items():
            setattr(source, name, value)
        connecting.change(source)
        messages.success(request, "Saved. The shop is being read. Nothing is imported yet.")
        return redirect("source", pk)
    return _page(
        request,
        "question",
        "Questions of the shop",
        400 if form and form.errors else 200,
        form=form,
        trouble=trouble,
        source=source,
    )


@committee_view
@require_safe
def show_source(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Show how a source is doing, what waits of it, and what its reads did."""
    source = _of_member(request, pk)
    chair = request.is_chair
    hook = reverse("pretix_hook", args=[source.hook_key])
    return _page(
        request,
        "source",
        str(source),
        state=state_of(source),
        source=source,
        progress=reading_progress(source),
        chair=chair,
        hook=request.build_absolute_uri(hook) if chair and source.kind == "pretix" else "",
        open=source.state.get("open", []) if source.reviewed_at else [],
        refused=refused_rows(source),
        unseen=bool(refused_rows(source, unseen=True)),
        runs=source.runs.select_related("imported")[:_RUNS_SHOWN],
    )


@committee_view
@require_safe
def show_reading(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Return how far the reading of a source is; once it is over, have the page show what came."""
    source = _of_member(request, pk)
    state = state_of(source)
    if not state.reads:
        return HttpResponse(headers={"HX-Redirect": reverse("source", args=[pk])})
    context = {"source": source, "progress": reading_progress(source)}
    return TemplateResponse(request, "mentorship/sources/reading.html", context)


@committee_view
@require_POST
def act_on_source(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Read a source now; by a chair pause, resume or remove it, or renew its webhook."""
    do = DoForm(request.POST).values_or_400()["do"]
    source = _of_member(request, pk) if do in _FOR_MEMBERS else _of_chair(request, pk)
    try:
        said = _DO[do](source)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("sources") if do == "remove" else redirect("source", pk)


def _read(source: ImportSource) -> str:
    connecting.read_now(source)
    return "It is being read."


def _pause(source: ImportSource) -> str:
    connecting.pause(source)
    return "Paused. Nothing is read until you resume it."


def _resume(source: ImportSource) -> str:
    connecting.resume(source)
    return "Resumed. It is being read."


def _renew(source: ImportSource) -> str:
    connecting.renew_hook(source)
    return "The webhook has a new address. Enter it in pretix; the former one no longer works."


def _remove(source: ImportSource) -> str:
    name = str(source)
    connecting.remove(source)
    return f"Removed: {name}. What it brought stays."


def _seen(source: ImportSource) -> str:
    take_note(source)
    return "Noted."


_DO = {
    "read": _read,
    "pause": _pause,
    "resume": _resume,
    "renew": _renew,
    "remove": _remove,
    "seen": _seen,
}


def _of_member(request: CommitteeRequest, pk: int) -> ImportSource:
    """Return a source of the program. Raise Http404 if it is none."""
    sources = ImportSource.objects.filter(program=request.program).select_related("program")
    return get_object_or_404(sources, pk=pk)


def _of_chair(request: CommitteeRequest, pk: int) -> ImportSource:
    """Return a source of the program. Raise PermissionDenied if the user does not chair it."""
    source = _of_member(request, pk)
    if not request.is_chair:
        raise PermissionDenied
    return source


def _add(form: Any, error: ValidationError) -> None:
    faults = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for field, words in faults.items():
        form.add_error(field if field in form.fields else None, words)


def _page(
    request: CommitteeRequest, template: str, title: str, status: int = 200, **context: Any
) -> HttpResponse:
    return committee_page(
        request, f"mentorship/sources/{template}.html", title, status=status, **context
    )
