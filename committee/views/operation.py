"""Whether the site is well: for what watches it, and for its host."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from committee.domain.operation import (
    UNKNOWN,
    Condition,
    background,
    readiness,
    vital,
)
from committee.interfaces.host_page import host_context
from committee.interfaces.metrics import metrics
from mentorship.domain.heartbeat import BOUNCES, WORKER
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import SiteRequest, signed_in_view

_FRESH = {"Cache-Control": "no-store"}


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Return 200 if database and queue answer and the disk has room, else 503.

    `worker`, `email` and `bounces` leave the status at 200: restarting the web server would not
    help.
    """
    needed = vital()
    parts = [Condition(name, UNKNOWN) for name in (WORKER, "email", BOUNCES)]
    if needed[0].is_well:
        try:
            parts = background()
        except DatabaseError:
            needed[0] = Condition("database", "unreachable")
    well = all(condition.is_well for condition in needed)
    return _as_json("ok" if well else "unwell", well, [*needed, *parts])


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Return 200 if all that the site needs to do all of its work is well, else 503."""
    conditions = readiness()
    well = all(condition.is_well for condition in conditions)
    return _as_json("ready" if well else "not ready", well, conditions)


def _as_json(status: str, well: bool, conditions: list[Condition]) -> JsonResponse:
    return JsonResponse(
        {"status": status, **{condition.name: condition.state for condition in conditions}},
        status=200 if well else 503,
        headers=_FRESH,
    )


@require_safe
def show_metrics(request: HttpRequest) -> HttpResponse:
    """Return numbers for Prometheus to who knows METRICS_TOKEN; without one there is no page."""
    if not settings.METRICS_TOKEN:
        raise Http404("METRICS_TOKEN is not set.")
    sent = request.headers.get("Authorization", "")
    if not constant_time_compare(sent, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(
            "Send METRICS_TOKEN as a bearer token.\n",
            content_type="text/plain",
            status=401,
            headers={"WWW-Authenticate": "Bearer", **_FRESH},
        )
    return HttpResponse(metrics(), content_type=CONTENT_TYPE_LATEST, headers=_FRESH)


@signed_in_view
@require_safe
def show_host_page(request: SiteRequest) -> HttpResponse:
    """Show the host how the site is; a superuser is a host."""
    if not request.user.is_superuser:
        raise PermissionDenied
    return committee_page(request, "committee/host.html", "Host", **host_context())
