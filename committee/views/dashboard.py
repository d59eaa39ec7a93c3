"""The committee's first page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from committee.domain.dashboard import Action, read_dashboard
from committee.interfaces.pages import link_to
from notifications.domain.outbox.alarms import alarms
from notifications.domain.schedules.summary import summary


def show_dashboard(request: HttpRequest) -> HttpResponse:
    """Show how far the program is and what comes next; without a program, how to get one."""
    program = request.program  # type: ignore[attr-defined]
    context: dict[str, Any] = {**admin.site.each_context(request), "title": "Dashboard"}
    if not program:
        return TemplateResponse(request, "committee/no_program.html", context)
    picture = read_dashboard(program)
    context |= {
        "dashboard": picture,
        "alarms": alarms(program),
        "steps": [(step, _link(step.action)) for step in picture.steps],
        "decisions": [(decision, _link(decision.action)) for decision in picture.decisions],
        "automatic": summary(program, timezone.now()),
        "import_link": link_to("import_signups"),
        "is_fullwidth": True,
    }
    return TemplateResponse(request, "committee/dashboard.html", context)


def _link(action: Action | None) -> str:
    return link_to(action.page) if action else ""
