"""What happens in a shop, step by step, and who takes part after each: for real, and replayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.mentorship.sources.real.pretix_server import Pretix

MENTOR, MENTEE, NO = "I can mentor somebody", "I would like a mentor", "Not this year"
People = dict[str, tuple[str, str, str]]


@dataclass
class Step:
    """One step: what is done in the shop, and what the program has after it was read.

    `flagged` are no longer registered, `unclear` those whose role is to be decided.
    """

    name: str
    do: Callable[[Pretix, dict[str, Any]], None]
    people: People
    flagged: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    outcome: str = "imported"


def buy(shop: Pretix, email: str, *people: tuple, status: str = "p", **more: Any) -> dict[str, Any]:
    """Buy tickets: (product, name, address, answer, affiliation) for each person."""
    keys = shop.keys
    positions = []
    for number, (product, name, address, answer, *rest) in enumerate(people, 1):
        answers = []
        if answer:
            option = keys["options"][answer]
            answers.append({"question": keys["question"], "answer": answer, "options": [option]})
        if rest:
            answers.append({"question": keys["affiliation"], "answer": rest[0], "options": []})
        positions.append(
            {
                "positionid": number,
                "item": keys["items"][product],
                "variation": None,
                "attendee_name_parts": {"full_name": name} if name else {},
                "attendee_email": address or None,
                "answers": answers,
            }
        )
    return shop.api(
        "POST",
        "orders/",
        {
            "email": email,
            "locale": "en",
            "sales_channel": "web",
            "status": status,
            "payment_provider": "manual",
            "positions": positions,
            **more,
        },
    )


def _bought(shop: Pretix, made: dict[str, Any]) -> None:
    made["ada"] = buy(
        shop, "ada@a.example", ("pass", "Ada Quist", "ada@a.example", MENTOR, "The Lab")
    )
    made["bo"] = buy(
        shop,
        "bo@a.example",
        ("virtual", "Bo Lind", "bo@a.example", MENTEE),
        ("pass", "Cy Moss", "cy@a.example", MENTOR),
        ("pass", "Ed Nomail", "", MENTEE),
    )
    made["di"] = buy(shop, "di@a.example", ("pass", "Di Ott", "", MENTEE), ("shirt", "", "", ""))
    buy(shop, "fa@a.example", ("pass", "Fa Nope", "fa@a.example", NO))
    made["gil"] = buy(
        shop, "gil@a.example", ("virtual", "Gil Wait", "gil@a.example", MENTEE), status="n"
    )
    buy(shop, "test@a.example", ("pass", "Tes Ter", "test@a.example", MENTOR), testmode=True)
    buy(shop, "hu@a.example", ("pass", "Hu Ward", "hu@a.example", MENTOR))


def _changed(shop: Pretix, made: dict[str, Any]) -> None:
    keys, position = shop.keys, made["ada"]["positions"][0]["id"]
    option = keys["options"][MENTEE]
    shop.api(
        "PATCH",
        f"orderpositions/{position}/",
        {"answers": [{"question": keys["question"], "answer": MENTEE, "options": [option]}]},
    )
    shop.api("PATCH", f"orders/{made['di']['code']}/", {"email": "di.ott@a.example"})
    bought = made["bo"]["positions"][0]["id"]
    body = {"patch_positions": [{"position": bought, "body": {"item": keys["items"]["pass"]}}]}
    shop.api("POST", f"orders/{made['bo']['code']}/change/", body)


def _canceled(shop: Pretix, made: dict[str, Any]) -> None:
    body = {"cancel_positions": [{"position": made["bo"]["positions"][1]["id"]}]}
    shop.api("POST", f"orders/{made['bo']['code']}/change/", body)
    shop.do("expire", code=made["gil"]["code"])


def _refunded(shop: Pretix, made: dict[str, Any]) -> None:
    shop.api(
        "POST",
        f"orders/{made['ada']['code']}/refunds/",
        {
            "state": "done",
            "source": "admin",
            "amount": "10.00",
            "payment": 1,
            "provider": "manual",
            "mark_canceled": True,
        },
    )


def _bought_again(shop: Pretix, made: dict[str, Any]) -> None:
    buy(shop, "ada@a.example", ("virtual", "Ada Quist", "ada@a.example", MENTOR))


_FIRST: People = {
    "ada@a.example": ("Ada Quist", "mentor", "in_person"),
    "bo@a.example": ("Bo Lind", "mentee", "virtual"),
    "cy@a.example": ("Cy Moss", "mentor", "in_person"),
    "di@a.example": ("Di Ott", "mentee", "in_person"),
    "gil@a.example": ("Gil Wait", "mentee", "virtual"),
    "hu@a.example": ("Hu Ward", "mentor", "in_person"),
}
_SECOND: People = {
    **{address: row for address, row in _FIRST.items() if address != "di@a.example"},
    "ada@a.example": ("Ada Quist", "mentee", "in_person"),
    "bo@a.example": ("Bo Lind", "mentee", "in_person"),
    "di.ott@a.example": ("Di Ott", "mentee", "in_person"),
}
_LAST = _SECOND | {"ada@a.example": ("Ada Quist", "mentor", "virtual")}
_REFUSED = [("Ed Nomail", "needs an email address")]
STEPS = [
    Step("bought", _bought, _FIRST, refused=_REFUSED, outcome="waits"),
    Step("changed", _changed, _SECOND, unclear=["ada@a.example"], refused=_REFUSED),
    Step(
        "canceled",
        _canceled,
        _SECOND,
        flagged=["cy@a.example", "gil@a.example"],
        unclear=["ada@a.example"],
        refused=_REFUSED,
    ),
    Step(
        "refunded",
        _refunded,
        _SECOND,
        flagged=["ada@a.example", "cy@a.example", "gil@a.example"],
        unclear=["ada@a.example"],
        refused=_REFUSED,
    ),
    Step(
        "bought_again",
        _bought_again,
        _LAST,
        flagged=["cy@a.example", "gil@a.example"],
        unclear=["ada@a.example"],
        refused=_REFUSED,
    ),
]


def seen(program: Any, source: Any, outcome: str) -> Step:
    """Return what a program has now, as a step says it."""
    from mentorship.domain.sources.open_words import refused_rows
    from mentorship.models import Participant
    from tests.mentorship.sources.conftest import flagged, people

    unclear = Participant.objects.filter(program=program).with_role_in_doubt()
    return Step(
        "",
        buy,
        people(program),
        flagged(program),
        sorted(unclear.values_list("email", flat=True)),
        [(value, why.partition(":")[0]) for _, value, why in refused_rows(source)],
        outcome,
    )


def exported(program: Any, text: str) -> People:
    """Import what the shop itself exports into a program, and return who takes part then."""
    from mentorship.domain.files.spreadsheets import read_table
    from mentorship.domain.imports.kinds import run_import
    from tests.mentorship.sources.conftest import people

    run_import(program, "signups", read_table(text.encode(), "positions.csv"))
    # The export does not say which orders are tests; the API does.
    return {address: row for address, row in people(program).items() if "test" not in address}


def still_there(step: Step) -> People:
    """Return who takes part after a step and is still registered."""
    return {address: row for address, row in step.people.items() if address not in step.flagged}


def expected(step: Step) -> Step:
    """Return a step as `seen` returns it."""
    return Step("", buy, step.people, step.flagged, step.unclear, step.refused, step.outcome)
