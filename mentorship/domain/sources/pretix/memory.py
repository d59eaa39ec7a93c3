"""Reading a shop a slice at a time, and what is kept of its orders between two reads.

The state of such a source holds, besides what `imports.from_sources` keeps: `orders`, order code
→ rows; `since`, the last change that was seen; `whole`, while all orders are read anew, the codes
that were seen so far; `whole_at`, when they last were.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from mentorship.domain.sources.pretix.client import Shop, ShopPage
from mentorship.domain.sources.pretix.orders import rows_of
from mentorship.domain.sources.web.trouble import SourceTrouble
from mentorship.models import ImportSource

SHOP_KEYS = ("orders", "since", "whole", "whole_at", "going")
# One worker also sends the emails, so no read keeps it for long.
SECONDS_A_SLICE = 20
# Orders are written by several processes, and a change may become visible after a later one.
_OVERLAP = datetime.timedelta(minutes=5)
# Changes do not tell which orders were deleted.
_WHOLE_EVERY = datetime.timedelta(hours=24)
_ORDERS_AT_MOST = 50_000


def read_orders(
    source: ImportSource,
    shop: Shop,
    seconds: float = SECONDS_A_SLICE,
    progress: Callable[[int, int], None] | None = None,
) -> bool:
    """Read what the shop has changed into the source's state, unsaved; return whether all is read.

    Raise SourceTrouble if the shop does not answer as it should; what was read by then stays.
    """
    state = source.state = dict(source.state)
    _begin(state)
    ends, page = time.monotonic() + seconds, 1
    while True:
        found = shop.orders(state["since"], page)
        _take(source, found)
        done = len(state["whole"]) if "whole" in state else 0
        if progress and done:
            progress(done, done + max(0, found.total - len(found.orders)))
        if not found.more:
            break
        # The next page begins where this one ends. Counting pages would pass over orders: one that
        # is changed meanwhile moves to the end, and all after it move up.
        last = str(found.orders[-1]["last_modified"])
        page = page + 1 if last == state["since"] else 1
        state["since"] = last
        if page == 1 and time.monotonic() > ends:
            return False
    if found.orders:
        state["since"] = str(found.orders[-1]["last_modified"])
    _end(state)
    return True


def _begin(state: dict[str, Any]) -> None:
    if "going" in state:
        return
    state["going"] = True
    state.setdefault("orders", {})
    state.setdefault("since", "")
    whole_at = parse_datetime(state.get("whole_at", ""))
    if whole_at is None or timezone.now() - whole_at > _WHOLE_EVERY or state.get("absent"):
        # Somebody who was absent is looked for once more in all orders.
        state["whole"], state["since"] = [], ""
        state["whole_at"] = timezone.now().isoformat()
    elif since := parse_datetime(state["since"]):
        state["since"] = (since - _OVERLAP).isoformat()


def _take(source: ImportSource, found: ShopPage) -> None:
    state = source.state
    for order in found.orders:
        code = str(order["code"])
        state["orders"][code] = rows_of(order, source.question, source.affiliation_question)
        if "whole" in state:
            state["whole"].append(code)
    if len(state["orders"]) > _ORDERS_AT_MOST:
        raise SourceTrouble(
            f"The shop has more than {_ORDERS_AT_MOST:,} orders. Import its export instead.",
            lasts=True,
        )


def _end(state: dict[str, Any]) -> None:
    del state["going"]
    if "whole" not in state:
        return
    seen = set(state.pop("whole"))
    if state["orders"] and not seen:
        read_whole_next(state)
        raise SourceTrouble(
            "The shop suddenly has no orders at all. Is it still the right event?", lasts=True
        )
    state["orders"] = {code: rows for code, rows in state["orders"].items() if code in seen}


def read_whole_next(state: dict[str, Any]) -> None:
    """Have the next read ask for all orders."""
    state.pop("whole_at", None)
