"""Invented people to try a mail text on, plain ones and awkward ones."""

from __future__ import annotations

from typing import Any

from mentorship.models import Program
from notifications.domain import placeholders
from notifications.domain.occasions import MATCH_KINDS
from notifications.domain.placeholders import PersonAddress, Trusted
from notifications.models import Kind

_PAIR = {
    "plain": "Both names as usual",
    "long": "Very long names",
    "hostile": "Names that look like links and markup",
}
NAMES = {
    "person": _PAIR | {"plain": "A name as usual", "single": "One name only"},
    Kind.MATCH_CALL.value: _PAIR | {"both": "Both virtual"},
    Kind.MATCH_IN_PERSON.value: _PAIR,
}
_PEOPLE = {
    "plain": ("Robin Example", "Kim Sample"),
    "both": ("Robin Example", "Kim Sample"),
    "single": ("Robin", "Kim"),
    "long": (
        "Maximiliana Alexandrina von Hohenstein-Sigmaringen y Fernández de la Vega Sánchez",
        "Wolfeschlegelsteinhausenbergerdorff Adolph Blaine Charles David Earl Frederick",
    ),
    "hostile": (
        "[Robin](https://evil.example) <b>{{ program.name }}</b>",
        "https://evil.example **Kim**",
    ),
}


def values(program: Program, kind: str, sample: str) -> dict[str, Any]:
    """Give a value for each placeholder of this kind, as for the sample people of this name."""
    one, other = _PEOPLE.get(sample, _PEOPLE["plain"])
    virtual = "none" if kind == Kind.MATCH_IN_PERSON else "both" if sample == "both" else "one"
    people = {
        who: {
            "called": name.split(" ", 1)[0],
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
        "called": one.split(" ", 1)[0],
        "name": one,
        "role": Trusted(role),
        "earlier_role": Trusted("mentee" if role == "mentor" else "mentor"),
        "link": placeholders.absolute("/p/sample/"),
    }
    given: dict[str, Any] = {"program": placeholders.of_program(program)}
    if kind in MATCH_KINDS:
        return {**given, **people, "match": {"virtual": Trusted(virtual)}}
    return {
        **given,
        "person": person,
        "partner": {"name": other},
        "concern": {"kind": Trusted("I cannot reach my match"), "text": "No answer since Monday."},
    }


def shown(program: Program, kind: str, name: str) -> str:
    """Give what a placeholder says for the plain sample."""
    front, back = name.split(".")
    return str(values(program, kind, "plain")[front][back])
