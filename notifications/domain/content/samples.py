"""Invented people to try an email template on, plain ones and awkward ones."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse

from matching.domain.matches.meetings import on_clock
from mentorship.models import Program
from notifications.domain.content import placeholders
from notifications.domain.content.escaping import Joined, Lines, PersonAddress, Trusted
from notifications.domain.content.pair_placeholders import listed, propose_times
from notifications.domain.content.rendering import render
from notifications.models import PAIR_KINDS, Kind

_PAIR = {
    "plain": "Two ordinary names",
    "long": "Very long names",
    "hostile": "Names that look like links and markup",
}
NAMES = {
    "person": _PAIR | {"plain": "An ordinary name", "single": "One name only"},
    Kind.MATCH_CALL.value: _PAIR | {"both": "Both virtual"},
    Kind.MATCH_IN_PERSON.value: _PAIR,
    Kind.MATCH_MENTEE.value: _PAIR | {"both": "Both virtual"},
    Kind.MATCH_MENTOR.value: {
        "plain": "Two mentees",
        "long": "Two mentees with very long names",
        "hostile": "Names that look like links and markup",
        "three": "Three mentees, some virtual",
        "alone": "One mentee left of two",
    },
}
_PEOPLE = {
    "plain": ("Robin Example", "Kim Sample"),
    "both": ("Robin Example", "Kim Sample"),
    "single": ("Robin", "Kim"),
    "long": (
        "Maximiliana Alexandrina von Hohenstein-Sigmaringen y Fernández de la Vega Sánchez",
        "Wolfeschlegelsteinhausenbergerdorff Adolph Blaine Charles David Earl Frederick",
    ),
    "three": ("Robin Example", "Kim Sample"),
    "alone": ("Robin Example", "Kim Sample"),
    "hostile": (
        "[Robin](https://evil.example) <b>{{ program.name }}</b>",
        "https://evil.example **Kim**",
    ),
}


_HOURS = {"single": "agreed", "long": "canceled"}
# How those of them want to be addressed who have said so; the others go by their whole names.
_SHORT_NAMES = {
    "Robin Example": "Robin",
    "Kim Sample": "Kim",
    "Alex Third": "Alex",
    "Sam Instance": "Sam",
}


def values(program: Program, kind: str, sample: str) -> dict[str, Any]:
    """Return a value for each placeholder of this kind, as for the sample people of this name."""
    one, other = _PEOPLE.get(sample, _PEOPLE["plain"])
    in_person = kind in (Kind.MATCH_IN_PERSON, Kind.MATCH_MENTEE) and sample != "both"
    virtual = "none" if in_person else "both" if sample == "both" else "one"
    people = {
        who: {
            "called": _called(name),
            "name": name,
            "email": PersonAddress(f"{who}@example.org"),
            "attendance": Trusted("in person"),
        }
        for who, name in (("mentor", one), ("mentee", other))
    }
    if virtual != "none":
        people["mentee"]["attendance"] = Trusted("virtual")
    if virtual == "both":
        people["mentor"]["attendance"] = Trusted("virtual")
    role = "mentee" if kind == Kind.UNMATCHED_MENTEE else "mentor"
    person = {
        "called": _called(one),
        "name": one,
        "role": Trusted(role),
        "signed_up_openly": Trusted(),
        "earlier_role": Trusted("mentee" if role == "mentor" else "mentor"),
        "has_match": Trusted(),
        "link": placeholders.absolute("/p/sample/"),
        "reminders_link": placeholders.absolute("/p/sample/reminders/"),
        **{
            f"{name}_link": placeholders.absolute(reverse(route, args=["sample"]))
            for name, route in placeholders.PAGES.items()
        },
    }
    given: dict[str, Any] = {"program": placeholders.of_program(program)}
    if kind == Kind.MATCH_MENTOR:
        return {**given, "person": person, "mentees": _mentees(program, other, sample)}
    if kind in (*PAIR_KINDS, Kind.MATCH_MENTEE):
        met = _meeting(program)
        match = {
            "virtual": Trusted(virtual),
            "meeting": met if sample == "both" else Trusted(),
            "propose_times": propose_times(["mentor@example.org", "mentee@example.org"]),
        }
        mentee = {**person, "name": other, "called": _called(other)}
        return {**given, **people, "match": match, "person": mentee}
    return {
        **given,
        "person": person,
        "partner": {
            "called": _called(other),
            "name": other,
            "next": one if sample in ("long", "hostile") else "",
        },
        "match": {
            name: placeholders.absolute(f"/p/sample/match/1/{page}/")
            for name, page in (("contact_link", "contact"), ("help_link", "cannot-reach"))
        },
        "meeting": {"status": Trusted(_HOURS.get(sample, "proposed")), "when": _meeting(program)},
        "concern": {
            "kind": Trusted("I can’t reach my match"),
            "text": "No answer since Monday.",
            "confidential": Trusted(),
        },
        "receipt": _receipt(),
        "ask": {"link": placeholders.absolute("/p/sample/asked/"), "days": Trusted("3 days")},
        "signup": {
            "link": placeholders.absolute("/sign-up/confirm/sample/"),
            "hours": Trusted(f"{placeholders.SIGNUP_HOURS} hours"),
        },
    }


def _receipt() -> dict[str, Any]:
    told = {
        "Role": "Mentor",
        "Attending": "in person",
        "Could talk about": "Packaging, and https://example.org",
    }
    return {
        "answers": Lines([Joined([Trusted(k), v], ": ") for k, v in told.items()]),
        "taking_part": Trusted("yes"),
        "private": Trusted(),
        "has_match": Trusted(),
        "can_change": Trusted("yes"),
    }


def _called(name: str) -> str:
    return _SHORT_NAMES.get(name, name)


def _meeting(program: Program) -> Trusted:
    start = datetime.datetime.combine(program.starts_on, datetime.time(14), datetime.UTC)
    return Trusted(on_clock(program, start, "Europe/Berlin"))


def _mentees(program: Program, first: str, sample: str) -> dict[str, Any]:
    others = {"alone": [], "three": ["Alex Third", "Sam Instance"]}.get(sample, ["Alex Third"])
    names = [first, *others]
    some = sample == "three"
    return {
        "called": listed([_called(name) for name in names]),
        "names": listed(names),
        "contacts": Joined(
            [
                Joined([name, PersonAddress(f"mentee{number}@example.org")], ", ")
                for number, name in enumerate(names, 1)
            ],
            "; ",
        ),
        "number": Trusted("one" if len(names) == 1 else "several"),
        "virtual": Trusted("some" if some else "nobody"),
        "meetings": Joined(
            [Joined([first, _meeting(program)], ": ")] if some else [],
            "; ",
        ),
    }


def subject_of(program: Program, kind: str, subject: str) -> str:
    """Return this subject line for the plain sample, or as it is if it cannot be used."""
    try:
        return render(subject, "", values(program, kind, "plain")).subject
    except ValidationError:
        return subject


def shown(program: Program, kind: str, name: str) -> str:
    """Return what a placeholder says for the plain sample."""
    front, back = name.split(".")
    return str(values(program, kind, "plain")[front][back])
