"""Importing a file in the browser: choose it, read what would change, then press one button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import get_text_list
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mentorship.domain.imports.attaching import attach_answers
from mentorship.interfaces.imports.drafts import bring_in, choose_columns, start_draft
from mentorship.interfaces.imports.jobs import progress_of, take_back
from mentorship.interfaces.imports.resources import RESOURCES
from mentorship.interfaces.imports.uploads import UploadForm
from mentorship.models import Import, Participant, normalise_address


@dataclass(frozen=True)
class Kind:
    """The words of the pages on which one kind of file comes in."""

    title: str
    intro: str
    button: str


KINDS = {
    Import.Kind.SIGNUPS: Kind(
        "Import sign-ups",
        "Export everybody from the ticket shop, with the answer to the mentorship question, and "
        "choose the file here. The same export can come as often as you like.",
        "Import these sign-ups",
    ),
    Import.Kind.RESPONSES: Kind(
        "Import survey answers",
        "Choose the answers as another form tool exports them. They keep their own times, so an "
        "older one never replaces what somebody has answered since.",
        "Import these answers",
    ),
    Import.Kind.RESEARCH: Kind(
        "Bring the research sheet back",
        "Choose the sheet with what you found. It counts as research: a survey answer, also one "
        "that has come meanwhile, stands above it.",
        "Save this research",
    ),
}
PEOPLE = "admin:mentorship_participant_changelist"
DONE = "admin:mentorship_import_change"


@require_http_methods(["GET", "POST"])
def show_import(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for the file; once there is one, go on to what importing it would change."""
    program = request.program  # type: ignore[attr-defined]
    if not program:
        return redirect("admin:index")
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            draft = start_draft(program, kind, request.user, upload.name, upload.read())  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect("import_draft", draft.pk)
    needed, used = RESOURCES[kind].columns_read()
    return _page(
        request,
        kind,
        "form",
        form=form,
        needed=get_text_list(needed, "and"),
        used=get_text_list(used, "and"),
        status=400 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def show_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a draft would change and what its columns are taken for, which a POST corrects."""
    draft = _draft(request, pk)
    if isinstance(draft, HttpResponse):
        return draft
    faults: list[str] = []
    if request.method == "POST":
        try:
            faults = choose_columns(draft, request.POST.getlist("column"))
        except ValidationError as error:
            faults = error.messages
        if not faults:
            return redirect("import_draft", pk)
    if draft.progress.get("job"):
        return _page(request, draft.kind, "progress", **progress_of(draft))
    resource = RESOURCES[draft.kind](draft.program)
    if draft.choice is None and not faults:
        faults = resource.faults([guess["key"] for guess in draft.columns])
    return _page(
        request,
        draft.kind,
        "preview",
        draft=draft,
        preview=draft.report,
        faults=faults,
        error=draft.progress.get("error", ""),
        used=sum(bool(guess["key"]) for guess in draft.columns),
        ignored=sum(not guess["key"] for guess in draft.columns),
        meanings=[(column.key, column.called) for column in resource.columns],
        status=400 if request.method == "POST" else 200,
    )


@require_GET
def show_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how far a worker is with an import; once it is done, have the page go on."""
    row = get_object_or_404(Import.objects.of(request.user).light(), pk=pk)
    if not row.progress.get("job"):
        draft = row.state == Import.State.DRAFT
        page = reverse("import_draft" if draft else DONE, args=[pk])
        return HttpResponse(headers={"HX-Redirect": page})
    return TemplateResponse(request, "mentorship/imports/progress_bar.html", progress_of(row))


@require_POST
def confirm_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Import a draft whose difference was shown, if the outcome is still that."""
    draft = _draft(request, pk)
    if isinstance(draft, HttpResponse):
        return draft
    if not draft.report:
        return redirect("import_draft", pk)
    try:
        bring_in(draft)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
        return redirect("import_draft", pk)
    if draft.state != Import.State.DONE:
        return redirect("import_draft", pk)
    numbers = [f"{count} {what}" for count, what in draft.numbers if count]
    messages.success(request, f"Imported {draft}: {get_text_list(numbers, 'and')}.")
    return redirect(DONE, pk)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo an import, if nothing was built on it."""
    done = get_object_or_404(Import.objects.of(request.user), pk=pk)
    try:
        if take_back(done, request.user):  # type: ignore[arg-type]
            messages.success(request, f"{done} is undone: everything is as it was before it.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(DONE, pk)


@require_POST
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the waiting answers of an unknown address as those of the person given by address."""
    done = get_object_or_404(Import.objects.of(request.user), pk=pk)
    address = normalise_address(request.POST.get("person", ""))
    person = Participant.objects.filter(program=done.program_id, email=address).first()
    if person is None:
        messages.error(request, f"Nobody in {done.program} has the address {address or '(blank)'}.")
        return redirect(DONE, pk)
    try:
        attach_answers(done, request.POST.get("unknown", ""), person)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"The answer is recorded as that of {person}.")
    return redirect(DONE, pk)


def _draft(request: HttpRequest, pk: int) -> Import | HttpResponse:
    """Give a draft of this user, else an answer that leads to what has become of it."""
    found = get_object_or_404(
        Import.objects.of(request.user).select_related("program", "created_by"), pk=pk
    )
    if found.state != Import.State.DRAFT:
        return redirect(DONE, pk)
    if found.created_by_id != request.user.pk:
        messages.info(request, f"{found.created_by} has not imported {found} yet.")
        return redirect("admin:mentorship_import_changelist")
    return found


def _page(
    request: HttpRequest, kind: str, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    words = KINDS[Import.Kind(kind)]
    shared = {
        **admin.site.each_context(request),
        "title": words.title,
        "kind": words,
        "here": f"import_{kind}",
    }
    return TemplateResponse(
        request, f"mentorship/imports/{template}.html", shared | context, status=status
    )
