"""Events and next steps of a person, added by each package for what it knows of.

Each package registers its own in its `interfaces.timeline`, which is loaded at the start.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mentorship.models import Participant


@dataclass(frozen=True)
class Event:
    """Something that happened: when, an icon's name, what, more about it, and a page to read."""

    when: datetime.datetime
    icon: str
    words: str
    detail: str = ""
    path: str = ""


@dataclass(frozen=True)
class NextStep:
    """What to do about a person: a sentence, and the page to do it on with its link's words."""

    sentence: str
    words: str = ""
    path: str = ""


Events = Callable[[Participant], Iterable[Event]]
Step = Callable[[Participant], NextStep | None]

_events: list[Events] = []
_steps: list[tuple[int, Step]] = []


def register_events(events: Events) -> None:
    """Add what a package knows to have happened with a person; asked once a page."""
    _events.append(events)


def register_step(order: int, step: Step) -> None:
    """Add a rule that says what to do about a person, or None. Lower orders are asked first."""
    _steps.append((order, step))


def timeline_of(person: Participant) -> list[Event]:
    """Return everything that happened with a person, oldest first."""
    found = [event for events in _events for event in events(person)]
    return sorted(found, key=lambda event: event.when)


def next_step(person: Participant) -> NextStep | None:
    """Return the most pressing thing to do about a person; None if nothing is."""
    for _, step in sorted(_steps, key=lambda each: each[0]):
        if found := step(person):
            return found
    return None
