"""A real pretix: bought, changed, canceled and refunded in it, and read from it after each step."""

from __future__ import annotations

import json
import os
import resource
import time
from pathlib import Path

import pytest
from django.utils import timezone

from mentorship.domain.imports.drafts import confirm_draft, run_draft
from mentorship.domain.sources.connect import change, connect
from mentorship.domain.sources.pretix.client import Shop
from mentorship.domain.sources.runs import READ_EVERY, read_source
from mentorship.models import Import, ImportSource
from tests.factories import MembershipFactory, ProgramFactory
from tests.mentorship.sources.conftest import flagged, outcome, people, read
from tests.mentorship.sources.scenario import STEPS, buy, expected, exported, seen, still_there

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
ANSWERS = Path(__file__).parent.parent / "answers"


def connected(program, address, shop, **more):
    return connect(
        ImportSource(
            program=program,
            kind="pretix",
            address=address,
            organizer="sci",
            event="con",
            question=shop.keys["question"],
            affiliation_question=shop.keys["affiliation"],
            **more,
        ),
        shop.keys["reads"],
    )


def record(shop, source, name):
    """Keep what the shop answers now, for the tests that replay it: RECORD=1."""
    if "RECORD" not in os.environ:
        return
    asked = Shop.of(source)
    answers = {
        "event": asked._get(""),
        "questions": asked._get("questions/"),
        "items": asked._get("items/"),
        "orders": asked.orders("").orders,
        "keys": {key: shop.keys[key] for key in ("question", "affiliation")},
        "csv": shop.do("export")["csv"],
    }
    ANSWERS.mkdir(exist_ok=True)
    text = json.dumps(answers, indent=1, ensure_ascii=False, sort_keys=True)
    (ANSWERS / f"{name}.json").write_text(text + "\n")


def test_each_step_in_a_shop_is_seen_with_its_decisions(web, shop, between, live_server):
    program = ProgramFactory()
    chair = MembershipFactory(program=program, level="chair").user
    source = connected(program, web.url, shop)
    shop.do("hook", url=f"{live_server.url}/hooks/pretix/{source.hook_key}/")
    made = {}

    for step in STEPS:
        ImportSource.objects.update(next_at=timezone.now() + READ_EVERY)
        source.runs.update(ended_at="2020-01-01T00:00Z")
        step.do(shop, made)
        source.refresh_from_db()
        assert source.next_at <= timezone.now(), f"{step.name}: no webhook came"

        run = read(source)
        record(shop, source, step.name)
        if run.outcome == "waits":
            confirm_draft(source.imports.get(state="draft"), chair)
            source.refresh_from_db()
        assert seen(program, source, run.outcome) == expected(step), step.name
        assert outcome(source) == ("nothing_new", "")

        # The export of the same event, as a file, says the same.
        found = exported(ProgramFactory(), shop.do("export")["csv"])
        assert found == still_there(step), step.name

    _who_is_deleted_is_flagged_by_the_second_whole_read(program, source, shop, made)


def _who_is_deleted_is_flagged_by_the_second_whole_read(program, source, shop, made):
    before = flagged(program)
    shop.do("delete", code=made["di"]["code"])
    assert outcome(source) == ("nothing_new", "")
    source.state = source.state | {"whole_at": "2020-01-01T00:00Z"}
    source.save()

    assert outcome(source) == ("nothing_new", "")
    assert flagged(program) == before
    assert outcome(source) == ("imported", "")
    assert flagged(program) == sorted([*before, "di.ott@a.example"])


def test_a_shop_in_trouble_loses_nothing(web, shop, between):
    program = ProgramFactory()
    chair = MembershipFactory(program=program, level="chair").user
    source = connected(program, web.url, shop)
    buy(shop, "ada@a.example", ("pass", "Ada Quist", "ada@a.example", "I can mentor somebody"))
    read(source)
    confirm_draft(source.imports.get(), chair)

    buy(shop, "bo@a.example", ("virtual", "Bo Lind", "bo@a.example", "I would like a mentor"))
    for mood, words in (
        ((429, {"Retry-After": "7"}), "busy (429)"),
        ((500, {}), "out of order or busy (500)"),
        ((502, {}), "out of order or busy (502)"),
    ):
        between.mood = mood
        assert read(source).outcome == "failed"
        assert words in source.trouble
    between.mood = None
    shop.stop()
    assert outcome(source)[0] == "failed"
    shop.start()
    between.late = 0.3
    assert outcome(source) == ("imported", "")
    between.late = 0
    assert sorted(people(program)) == ["ada@a.example", "bo@a.example"]

    shop.do("revoke", token=shop.keys["reads"])
    run = read(source)
    assert (run.outcome, source.tries) == ("failed", 3)
    assert "does not know the token" in run.words
    change(source, shop.keys["blind"])
    assert "permission to view orders" in outcome(source)[1]
    change(source, shop.keys["writes"])
    assert outcome(source) == ("nothing_new", "")
    assert not Import.objects.filter(state="draft").exists()


def test_five_thousand_orders_are_read_within_two_minutes(shop, settings):
    program = ProgramFactory()
    bought = buy(shop, "m@a.example", ("pass", "Em", "m@a.example", "I can mentor somebody"))
    shop.do("copy", code=bought["code"], times=5000)
    settings.SOURCE_HOSTS = [f"127.0.0.1:{shop.port}"]
    source = connected(program, shop.url, shop)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    seconds, slices = read_all(source)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
    print(f"5,001 orders: {seconds:.0f} s in {slices} slices, {grown:.0f} MB more")
    assert source.runs.get().outcome == "waits", source.runs.get().words
    assert seconds < 120
    assert grown < 150

    run_draft(source.imports.get())  # which a worker does, since it is so large
    assert len(people(program)) == 5001
    buy(shop, "late@a.example", ("virtual", "La Tour", "late@a.example", "I would like a mentor"))
    seconds, slices = read_all(source)
    print(f"a change: {seconds:.0f} s in {slices} slices")
    assert source.runs.first().outcome == "imported"
    assert people(program)["late@a.example"] == ("La Tour", "mentee", "virtual")


def read_all(source):
    """Read a source slice by slice; return how many seconds it took, and how many slices."""
    began, slices, before = time.monotonic(), 0, source.runs.count()
    while source.runs.count() == before:
        ImportSource.objects.update(next_at="2020-01-01T00:00Z")
        assert read_source(source.pk)
        slices += 1
    return time.monotonic() - began, slices
