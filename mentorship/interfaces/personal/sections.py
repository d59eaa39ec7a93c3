"""What the packages above add to a personal page of this package."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from mentorship.models import Participant

# The values of the section's template; None where it has nothing to say to this person.
Values = Callable[[Participant], dict[str, Any] | None]

_sections: defaultdict[str, list[tuple[str, Values]]] = defaultdict(list)


def register_section(page: str, template: str, values: Values) -> None:
    """Add a template to a personal page, below what the page says itself.

    `page` is the name under which `access.page` renders it, such as "thanks" or "goodbye".
    """
    _sections[page].append((template, values))


def sections_for(page: str, request: HttpRequest, person: Participant) -> list[SafeString]:
    """Return the HTML of what was added to this page, in the order in which it was added."""
    found = []
    for template, values in _sections[page]:
        context = values(person)
        if context is not None:
            context |= {"person": person, "program": person.program}
            found.append(render_to_string(template, context, request))
    return found
