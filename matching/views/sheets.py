"""The two sheets in the browser: download them, upload them edited, and check any two."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from matching.domain.sheets.check import check_sheets
from matching.domain.sheets.columns import tell_apart
from matching.domain.sheets.drafts import SheetsNotSaved, look_again, save_sheets, start_sheets
from matching.domain.sheets.upload import SheetsReport
from matching.interfaces.sheets.form import SaveSheetsForm, SheetsForm, WorkbookForm
from matching.interfaces.sheets.match_workbook import export_matches, file_name
from matching.interfaces.sheets.preview import changes_of, mistakes_of
from mentorship.domain.programs.data_log import log_export
from mentorship.interfaces.exports.workbook import CONTENT_TYPE
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import (
    CommitteeRequest,
    SiteRequest,
    committee_view,
    signed_in_view,
)
from mentorship.models import Import


@committee_view
@require_safe
def download_sheets(request: CommitteeRequest) -> HttpResponse:
    """Return the workbook of the program's matches."""
    content, _ = export_matches(request.program)
    log_export(request.program, request.user, "match sheets")
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
            draft, report = start_sheets(request.program, request.user, upload.name, upload.read())
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return _preview(request, draft, report)
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
    form = SaveSheetsForm(request.POST)
    if not form.is_valid():
        messages.error(request, "This preview has expired. Upload the workbook again.")
        return redirect("bring_back_sheets")
    said = form.cleaned_data
    try:
        report = save_sheets(said["draft"], request.user, warnings_read=said["read"])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("bring_back_sheets")
    except SheetsNotSaved as error:
        if error.why:
            messages.warning(request, error.why)
        return _preview(request, error.draft, look_again(error.draft))
    if report is None:
        messages.warning(request, "This workbook was already saved or discarded.")
    else:
        messages.success(request, _done(report))
    return redirect("matching_board")


def _done(report: SheetsReport) -> str:
    counts = [(len(group.lines), group.slug) for group in changes_of(report)]
    words = [f"{n} {slug}" for n, slug in counts if slug in ("moved", "added", "removed")]
    told = sum(edit.announced for edit in report.edits)
    again = " Some of these pairs were announced. Announce the new ones." if told else ""
    return f"Saved: {get_text_list(words, 'and')}.{again}"


def _preview(request: CommitteeRequest, draft: Import, report: SheetsReport) -> HttpResponse:
    return committee_page(
        request,
        "matching/sheets/preview.html",
        "Edited sheets",
        report=report,
        groups=changes_of(report),
        draft=draft,
        file_name=draft.file_name,
        target=draft.program,
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
