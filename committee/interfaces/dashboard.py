"""What the dashboard's template shows of a program."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from committee.domain.dashboard.needed import mentors_needed
from committee.domain.dashboard.picture import read_dashboard
from committee.domain.dashboard.steps import Action
from committee.domain.numbers import count
from committee.domain.statistics.responses import response_rate
from committee.domain.statistics.supply import read_supply
from committee.interfaces.pages import link_to
from committee.interfaces.response_plot import response_plot, response_sentence
from mentorship.interfaces.decisions.registry import open_decisions
from mentorship.interfaces.requests import is_chair_of, may_change_in
from mentorship.models import Program
from notifications.domain.schedules.summary import summary

# Among more people the search for missing mentors takes seconds, so that one asks for it.
_FOUND_AT_ONCE = 1000


def dashboard_context(
    request: HttpRequest, program: Program, with_needed: bool = False
) -> dict[str, Any]:
    """Return what the dashboard shows; `with_needed` also which mentors are missing."""
    chair, acts = is_chair_of(request), may_change_in(request)
    picture = read_dashboard(program, numbers=count(program, chair=chair))
    rate = response_rate(program, picture.numbers.people)
    return {
        "dashboard": picture,
        "steps": [
            (step, step.sentence_for(acts), _link(step.action) if acts else "")
            for step in picture.steps
        ],
        "decisions": open_decisions(program, chair=chair) if acts else [],
        "automatic": summary(program, timezone.now()),
        "import_link": link_to("import_signups"),
        "supply": read_supply(program),
        "find_at_once": picture.numbers.people <= _FOUND_AT_ONCE,
        "needed": mentors_needed(program) if with_needed else None,
        "rate": rate,
        "rate_sentence": response_sentence(program, rate),
        "drawing": response_plot(program, rate, picture.today),
    }


def _link(action: Action | None) -> str:
    return link_to(action.page) if action else ""
