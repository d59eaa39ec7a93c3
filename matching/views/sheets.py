"""The two sheets in the browser: download them, upload them edited, and check any two."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from matching.domain.sheets.check import check_sheets
from matching.domain.sheets.columns import tell_apart
from matching.domain.sheets.upload import SheetsReport, import_matches
from matching.interfaces.sheets.form import ConfirmForm, SheetsForm, WorkbookForm
from matching.interfaces.sheets.match_workbook import export_matches, file_name
from matching.interfaces.sheets.preview import changes_of, mistakes_of
from mentorship.domain.files.spreadsheets import read_sheets
from mentorship.interfaces.exports.workbook import CONTENT_TYPE
from mentorship.interfaces.imports.uploads import Parked, fingerprint, park
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import (
    CommitteeRequest,
    SiteRequest,
    committee_view,
    signed_in_view,
)
from mentorship.models import Program

CHANGED_MEANWHILE = (
    "Something changed here after you opened the preview, so nothing was saved. Review the changes "
    "again."
)


@committee_view
@require_safe
def download_sheets(request: CommitteeRequest) -> HttpResponse:
    """Return the workbook of the program's matches."""
    content, _ = export_matches(request.program)
    return HttpResponse(
        content,
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{file_name(request.program)}"'},
    )


@committee_view
@require_http_methods(["GET", "HEAD", "POST"])
def upload_sheets(request: CommitteeRequest) -> HttpResponse:
    """Ask for the edited workbook; with one, return what it would change."""
    form = WorkbookForm(request.POST, request.FILES) if request.method == "POST" else WorkbookForm()
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            return _preview(request, request.program, upload.read(), upload.name)
        except ValidationError as error:
            form.add_error("file", error)
    return committee_page(
        request,
        "matching/sheets/upload.html",
        "Edited sheets",
        status=400 if form.errors else 200,
        form=form,
        target=request.program,
    )


@committee_view
@require_POST
def confirm_sheets(request: CommitteeRequest) -> HttpResponse:
    """Save the edits of the posted preview, if they are still as shown."""
    said = ConfirmForm(request.POST).values_or_400()
    try:
        parked = Parked.from_token(said["token"])
    except BadSignature:
        messages.error(request, "This preview has expired. Upload the workbook again.")
        return redirect("bring_back_sheets")
    program = get_object_or_404(Program.objects.of(request.user), pk=parked.program)
    content = parked.read() if parked.user == request.user.pk else None
    if content is None:
        messages.warning(request, "This workbook was already saved or discarded.")
        return redirect("matching_board")
    try:
        sheets = read_sheets(content, parked.name)
        report = _apply_as_seen(request, program, sheets, parked.seen, said["read"])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("bring_back_sheets")
    parked.remove()
    if report is None:
        return _preview(request, program, content, parked.name)
    messages.success(request, _done(report))
    return redirect("matching_board")


def _apply_as_seen(
    request: CommitteeRequest, program: Program, sheets: Any, seen: str, read: bool
) -> SheetsReport | None:
    """Save the edits; return None, with nothing saved and a message, if they cannot be saved."""
    with transaction.atomic():
        report = import_matches(program, sheets, by=request.user)
        if fingerprint(report) != seen:
            messages.warning(request, CHANGED_MEANWHILE)
        elif report.problems and not read:
            messages.error(request, "Nothing was saved. Read the warnings, then check the box.")
        elif not report.conflicts:
            return report
        transaction.set_rollback(True)
    return None


def _done(report: SheetsReport) -> str:
    counts = [(len(group.lines), group.slug) for group in changes_of(report)]
    words = [f"{n} {slug}" for n, slug in counts if slug in ("moved", "added", "removed")]
    told = sum(edit.announced for edit in report.edits)
    again = " Some of these pairs were announced. Announce the new ones." if told else ""
    return f"Saved: {get_text_list(words, 'and')}.{again}"


def _preview(
    request: CommitteeRequest, program: Program, content: bytes, name: str
) -> HttpResponse:
    report = import_matches(program, read_sheets(content, name), dry_run=True)
    parked = Parked(park(content), name, program.pk, request.user.pk, fingerprint(report))
    return committee_page(
        request,
        "matching/sheets/preview.html",
        "Edited sheets",
        report=report,
        groups=changes_of(report),
        token=parked.token(),
        file_name=name,
        target=program,
    )


@signed_in_view
@require_http_methods(["GET", "HEAD", "POST"])
def check_two_sheets(request: SiteRequest) -> HttpResponse:
    """Ask for any two sheets and return the mistakes on them; nothing is saved."""
    form = SheetsForm(request.POST, request.FILES) if request.method == "POST" else SheetsForm()
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        try:
            mentors, mentees = tell_apart(form.tables())
            check = check_sheets(mentors, mentees)
        except ValidationError as error:
            form.add_error("sheets", error)
        else:
            context |= {
                "check": check,
                "groups": mistakes_of(check),
                "mentors_in": mentors.name,
                "mentees_in": mentees.name,
            }
    return committee_page(
        request,
        "matching/sheets/check.html",
        "Check two sheets",
        status=400 if form.errors else 200,
        **context,
    )
