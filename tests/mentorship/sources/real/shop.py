"""Sets up an event in a pretix. It runs with the Python of that pretix, not with ours.

It takes one command a line from standard input, as JSON, and answers each with a line of JSON.
"""

from __future__ import annotations

import datetime
import json
import os
import sys
from decimal import Decimal

# ruff: noqa: E402 - Django has to be set up first
os.environ["DJANGO_SETTINGS_MODULE"] = "pretix.settings"

import django

django.setup()

from django.db import transaction
from django.utils.timezone import now
from django_scopes import scopes_disabled
from pretix.api.models import WebHook
from pretix.base.models import Event, Order, Organizer, Question, Team, TeamAPIToken

PRODUCTS = {
    "pass": ("Conference pass (in person)", True),
    "virtual": ("Virtual pass", True),
    "shirt": ("T-shirt", False),
}
ANSWERS = ["I can mentor somebody", "I would like a mentor", "Not this year"]
WATCHED = ("placed", "paid", "canceled", "changed.*", "modified", "refund.created", "expired")


def set_up() -> dict:
    """Make an organizer with an event, two questions and three products; return their keys."""
    organizer = Organizer.objects.create(name="Sci", slug="sci")
    event = Event.objects.create(
        organizer=organizer,
        name="SciCon",
        slug="con",
        date_from=now() + datetime.timedelta(days=300),
        currency="EUR",
        plugins="pretix.plugins.banktransfer",
        live=True,
    )
    event.settings.timezone = "UTC"
    event.settings.attendee_emails_asked = True
    items = {
        key: event.items.create(name=name, default_price=Decimal("10"), admission=admission)
        for key, (name, admission) in PRODUCTS.items()
    }
    quota = event.quotas.create(name="all", size=None)
    quota.items.add(*items.values())
    asked = event.questions.create(
        question="Mentorship program", type=Question.TYPE_CHOICE, required=False, position=1
    )
    options = {answer: asked.options.create(answer=answer) for answer in ANSWERS}
    affiliation = event.questions.create(
        question="What is your affiliation?", type=Question.TYPE_STRING, position=2, required=False
    )
    for question in (asked, affiliation):
        question.items.add(items["pass"], items["virtual"])
    return {
        "items": {key: item.pk for key, item in items.items()},
        "question": asked.pk,
        "affiliation": affiliation.pk,
        "options": {answer: option.pk for answer, option in options.items()},
        "reads": token(organizer, event, {"event.orders:read": True}),
        "blind": token(organizer, event, {"event.vouchers:read": True}),
        "writes": token(organizer, event, None),
    }


def token(organizer: Organizer, event: Event, permissions: dict | None) -> str:
    """Make a team with these permissions for this event (None: all), and return its token."""
    team = Team.objects.create(
        organizer=organizer,
        name="API",
        limit_event_permissions=permissions or {},
        all_event_permissions=permissions is None,
    )
    team.limit_events.add(event)
    return team.tokens.create(name="API").token


def hook(url: str) -> dict:
    """Have the shop call this address about orders."""
    event = Event.objects.get()
    made = WebHook.objects.create(
        organizer=event.organizer, target_url=url, enabled=True, all_events=True
    )
    for name in WATCHED:
        made.listeners.create(action_type=f"pretix.event.order.{name}")
    return {}


def revoke(token: str) -> dict:
    """Take a token back."""
    TeamAPIToken.objects.filter(token=token).update(active=False)
    return {}


def expire(code: str) -> dict:
    """Let an order expire that nobody has paid."""
    from pretix.base.services.orders import mark_order_expired

    mark_order_expired(Order.objects.get(code=code))
    return {}


def delete(code: str) -> dict:
    """Delete an order, as pretix does with orders of its test mode."""
    order = Order.objects.get(code=code)
    order.testmode = True
    order.save()
    with transaction.atomic():
        order.gracefully_delete()
    return {}


def copy(code: str, times: int) -> dict:
    """Make many orders of one, each with an address and an answer of its own."""
    model = Order.objects.get(code=code)
    position = model.positions.get()
    answers = list(position.answers.all())
    stamp = now()
    orders = Order.objects.bulk_create(
        Order(
            event=model.event, organizer=model.organizer, code=f"M{number:05}", status="p",
            email=f"m{number}@a.example",
            datetime=stamp, expires=stamp, total=model.total, locale="en",
            sales_channel=model.sales_channel, secret=f"{number:016}",
        )
        for number in range(times)
    )  # fmt: skip
    made = type(position).objects.bulk_create(
        type(position)(
            order=order, organizer=order.organizer, positionid=1, item=position.item,
            price=position.price,
            attendee_name_parts={"_scheme": "full", "full_name": f"Member {number}"},
            attendee_name_cached=f"Member {number}", attendee_email=order.email,
            secret=f"s{number:020}", tax_rate=0, tax_value=0,
            pseudonymization_id=f"P{number:09}",
        )
        for number, order in enumerate(orders)
    )  # fmt: skip
    for answer in answers:
        rows = type(answer).objects.bulk_create(
            type(answer)(orderposition=each, question=answer.question, answer=answer.answer)
            for each in made
        )
        for option in answer.options.all():
            through = type(answer).options.through
            through.objects.bulk_create(
                through(questionanswer_id=row.pk, questionoption_id=option.pk) for row in rows
            )
    # `bulk_create` leaves the same moment with all of them; so do imports into a shop.
    Order.objects.filter(code__startswith="M").update(last_modified=stamp)
    for number, order in enumerate(orders):
        moment = stamp + datetime.timedelta(milliseconds=number // 7)
        Order.objects.filter(pk=order.pk).update(last_modified=moment)
    return {"orders": len(orders)}


def export() -> dict:
    """Return the shop's own export of order positions, as CSV."""
    from pretix.base.exporters.orderlist import OrderListExporter

    event = Event.objects.get()
    exporter = OrderListExporter(event, event.organizer)
    form = {
        "_format": "positions:default",
        "group_multiple_choice": False,
        "include_payment_amounts": False,
        "paid_only": False,
    }
    _, _, content = exporter.render(form)
    return {"csv": content if isinstance(content, str) else content.decode()}


DO = {each.__name__: each for each in (set_up, hook, revoke, expire, delete, copy, export)}


def main() -> None:
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        name, arguments = json.loads(line)
        with scopes_disabled():
            print(json.dumps(DO[name](**arguments)), flush=True)


main()
