"""pretix's orders as the list that pretix itself exports: one row for each position.

So what a file of the same event says, and what the shop says, is read by the same rules.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

# What each column is, as an import takes it (mentorship.domain.columns.known).
KEYS = {
    "Order code": "order",
    "Position ID": "position",
    "Status": "status",
    "Test mode": "status",
    "Blocked": "status",
    "Email": "buyer_address",
    "Order date": "registered_at",
    "Product": "ticket",
    "Attendee name": "name",
    "Attendee email": "address",
    "Affiliation": "affiliation",
    "Add-on to position ID": "addon",
}
_STATUSES = {"n": "pending", "p": "paid", "e": "expired", "c": "canceled"}
# The product in a row, and the answer to the mentorship question behind the other columns.
_PRODUCT, _ANSWER = list(KEYS).index("Product"), len(KEYS)

Rows = list[list[str]]


def rows_of(order: Mapping[str, Any], question: int | None, affiliation: int | None) -> Rows:
    """Return an order's positions as rows; the product is its key, for it may be renamed."""
    if order.get("status") == "n" and order.get("require_approval"):
        status = "approval pending"
    else:
        status = _STATUSES.get(order["status"], str(order["status"]))
    return [
        _row(order, position, status, _answers(position), question, affiliation)
        for position in order.get("positions") or []
    ]


def _row(
    order: Mapping[str, Any],
    position: Mapping[str, Any],
    status: str,
    answers: Mapping[int, str],
    question: int | None,
    affiliation: int | None,
) -> list[str]:
    variation = f"-{position['variation']}" if position.get("variation") else ""
    return [
        str(order["code"]),
        str(position["positionid"]),
        "canceled" if position.get("canceled") else status,
        "yes" if order.get("testmode") else "no",
        "yes" if position.get("blocked") else "",
        str(order.get("email") or ""),
        str(order["datetime"]),
        f"{position['item']}{variation}",
        str(position.get("attendee_name") or ""),
        str(position.get("attendee_email") or ""),
        answers.get(affiliation or 0) or str(position.get("company") or ""),
        "yes" if position.get("addon_to") else "",
        answers.get(question or 0, ""),
    ]


def _answers(position: Mapping[str, Any]) -> dict[int, str]:
    return {
        int(answer["question"]): str(answer["answer"]) for answer in position.get("answers") or []
    }


def as_csv(orders: Iterable[Rows], products: Mapping[str, str], asked: str) -> bytes:
    """Return all rows as a CSV file; `asked` is the mentorship question's text."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*KEYS, asked])
    for rows in orders:
        for row in rows:
            product = products.get(row[_PRODUCT], row[_PRODUCT])
            writer.writerow([*row[:_PRODUCT], product, *row[_PRODUCT + 1 :]])
    return text.getvalue().encode()


def choice() -> list[str]:
    """Return what each column of `as_csv` is."""
    return [*KEYS.values(), "answer"]
