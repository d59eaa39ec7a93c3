"""Importing a file in the browser: choose it, read what would change, then press one button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods, require_POST

from mentorship.domain.spreadsheets import read_table
from mentorship.interfaces.import_files import Parked, UploadForm, fingerprint, park
from mentorship.interfaces.imports import (
    ProgramResource,
    ResearchResource,
    ResponseResource,
    SignupResource,
)
from mentorship.models import Program


@dataclass(frozen=True)
class Kind:
    """What can be imported: the resource that does it, and the words of its pages."""

    resource: type[ProgramResource]
    title: str
    intro: str
    button: str


KINDS = {
    "signups": Kind(
        SignupResource,
        "Import sign-ups",
        "Export everybody from the ticket shop, with the answer to the mentorship question, and "
        "choose the file here. The same export can come as often as you like.",
        "Import these sign-ups",
    ),
    "responses": Kind(
        ResponseResource,
        "Import survey answers",
        "Choose the answers as another form tool exports them. They keep their own times, so an "
        "older one never replaces what somebody has answered since.",
        "Import these answers",
    ),
    "research": Kind(
        ResearchResource,
        "Bring the research sheet back",
        "Choose the sheet with what you found. It counts as research: a survey answer, also one "
        "that has come meanwhile, stands above it.",
        "Save this research",
    ),
}
PEOPLE = "admin:mentorship_participant_changelist"
CHANGED_MEANWHILE = (
    "The program has changed since you looked, so nothing was imported. Look again at what would "
    "change."
)


@require_http_methods(["GET", "POST"])
def show_import(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for the file; once there is one, show what importing it would change."""
    program = request.program  # type: ignore[attr-defined]
    if not program:
        return redirect("admin:index")
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        upload = form.cleaned_data["file"]
        content = upload.read()
        try:
            return _preview(request, kind, program, content, upload.name)
        except ValidationError as error:
            form.add_error("file", error)
    needed, used = KINDS[kind].resource.columns_read()
    return _page(
        request,
        kind,
        "import_form",
        form=form,
        needed=get_text_list(needed, "and"),
        used=get_text_list(used, "and"),
        status=400 if form.errors else 200,
    )


@require_POST
def confirm_import(request: HttpRequest, kind: str) -> HttpResponse:
    """Import the file of the preview whose token is posted, if the outcome is still as shown."""
    try:
        parked = Parked.from_token(request.POST.get("token", ""))
    except BadSignature:
        messages.error(request, "This preview is too old. Choose the file again.")
        return redirect(f"import_{kind}")
    program = get_object_or_404(Program.objects.of(request.user), pk=parked.program)
    content = parked.read() if parked.user == request.user.pk else None
    if content is None:
        messages.warning(request, "This file has been imported already, or was given up.")
        return redirect(PEOPLE)
    try:
        table = read_table(content, parked.name)
        resource = KINDS[kind].resource(program)
        result = resource.import_as_seen(table, parked.seen)
        parked.remove()
        if result is None:
            messages.warning(request, CHANGED_MEANWHILE)
            return _preview(request, kind, program, content, parked.name)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(f"import_{kind}")
    numbers = [f"{count} {what}" for count, what in resource.layout(result.report).numbers if count]
    messages.success(request, f"Imported {parked.name}: {get_text_list(numbers, 'and')}.")
    return redirect(PEOPLE)


def _preview(
    request: HttpRequest, kind: str, program: Program, content: bytes, name: str
) -> HttpResponse:
    table = read_table(content, name)
    resource = KINDS[kind].resource(program)
    report = resource.import_data(table, dry_run=True).report
    parked = Parked(park(content), name, program.pk, request.user.pk or 0, fingerprint(report))
    return _page(
        request,
        kind,
        "import_preview",
        preview=resource.layout(report),
        token=parked.token(),
        file_name=name,
        target=program,
    )


def _page(
    request: HttpRequest, kind: str, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    shared = {
        **admin.site.each_context(request),
        "title": KINDS[kind].title,
        "kind": KINDS[kind],
        "here": f"import_{kind}",
        "confirm": f"confirm_{kind}",
    }
    return TemplateResponse(request, f"mentorship/{template}.html", shared | context, status=status)
