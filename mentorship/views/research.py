"""Research outside of the app: the sheet of the people who have not answered."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from mentorship.domain.imports.research import left_to_research
from mentorship.interfaces.exports.research_sheet import research_sheet
from mentorship.interfaces.exports.workbook import CONTENT_TYPE
from mentorship.interfaces.imports.uploads import UploadForm
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view


@committee_view
@require_GET
def show_research(request: CommitteeRequest) -> HttpResponse:
    """Show how many have not answered, the sheet to download, and where to upload it."""
    return committee_page(
        request,
        "mentorship/imports/research.html",
        "Research sheet",
        left=left_to_research(request.program).count(),
        form=UploadForm(),
    )


@committee_view
@require_GET
def download_research_sheet(request: CommitteeRequest) -> HttpResponse:
    """Return the workbook of the people who have not answered."""
    name = f"research-{request.program.slug}.xlsx"
    return HttpResponse(
        research_sheet(request.program),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
