"""The report on a program, to read, to print and to take away."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from committee.domain.report import ProgramReport, earlier_programs, read_report
from committee.interfaces.report import report_csv, report_parts
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, readers_view
from mentorship.models import Program


@readers_view
@require_safe
def show_report(request: CommitteeRequest) -> HttpResponse:
    """Show the report, beside those of the programs that this one was copied from."""
    program = request.program
    report = _report(request)
    return committee_page(
        request,
        "committee/report/page.html",
        "Report",
        report=report,
        parts=report_parts(report, program.local(timezone.now()).date()),
        is_fullwidth=True,
    )


@readers_view
@require_safe
def download_report(request: CommitteeRequest) -> HttpResponse:
    """Return every number of the report as CSV."""
    name = f"report-{request.program.slug}.csv"
    return HttpResponse(
        "\ufeff" + report_csv(_report(request)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _report(request: CommitteeRequest) -> ProgramReport:
    # Only programs that the user may look at are compared.
    own = list(Program.objects.of(request.user))
    return read_report(request.program, earlier_programs(request.program, own))
