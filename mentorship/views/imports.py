"""Importing a file in the browser: choose it, read what would change, then press one button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import get_text_list
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mentorship.domain.columns.guesses import Guess
from mentorship.domain.imports.drafts import (
    answer_questions,
    choose_columns,
    choose_sheet,
    confirm_draft,
    start_draft,
)
from mentorship.domain.imports.jobs import job_progress, start_undo
from mentorship.domain.imports.kinds import KINDS
from mentorship.domain.imports.responses import attach_responses
from mentorship.domain.imports.undecided import decide_signup
from mentorship.interfaces.imports.uploads import (
    AnswersForm,
    AttachForm,
    ColumnsForm,
    SheetForm,
    SignupForm,
    UploadForm,
    meanings,
)
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from mentorship.models import Import


@dataclass(frozen=True)
class ImportWords:
    """The words of the pages that import one kind of file."""

    title: str
    intro: str
    button: str


WORDS = {
    Import.Kind.SIGNUPS: ImportWords(
        "Import sign-ups",
        "Export all tickets from the ticket shop, with the answer to the mentorship question, and "
        "choose the file here. You can import a newer export as often as you like.",
        "Import these sign-ups",
    ),
    Import.Kind.RESPONSES: ImportWords(
        "Import responses",
        "Choose the responses as another form tool exports them. They keep their own times, so an "
        "older one never replaces what somebody has answered since.",
        "Import these responses",
    ),
    Import.Kind.RESEARCH: ImportWords(
        "Upload the research sheet",
        "Choose the sheet with what you found. It counts as research: a response, even one that "
        "has just come in, always wins.",
        "Save this research",
    ),
}
DONE = "admin:mentorship_import_change"


@committee_view
@require_http_methods(["GET", "POST"])
def show_import(request: CommitteeRequest, kind: str) -> HttpResponse:
    """Ask for the file; with one, go on to what importing it would change."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            draft = start_draft(request.program, kind, request.user, file.name, file.read())
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect("import_draft", draft.pk)
    needed, used = KINDS[kind].columns_read()
    return _page(
        request,
        kind,
        "form",
        form=form,
        needed=get_text_list(needed, "and"),
        used=get_text_list(used, "and"),
        status=400 if form.errors else 200,
    )


@committee_view
@require_http_methods(["GET", "POST"])
def show_draft(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Show what a draft would change and how its file is read; a POST corrects sheet or columns."""
    draft = _draft(request, pk)
    if isinstance(draft, HttpResponse):
        return draft
    faults: list[str] = []
    if request.method == "POST":
        try:
            if "sheet" in request.POST:
                choose_sheet(draft, SheetForm(request.POST).values_or_400()["sheet"])
            else:
                faults = choose_columns(draft, ColumnsForm(request.POST).keys())
        except ValidationError as error:
            faults = error.messages
        if not faults:
            return redirect("import_draft", pk)
    if draft.progress.get("job"):
        return _page(request, draft.kind, "progress", draft=draft, progress=job_progress(draft))
    kind = KINDS[draft.kind]
    if draft.choice is None and not faults:
        faults = kind.faults([Guess(**guess) for guess in draft.columns])
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
        unused=_unused(draft),
        meanings=meanings(kind),
        status=400 if request.method == "POST" else 200,
    )


def _unused(draft: Import) -> str:
    """Return the headings of the columns that have something in them and are not used."""
    unused = [
        f"“{guess['heading'] or '(no heading)'}”"
        for guess in draft.columns
        if not guess["key"] and guess["samples"]
    ]
    return get_text_list(unused, "and")


@committee_view
@require_POST
def answer(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Save what the words of a draft's file mean, and preview it again."""
    draft = _draft(request, pk)
    if isinstance(draft, HttpResponse):
        return draft
    try:
        answer_questions(draft, *AnswersForm(request.POST).answers())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("import_draft", pk)


@committee_view
@require_GET
def show_progress(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Return how far a worker is with an import; once it is done, have the page go on."""
    row = get_object_or_404(Import.objects.filter(program=request.program).light(), pk=pk)
    if not row.progress.get("job"):
        draft = row.state == Import.State.DRAFT
        page = reverse("import_draft" if draft else DONE, args=[pk])
        return HttpResponse(headers={"HX-Redirect": page})
    context = {"draft": row, "progress": job_progress(row)}
    return TemplateResponse(request, "mentorship/imports/progress_bar.html", context)


@committee_view
@require_POST
def confirm_import(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Import a draft whose difference was shown, if the outcome is still that."""
    draft = _draft(request, pk)
    if isinstance(draft, HttpResponse):
        return draft
    if not draft.report:
        return redirect("import_draft", pk)
    try:
        confirm_draft(draft, request.user)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
        there = Import.objects.filter(pk=pk).exists()
        return redirect("import_draft", pk) if there else redirect("sources")
    if draft.state != Import.State.DONE:
        return redirect("import_draft", pk)
    numbers = [f"{count} {what}" for count, what in draft.numbers if count]
    messages.success(request, f"Imported {draft}: {get_text_list(numbers, 'and')}.")
    return redirect(DONE, pk)


@committee_view
@require_POST
def undo(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Undo an import, if nothing was built on it."""
    done = get_object_or_404(Import, program=request.program, pk=pk)
    try:
        if start_undo(done, request.user):
            messages.success(request, f"Undone: {done}. Everything is as it was before.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(DONE, pk)


@committee_view
@require_POST
def attach(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Record the waiting responses of an unknown address as those of a person in the program."""
    done = get_object_or_404(Import, program=request.program, pk=pk)
    form = AttachForm(done, request.POST)
    if not form.is_valid():
        messages.error(request, form.sentence)
        return redirect(DONE, pk)
    person = form.cleaned_data["person"]
    try:
        attach_responses(done, form.cleaned_data["unknown"], person)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"Saved as the response of {person}.")
    return redirect(DONE, pk)


@committee_view
@require_POST
def settle_signup(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Settle a sign-up that names no role yet."""
    imports = Import.objects.filter(program=request.program).select_related("program")
    done = get_object_or_404(imports, pk=pk)
    said = SignupForm(request.POST).values_or_400()
    try:
        name = decide_signup(done.program, said["key"], said["choice"])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"Saved for {name}.")
    return redirect(DONE, pk)


def _draft(request: CommitteeRequest, pk: int) -> Import | HttpResponse:
    """Return a draft of this user, else an answer that leads to what has become of it."""
    drafts = Import.objects.filter(program=request.program, kind__in=KINDS)
    found = get_object_or_404(drafts.select_related("program", "created_by", "source"), pk=pk)
    if found.state != Import.State.DRAFT:
        return redirect(DONE, pk)
    if found.source_id is None and found.created_by_id != request.user.pk:
        messages.info(request, f"{found.created_by} has not imported {found} yet.")
        return redirect("admin:mentorship_import_changelist")
    return found


def _page(
    request: CommitteeRequest, kind: str, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    words = WORDS[Import.Kind(kind)]
    return committee_page(
        request,
        f"mentorship/imports/{template}.html",
        words.title,
        status=status,
        words=words,
        here=f"import_{kind}",
        **context,
    )
