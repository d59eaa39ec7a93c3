"""Research outside of the app: the sheet of those who have not answered."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from mentorship.domain.imports.research import left_to_research
from mentorship.interfaces.exports.research_sheet import research_sheet
from mentorship.interfaces.exports.workbook import CONTENT_TYPE
from mentorship.interfaces.imports.uploads import UploadForm


@require_GET
def show_research(request: HttpRequest) -> HttpResponse:
    """Show how many have not answered, the sheet to download, and where to bring it back."""
    program = request.program  # type: ignore[attr-defined]
    if not program:
        return redirect("admin:index")
    context = {
        **admin.site.each_context(request),
        "title": "Research sheet",
        "left": left_to_research(program).count(),
        "form": UploadForm(),
    }
    return TemplateResponse(request, "mentorship/imports/research.html", context)


@require_GET
def download_research_sheet(request: HttpRequest) -> HttpResponse:
    """Give the workbook of those who have not answered."""
    program = request.program  # type: ignore[attr-defined]
    if not program:
        return redirect("admin:index")
    return HttpResponse(
        research_sheet(program),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="research-{program.slug}.xlsx"'},
    )
