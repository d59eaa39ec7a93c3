"""What the packages above add to the committee's lists and pages of this package's rows.

Their `interfaces.admin` calls these when it is loaded; every `ProgramAdmin` of the model shows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Action = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponseBase | None]

_actions: defaultdict[type[Model], list[Action]] = defaultdict(list)
_sections: defaultdict[type[Model], list[str]] = defaultdict(list)


def register_action(model: type[Model], action: Action) -> None:
    """Add an action (made with `admin.action`) to the list of this model's rows.

    It is offered to everyone who may see the list, below the list's own actions.
    """
    _actions[model].append(action)


def register_section(model: type[Model], template: str) -> None:
    """Add a template below the form on the page of one row of this model.

    It is shown after the sections that are there, with the page's context.
    """
    _sections[model].append(template)


def actions_for(model: type[Model]) -> list[Action]:
    """Return the actions added to this model's list, in the order in which they were added."""
    return list(_actions[model])


def sections_for(model: type[Model]) -> list[str]:
    """Return the templates added to the page of one row, in the order in which they were added."""
    return list(_sections[model])
