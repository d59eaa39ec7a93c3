"""The committee's first page."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone

from committee.domain.dashboard import Action, read_dashboard
from committee.interfaces.pages import link_to
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import SiteRequest, current_program, signed_in_view
from notifications.domain.outbox.alarms import alarms
from notifications.domain.schedules.summary import summary


@signed_in_view
def show_dashboard(request: SiteRequest) -> HttpResponse:
    """Show how far the program is and what comes next; without a program, how to get one."""
    program = current_program(request)
    if program is None:
        return committee_page(request, "committee/no_program.html", "Dashboard")
    picture = read_dashboard(program)
    return committee_page(
        request,
        "committee/dashboard.html",
        "Dashboard",
        dashboard=picture,
        alarms=alarms(program),
        steps=[(step, _link(step.action)) for step in picture.steps],
        decisions=[(decision, _link(decision.action)) for decision in picture.decisions],
        automatic=summary(program, timezone.now()),
        import_link=link_to("import_signups"),
        is_fullwidth=True,
    )


def _link(action: Action | None) -> str:
    return link_to(action.page) if action else ""
