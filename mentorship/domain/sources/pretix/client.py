"""pretix's API: the orders of one event, its questions and its products.

Only what an import uses is asked for and kept. The token needs the permission to view orders.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urlencode

from mentorship.domain.sources.web.fetch import Fetched, fetch
from mentorship.domain.sources.web.sealing import unseal
from mentorship.domain.sources.web.trouble import SourceTrouble
from mentorship.models import ImportSource

P = ParamSpec("P")
T = TypeVar("T")

# JSON can say them, and PostgreSQL refuses to keep them.
_IN_NO_DATABASE = re.compile("[\0\ud800-\udfff]")
# As many as pretix gives at once.
PAGE = 50
_OF_AN_ORDER = (
    "code", "status", "testmode", "email", "datetime", "last_modified", "require_approval",
    "positions.positionid", "positions.item", "positions.variation",
    "positions.attendee_name", "positions.attendee_email", "positions.company",
    "positions.addon_to", "positions.canceled", "positions.blocked", "positions.answers",
)  # fmt: skip


@dataclass(frozen=True)
class ShopQuestion:
    """A question that the shop asks, and the answers it offers."""

    key: int
    text: str
    options: list[str]


@dataclass(frozen=True)
class ShopPage:
    """Some orders as the shop gives them, how many there are from here on, and whether more."""

    orders: list[dict[str, Any]]
    total: int
    more: bool


def _understood(ask: Callable[P, T]) -> Callable[P, T]:
    """Raise SourceTrouble if the answer to `ask` is none of pretix."""

    @wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return ask(*args, **kwargs)
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise SourceTrouble(
                "The shop’s address answers with something that is no answer of pretix. Check the "
                "address of the shop."
            ) from error

    return asked


class Shop:
    """One event of a pretix, asked with a token."""

    def __init__(self, address: str, organizer: str, event: str, token: str) -> None:
        self.base = (
            f"{address.rstrip('/')}/api/v1/organizers/{quote(organizer, safe='')}"
            f"/events/{quote(event, safe='')}/"
        )
        self.event, self._token = event, token

    @classmethod
    def of(cls, source: ImportSource) -> Shop:
        """Return the shop of a source. Raise SourceTrouble if its token cannot be read."""
        return cls(source.address, source.organizer, source.event, unseal(source.sealed_token))

    @_understood
    def name(self) -> str:
        """Return what the event is called."""
        return localized(self._get("")["name"])

    @_understood
    def questions(self) -> list[ShopQuestion]:
        """Return what the shop asks, in its order."""
        return [
            ShopQuestion(
                int(each["id"]),
                localized(each["question"]),
                [localized(option["answer"]) for option in each.get("options") or []],
            )
            for each in self._all("questions/")
        ]

    @_understood
    def products(self) -> dict[str, str]:
        """Return what each product, and each variation of one, is called: "7", "7-3" → name."""
        called = {}
        for item in self._all("items/"):
            name = localized(item["name"])
            called[str(item["id"])] = name
            for variation in item.get("variations") or []:
                key = f"{item['id']}-{variation['id']}"
                called[key] = f"{name} – {localized(variation['value'])}"
        return called

    @_understood
    def orders(self, since: str, page: int = 1) -> ShopPage:
        """Return the first orders that were changed at `since` or later, the longest ago first."""
        query: list[tuple[str, str]] = [
            ("ordering", "last_modified"),
            ("page_size", str(PAGE)),
            ("page", str(page)),
            ("include_canceled_positions", "true"),
            *(("include", name) for name in _OF_AN_ORDER),
        ]
        if since:
            query.append(("modified_since", since))
        found = self._get(f"orders/?{urlencode(query)}")
        return ShopPage(found["results"], int(found["count"]), bool(found["next"]))

    def _all(self, path: str) -> Iterator[dict[str, Any]]:
        page = 1
        while True:
            found = self._get(f"{path}?page={page}&page_size={PAGE}")
            yield from found["results"]
            if not found["next"] or not found["results"]:
                return
            page += 1

    def _get(self, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Token {self._token}", "Accept": "application/json"}
        fetched = fetch(self.base + path, headers=headers)
        self._check(fetched)
        found: dict[str, Any] = json.loads(fetched.body, object_hook=_storable)
        return found

    def _check(self, fetched: Fetched) -> None:
        status, host = fetched.status, fetched.host
        if status == 200:
            return
        if status == 401:
            raise SourceTrouble(
                f"{host} does not know the token (any more). Make a new one in pretix, and enter "
                "it here.",
                lasts=True,
            )
        if status == 403:
            raise SourceTrouble(
                f"The token may not read the orders of “{self.event}”, or there is no such event. "
                "Check organizer and event. In pretix, give the token’s team access to this event "
                "and the permission to view orders.",
                lasts=True,
            )
        if status == 404:
            raise SourceTrouble(
                f"{host} has no such organizer or event “{self.event}”. Copy both from the address "
                "of the event in pretix.",
                lasts=True,
            )
        if status == 429 or status >= 500:
            raise SourceTrouble(
                f"{host} is out of order or busy ({status}).", retry_after=fetched.retry_after
            )
        raise SourceTrouble(f"{host} answers with {status}. Check the address of the shop.")


def _storable(found: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _IN_NO_DATABASE.sub("", each) if isinstance(each, str) else each
        for key, each in found.items()
    }


def localized(text: Any) -> str:
    """Return a text of pretix, which has one for each language: the English one, or the first."""
    if isinstance(text, dict):
        text = text.get("en") or next(filter(None, text.values()), "")
    return str(text or "")
