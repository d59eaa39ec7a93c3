"""A shop as a real pretix answered, replayed by a web server: see `real/` and `scenario.py`."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from committee.domain.erase import erase_person
from mentorship.domain.imports.drafts import confirm_draft
from mentorship.domain.programs.anonymise import anonymise_people
from mentorship.domain.sources.connect import change, connect
from mentorship.domain.sources.pretix import memory
from mentorship.domain.sources.pretix.client import Shop
from mentorship.domain.sources.runs import READ_EVERY, read_source, reading_progress
from mentorship.domain.sources.web.sealing import unseal
from mentorship.domain.sources.web.trouble import SourceTrouble
from mentorship.models import ImportSource
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory
from tests.mentorship.sources.conftest import flagged, outcome, people, read
from tests.mentorship.sources.scenario import STEPS, expected, exported, seen, still_there

pytestmark = pytest.mark.django_db

ANSWERS = Path(__file__).parent / "answers"
TOKEN = "a token that nobody sees"
BASE = "/api/v1/organizers/sci/events/con/"


class Replay(dict):
    """Answers as the shop did; `orders` are filtered, put in order and paged as it does."""

    def __init__(self, step):
        self.load(step)
        self.asked, self.page_size = [], 50

    def load(self, step):
        self.answers = json.loads((ANSWERS / f"{step}.json").read_text())

    @property
    def keys_of_questions(self):
        return self.answers["keys"]

    def get(self, path, default=None):
        return self.answer

    def answer(self, handler):
        parts = urlsplit(handler.path)
        query = parse_qs(parts.query)
        self.asked.append((parts.path.removeprefix(BASE), query))
        if handler.headers.get("Authorization") != f"Token {TOKEN}":
            return 401, {}, b'{"detail":"Invalid token."}'
        if not parts.path.startswith(BASE):
            return 403, {}, b'{"detail":"No."}'
        name = parts.path.removeprefix(BASE).strip("/") or "event"
        found = self._orders(query) if name == "orders" else self.answers[name]
        return 200, {}, json.dumps(found).encode()

    def _orders(self, query):
        since = parse_datetime(query.get("modified_since", ["2000-01-01T00:00Z"])[0])
        rows = sorted(self.answers["orders"], key=lambda order: order["last_modified"])
        rows = [row for row in rows if parse_datetime(row["last_modified"]) >= since]
        first = (int(query["page"][0]) - 1) * self.page_size
        page = rows[first : first + self.page_size]
        more = len(rows) > first + self.page_size
        return {"count": len(rows), "next": "more" if more else None, "results": page}


@pytest.fixture
def program():
    return ProgramFactory()


@pytest.fixture
def chair(program):
    return MembershipFactory(program=program, level="chair").user


@pytest.fixture
def shop(web):
    web.pages = Replay("bought")
    return web.pages


@pytest.fixture
def source(program, web, shop):
    source = ImportSource(
        program=program, kind="pretix", address=web.url, organizer="sci", event="con",
        question=shop.keys_of_questions["question"],
        affiliation_question=shop.keys_of_questions["affiliation"],
    )  # fmt: skip
    return connect(source, TOKEN)


@pytest.fixture
def confirmed(source, chair):
    assert read(source).outcome == "waits"
    confirm_draft(source.imports.get(), chair)
    source.refresh_from_db()
    return source


def test_each_step_is_seen_with_its_decisions(program, shop, source, chair):
    for step in STEPS:
        shop.load(step.name)
        run = read(source)
        if run.outcome == "waits":
            confirm_draft(source.imports.get(state="draft"), chair)
            source.refresh_from_db()
        assert seen(program, source, run.outcome) == expected(step), step.name
        assert outcome(source) == ("nothing_new", "")

        assert exported(ProgramFactory(), shop.answers["csv"]) == still_there(step)


def test_the_first_read_shows_how_many_people_have_each_ticket(source):
    read(source)

    draft = source.imports.get()
    tickets = {
        value["text"]: (value["meaning"], value["rows"])
        for value in draft.report["values"]
        if value["kind"] == "attendance"
    }
    assert tickets == {
        "Conference pass (in person)": ("in_person", 4), "Virtual pass": ("virtual", 2)
    }  # fmt: skip
    assert draft.choice == [
        "order", "position", "status", "status", "status", "buyer_address", "registered_at",
        "ticket", "name", "address", "affiliation", "addon", "answer",
    ]  # fmt: skip


def test_only_what_is_imported_is_asked_for_and_kept(shop, source):
    read(source)

    asked = [query for path, query in shop.asked if path == "orders/"]
    assert {"include", "ordering", "page", "page_size", "include_canceled_positions"} == set(
        asked[0]
    )
    assert "secret" not in json.dumps(source.state)
    assert {len(row) for rows in source.state["orders"].values() for row in rows} == {13}


def test_it_is_shown_how_far_this_read_is_and_not_the_last_one(source, settings):
    before = timezone.now()
    read(source)
    source.claimed_at = before
    shown = reading_progress(source)
    assert (shown.done, shown.total) == (7, 7)
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert reading_progress(source) is None
    del settings.CACHES
    source.claimed_at = timezone.now()
    assert reading_progress(source) is None


def test_later_reads_ask_for_changes_and_once_a_day_for_all(shop, confirmed):
    def since():
        shop.asked.clear()
        read(confirmed)
        return [query.get("modified_since") for path, query in shop.asked if path == "orders/"]

    newest = max(order["last_modified"] for order in shop.answers["orders"])
    before = parse_datetime(newest) - memory._OVERLAP
    assert since() == [[before.isoformat()]]
    confirmed.state = confirmed.state | {"whole_at": "2020-01-01T00:00Z"}
    confirmed.save()
    assert since() == [None]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_every_order_is_read_however_small_the_pages(program, shop, source, chair, size):
    shop.page_size = size
    read(source)
    assert set(source.state["orders"]) == {order["code"] for order in shop.answers["orders"]}


def test_many_orders_of_one_moment_are_read_page_by_page(shop, source):
    for order in shop.answers["orders"]:
        order["last_modified"] = "2027-01-01T10:00:00.000001Z"
    shop.page_size = 2
    read(source)
    assert set(source.state["orders"]) == {order["code"] for order in shop.answers["orders"]}


def test_an_order_that_moves_to_the_end_while_it_is_read_hides_no_other(shop, source):
    shop.page_size = 2
    answer = shop._orders
    late = iter([f"2099-01-01T00:00:00.{number:06}Z" for number in range(1, 4)])

    def moving(query):
        found = answer(query)
        if moment := next(late, None):
            first = min(shop.answers["orders"], key=lambda order: order["last_modified"])
            first["last_modified"] = moment
        return found

    shop._orders = moving
    read(source)
    assert set(source.state["orders"]) == {order["code"] for order in shop.answers["orders"]}


def test_a_shop_is_read_a_slice_at_a_time(shop, source, monkeypatch):
    shop.page_size = 2
    monkeypatch.setattr(memory, "SECONDS_A_SLICE", 0)
    monkeypatch.setattr(memory.read_orders, "__defaults__", (0, None))

    slices = 0
    while not source.runs.exists():
        assert read_source(source.pk)
        slices += 1
    assert slices > 2
    source.refresh_from_db()
    assert set(source.state["orders"]) == {order["code"] for order in shop.answers["orders"]}
    assert source.runs.get().outcome == "waits"


def test_an_order_that_was_deleted_is_missed_by_whole_reads_and_flagged_by_the_second(
    program, shop, confirmed
):
    code = next(o["code"] for o in shop.answers["orders"] if o["email"] == "hu@a.example")
    shop.answers["orders"] = [o for o in shop.answers["orders"] if o["code"] != code]
    assert outcome(confirmed) == ("nothing_new", "")
    confirmed.state = confirmed.state | {"whole_at": "2020-01-01T00:00Z"}
    confirmed.save()
    assert outcome(confirmed) == ("nothing_new", "")
    assert flagged(program) == []
    assert outcome(confirmed) == ("imported", "")
    assert flagged(program) == ["hu@a.example"]


def test_a_shop_without_orders_all_at_once_changes_nothing(program, shop, confirmed):
    orders = shop.answers["orders"]
    shop.answers["orders"] = []
    confirmed.state = confirmed.state | {"whole_at": "2020-01-01T00:00Z"}
    confirmed.save()
    assert outcome(confirmed) == (
        "failed",
        "The shop suddenly has no orders at all. Is it still the right event?",
    )
    shop.answers["orders"] = orders
    assert outcome(confirmed) == ("nothing_new", "")
    assert flagged(program) == []


def test_a_new_shop_without_orders_is_no_trouble(shop, source):
    shop.answers["orders"] = []
    assert outcome(source) == ("nothing_new", "There are no rows yet.")


def test_a_renamed_product_and_question_are_still_known(program, shop, confirmed):
    for question in shop.answers["questions"]["results"]:
        question["question"] = {"en": f"Renamed {question['id']}"}
    assert outcome(confirmed) == ("nothing_new", "")
    assert len(people(program)) == 6


def test_a_question_that_is_gone_is_told(shop, confirmed):
    shop.answers["questions"]["results"] = []
    assert "no mentorship question any more" in outcome(confirmed)[1]


def test_the_token_is_stored_encrypted_and_no_page_or_log_has_it(
    source, chair, client, caplog, settings
):
    with caplog.at_level("DEBUG"):
        read(source)
        client.force_login(chair, backend="django.contrib.auth.backends.ModelBackend")
        pages = [
            client.get(reverse(name, args=args)).content.decode()
            for name, args in (
                ("sources", []), ("source", [source.pk]), ("change_source", [source.pk]),
                ("source_question", [source.pk]),
            )
        ]  # fmt: skip
    assert unseal(source.sealed_token) == TOKEN
    assert TOKEN not in "".join(
        [*pages, caplog.text, source.sealed_token, json.dumps(source.state)]
    )
    assert source.sealed_token not in "".join(pages)

    settings.SECRET_KEY = "another key than before, by now"
    run = read(source)
    assert (run.outcome, run.words.partition(",")[0]) == (
        "failed", "The token cannot be read any more",
    )  # fmt: skip


def test_what_no_database_stores_is_left_out(program, shop, source, chair):
    for order in shop.answers["orders"]:
        for position in order["positions"]:
            position["attendee_name"] = "Ada \0\ud800Love"
    assert read(source).outcome == "waits"
    confirm_draft(source.imports.get(), chair)
    assert set(program.participants.values_list("name", flat=True)) == {"Ada Love"}


@pytest.mark.parametrize(
    "body", ["<html>", "{}", "[]", "7", '{"results": [7], "next": null}', "[" * 200_000]
)
@pytest.mark.parametrize("ask", [Shop.name, Shop.questions, Shop.products, Shop.orders])
def test_what_is_no_answer_of_pretix_is_told_in_words(web, ask, body):
    same = 200, {}, body.encode()
    web.pages = {BASE + path: same for path in ["", "questions/", "items/", "orders/"]}
    arguments = [""] if ask is Shop.orders else []
    with pytest.raises(SourceTrouble, match="no answer of pretix"):
        ask(Shop(web.url, "sci", "con", TOKEN), *arguments)


def test_another_address_asks_for_the_token_again(source, web):
    source.address = "https://evil.example"
    with pytest.raises(ValidationError, match="Enter the token again"):
        change(source)
    assert ImportSource.objects.get().address == web.url


def test_another_event_asks_for_its_question_and_another_confirmation(program, confirmed):
    confirmed.event = "other"
    change(confirmed)

    confirmed.refresh_from_db()
    assert (confirmed.question, confirmed.is_paused, confirmed.state) == (None, True, {})
    assert confirmed.reviewed_at is None
    assert len(people(program)) == 6


def test_anonymizing_removes_the_token_and_all_that_was_read(program, confirmed):
    anonymise_people(program)
    assert not ImportSource.objects.exists()


HOOK = {"organizer": "sci", "event": "con", "code": "AAAAA", "action": "pretix.event.order.paid"}


def test_a_webhook_has_the_shop_asked(program, shop, confirmed, client):
    ImportSource.objects.update(next_at=timezone.now() + READ_EVERY)
    confirmed.runs.update(ended_at="2020-01-01T00:00Z")
    hook = reverse("pretix_hook", args=[confirmed.hook_key])

    assert client.get(hook).status_code == 405
    assert client.post(reverse("pretix_hook", args=["x" * 32]), HOOK).status_code == 404
    answer = client.post(hook, json.dumps(HOOK), content_type="application/json")
    assert (answer.status_code, answer.content) == (204, b"")
    assert ImportSource.objects.due(timezone.now()).get() == confirmed
    assert people(program) == STEPS[0].people  # nothing that it says is believed


def test_many_webhooks_have_it_asked_once_in_a_while(confirmed, client):
    hook = reverse("pretix_hook", args=[confirmed.hook_key])
    ended = confirmed.runs.first().ended_at
    for _ in range(3):
        assert client.post(hook, "{}", content_type="application/json").status_code == 204
    assert (ImportSource.objects.get().next_at - ended).total_seconds() == 30

    ImportSource.objects.update(tries=1, trouble="It is out of order.")
    ImportSource.objects.update(next_at=timezone.now() + READ_EVERY)
    client.post(hook, "{}", content_type="application/json")
    assert not ImportSource.objects.filter(next_at__lt=timezone.now() + READ_EVERY / 2).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_reads_and_a_webhook_meanwhile_is_not_lost(shop, confirmed):
    inside, go_on = threading.Event(), threading.Event()
    answer = shop.answer

    def slow(handler):
        inside.set()
        assert go_on.wait(20)
        return answer(handler)

    shop.answer = slow
    ImportSource.objects.update(next_at="2020-01-01T00:00Z")
    done = []

    def work():
        done.append(read_source(confirmed.pk))
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert inside.wait(20)
    assert read_source(confirmed.pk) is False
    ImportSource.objects.update(next_at=timezone.now())
    go_on.set()
    worker.join(30)

    assert done == [True]
    assert ImportSource.objects.due(timezone.now()).get() == confirmed


@pytest.mark.django_db(transaction=True)
def test_a_source_that_is_changed_while_it_is_read_imports_nothing_of_it(program, shop, confirmed):
    answer = shop.answer
    shop.load("changed")

    def changing(handler):
        ImportSource.objects.update(claimed_at=None, automatic=False)
        connection.close()  # the web server's thread has one of its own
        return answer(handler)

    shop.answer = changing
    ImportSource.objects.update(next_at="2020-01-01T00:00Z")
    before = confirmed.runs.count()
    assert read_source(confirmed.pk)
    assert people(program) == STEPS[0].people
    assert confirmed.runs.count() == before


def test_a_person_of_the_committees_own_stays_whatever_the_shop_says(program, confirmed):
    ParticipantFactory(program=program, email="own@a.example")
    assert outcome(confirmed) == ("nothing_new", "")
    assert flagged(program) == []


def test_whose_data_is_deleted_is_not_brought_back_by_the_next_read(program, shop, confirmed):
    person = program.participants.get(email="hu@a.example")
    erase_person(person)

    confirmed.refresh_from_db()
    assert "Hu Ward" not in json.dumps(confirmed.state)
    assert confirmed.paused_why.startswith("Somebody’s data was deleted.")
    assert read_source(confirmed.pk) is False
    assert "hu@a.example" not in people(program)
