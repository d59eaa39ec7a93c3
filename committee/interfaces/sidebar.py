"""What Unfold's frame shows around each committee page: which program, and where to go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from committee.domain.numbers import badges
from committee.interfaces.pages import link_to
from mentorship.interfaces.requests import current_program, is_chair_of, only_reads
from mentorship.models import Program

# What a reader finds in the sidebar.
_FOR_READERS = ("dashboard", "people", "answers", "matches", "proposals", "feedback", "report",
                "programs", "questions", "fields", "sectors", "check_sheets")  # fmt: skip
# More would not fit under one another on a screen, nor on each page.
PROGRAMS_AT_MOST = 12


def header(request: HttpRequest) -> str:
    """Return the name of the program that the user looks at."""
    program = getattr(request, "program", None)
    return program.name if program else "Mentorship"


def programs(request: HttpRequest) -> list[dict[str, Any]] | None:
    """Return the user's newest programs to switch between; None if there is only one.

    All of them are on the page that lists programs, which the last entry leads to.
    """
    if not request.user.is_authenticated:
        return None
    newest = Program.objects.of(request.user).order_by("-starts_on", "pk")
    found = list(newest.only("name", "slug")[: PROGRAMS_AT_MOST + 1])
    if len(found) < 2:
        return None
    here = current_program(request)
    shown = found[:PROGRAMS_AT_MOST]
    if here and here not in shown:
        shown = [here, *shown[:-1]]
    items = [
        {
            "title": program.name,
            "link": reverse("switch_program", args=[program.slug]),
            "icon": "check" if program == here else "event",
        }
        for program in shown
    ]
    if len(found) > PROGRAMS_AT_MOST:
        items.append({"title": "All programs", "link": link_to("programs"), "icon": "more_horiz"})
    return items


def environment(request: HttpRequest) -> list[str] | None:
    """Return the label that tells this installation from another; None if it has none."""
    return [settings.ENVIRONMENT_LABEL, "info"] if settings.ENVIRONMENT_LABEL else None


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar's groups, with what waits behind each entry."""
    program = current_program(request)
    if not program:
        return [_group("Set up", [_item("Program", "programs", "calendar_month")])]
    chair = is_chair_of(request)
    numbers = badges(program, chair=chair)
    trouble = numbers.emails_in_trouble
    run = [
        _item("Dashboard", "dashboard", "checklist", active=request.path == link_to("dashboard")),
        _item("People", "people", "group", numbers.people, active=_is_below(request, "people")),
        _item(
            "Research",
            "research",
            "person_search",
            numbers.left_to_research,
            active=_is_below(request, "research"),
        ),
        _item("Responses", "answers", "assignment", numbers.doubtful_answers, "warning"),
        _item("Matching board", "board", "view_kanban"),
        _item("Matches", "matches", "join_inner"),
        _item("Matching criteria", "what_counts", "tune"),
        _item("Proposals", "proposals", "auto_awesome"),
        _item("Outbox", "mail", "mail", f"{trouble} in trouble" if trouble else 0, "danger"),
        _item("Email schedule", "mail_calendar", "calendar_clock"),
        _item("Help requests", "problems", "support", numbers.open_concerns, "warning"),
        _item("Feedback", "feedback", "rate_review"),
        _item("Report", "report", "bar_chart"),
    ]
    set_up = [
        _item("Program", "programs", "calendar_month"),
        _item("Questions", "questions", "quiz"),
        _item("Fields", "fields", "category"),
        _item("Sectors", "sectors", "work"),
        _item("Do not match", "keep_apart", "social_distance"),
        _item("Email templates", "mail_texts", "edit_note"),
        *([_item("Committee", "committee", "groups")] if chair else []),
        *([_item("Data log", "data_log", "history")] if chair else []),
        _item("Imports", "imports", "upload_file"),
        _item("Sources", "sources", "sync", active=_is_below(request, "sources")),
        _item("Check two sheets", "check_sheets", "rule"),
    ]
    if request.user.is_superuser:
        accounts = {"title": "Accounts", "icon": "manage_accounts"}
        set_up.append(accounts | {"link": reverse("admin:auth_user_changelist")})
        set_up.append(_item("Host", "host", "dns"))
    if only_reads(request):
        shown = {link_to(page) for page in _FOR_READERS}
        run, set_up = ([one for one in items if one["link"] in shown] for items in (run, set_up))
    return [_group("Run the program", run), _group("Set up", set_up)]


def _group(title: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"title": title, "items": [item for item in items if item["link"]]}


def _item(
    title: str,
    page: str,
    icon: str,
    badge: int | str = 0,
    tone: str = "primary",
    active: bool | None = None,
) -> dict[str, Any]:
    # What is blank stands here, too: what is not there takes a template longest.
    item: dict[str, Any] = {"title": title, "icon": icon, "link": link_to(page)}
    item |= {"badge": str(badge) if badge else None, "badge_variant": tone, "link_callback": None}
    if active is not None:
        item["active"] = active
    return item


def _is_below(request: HttpRequest, page: str) -> bool:
    """Return whether the user is on this page or on one below it."""
    return request.path.startswith(link_to(page))
