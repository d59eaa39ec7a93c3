"""Which page a personal link opens today: the last phase, in order, that applies to the person."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from mentorship.models import Participant


class Phase(enum.IntEnum):
    """What a person needs from their page, from the first to the last; later ones go first."""

    FORM = 1
    """The questions."""
    WAITING = 2
    """What they told us, and what happens next."""
    ASKED = 3
    """A mentor decides about a match before it is announced."""
    UNMATCHED = 4
    """Matches are announced, and this person has none."""
    MATCH = 5
    """Their match."""
    OUT = 6
    """They do not take part."""
    OVER = 7
    """The conference is over."""
    FEEDBACK = 8
    """How it was."""


Applies = Callable[[Participant, datetime.date], bool]
Show = Callable[[HttpRequest, Participant], HttpResponse]


@dataclass(frozen=True)
class PhasePage:
    """A phase's page, and the rule that says whether it is a person's on a day."""

    applies: Applies
    show: Show


_pages: dict[Phase, PhasePage] = {}


def register_phase(phase: Phase, applies: Applies, show: Show) -> None:
    """Register the rule and the page of a phase.

    `applies` gets the person and today on the program's clock; `show` renders the page. Both are
    asked at every visit, so the rule should need few queries.
    """
    _pages[phase] = PhasePage(applies, show)


def today_of(person: Participant) -> datetime.date:
    """Return today on the clock of this person's program."""
    return timezone.localdate(timezone=person.program.zone)


def phase_of(person: Participant, today: datetime.date | None = None) -> Phase:
    """Return the phase in which a person is today (or on another day of the program's clock)."""
    today = today or today_of(person)
    # Phases are registered with the addresses of their pages, which are loaded when first needed.
    import_module(settings.ROOT_URLCONF)
    return next(phase for phase in sorted(_pages, reverse=True) if _applies(phase, person, today))


def _applies(phase: Phase, person: Participant, today: datetime.date) -> bool:
    return _pages[phase].applies(person, today)


def show_phase(request: HttpRequest, person: Participant) -> HttpResponse:
    """Return the page that a person needs now."""
    return _pages[phase_of(person)].show(request, person)
