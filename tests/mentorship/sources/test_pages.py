"""The pages of the sources: a chair connects and changes, every member sees and reads now."""

import pytest
from django.urls import reverse

from committee.domain.dashboard.picture import read_dashboard
from mentorship.domain.sources.connect import pause
from mentorship.interfaces.decisions.registry import open_decisions
from mentorship.models import Import, ImportSource, ValueMeaning
from tests.factories import MembershipFactory, ProgramFactory
from tests.mentorship.sources.conftest import people, read
from tests.mentorship.sources.test_pretix import TOKEN, Replay
from tests.mentorship.sources.test_sheets import row, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return ProgramFactory()


@pytest.fixture
def sign_in(client, program):
    def sign_in(level="chair"):
        user = MembershipFactory(program=program, level=level).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return user

    return sign_in


def errors(answer):
    return [str(e) for found in answer.context["form"].errors.values() for e in found]


def test_a_chair_connects_pretix_and_chooses_its_question(client, program, sign_in, web):
    sign_in()
    web.pages = shop = Replay("bought")
    connect = reverse("connect_source", args=["pretix"])
    assert client.get(connect).status_code == 200

    pasted = {"address": f"{web.url}/control/event/sci/con/orders/", "automatic": "on"}
    assert errors(client.post(connect, pasted)) == ["Enter the token."]
    wrong = client.post(connect, pasted | {"token": "wrong"})
    assert "does not know the token" in errors(wrong)[0]
    assert b"wrong" not in wrong.content
    asked = client.post(connect, pasted | {"token": TOKEN})
    source = ImportSource.objects.get()
    assert asked.url == reverse("source_question", args=[source.pk])
    assert (source.address, source.organizer, source.event, source.is_paused) == (
        web.url, "sci", "con", True,
    )  # fmt: skip

    form = client.get(asked.url).context["form"]
    keys = shop.keys_of_questions
    assert form.initial == {
        "question": keys["question"], "affiliation_question": keys["affiliation"],
    }  # fmt: skip
    client.post(asked.url, form.initial)
    read(source)
    draft = source.imports.get()
    page = client.get(reverse("source", args=[source.pk])).content.decode()
    assert reverse("import_draft", args=[draft.pk]) in page
    assert reverse("pretix_hook", args=[source.hook_key]) in page
    assert client.get(reverse("import_draft", args=[draft.pk])).status_code == 200
    client.post(reverse("confirm_import", args=[draft.pk]))
    assert len(people(program)) == 6


def test_a_member_sees_and_reads_but_changes_nothing(client, program, sign_in, web, follow):
    source = follow(program, web.serve("/secret-link.csv", rows([1, 2])))
    sign_in("member")

    for page in (reverse("sources"), reverse("source", args=[source.pk])):
        answer = client.get(page)
        assert answer.status_code == 200
        assert b"secret-link" not in answer.content
    act = reverse("act_on_source", args=[source.pk])
    for do in ("pause", "resume", "renew", "remove"):
        assert client.post(act, {"do": do}).status_code == 403
    for name, args in (
        ("connect_source", ["sheet"]), ("connect_source", ["pretix"]),
        ("change_source", [source.pk]), ("source_question", [source.pk]),
    ):  # fmt: skip
        assert client.get(reverse(name, args=args)).status_code == 403
        assert client.post(reverse(name, args=args), {}).status_code == 403
    assert client.post(act, {"do": "read"}).status_code == 302
    assert client.post(act, {"do": "anything"}).status_code == 400
    read(source)
    client.post(reverse("confirm_import", args=[source.imports.get().pk]))
    assert len(people(program)) == 2


def test_a_chair_follows_pauses_resumes_changes_and_removes(client, program, sign_in, web):
    sign_in()
    connect = reverse("connect_source", args=["sheet"])
    refused = client.post(connect, {"address": "http://a.example/a.csv", "brings": "signups"})
    assert errors(refused) == ["The address has to start with https://."]
    address = web.serve("/a.csv", rows([1]))
    client.post(connect, {"address": address, "brings": "signups", "automatic": "on"})
    source = ImportSource.objects.get()
    again = client.post(connect, {"address": address, "brings": "signups"})
    assert "has a source of sign-ups already" in errors(again)[0]

    act, hook = reverse("act_on_source", args=[source.pk]), source.hook_key
    states = []
    for do in ("pause", "read", "resume", "renew"):
        client.post(act, {"do": do})
        source.refresh_from_db()
        states.append(source.is_paused)
    assert states == [True, True, False, False]
    assert source.hook_key != hook
    change = {"address": address, "brings": "signups"}
    client.post(reverse("change_source", args=[source.pk]), change)
    source.refresh_from_db()
    assert source.automatic is False
    client.post(act, {"do": "remove"})
    assert not ImportSource.objects.exists()


def decided(program):
    return {
        each.kind.name: [(case.who, case.detail) for case in each.waiting.cases]
        for each in open_decisions(program)
    }


def test_what_waits_is_on_the_dashboard_and_is_settled_there(client, program, sign_in, web, follow):
    sign_in()
    source = follow(program, web.serve("/a.csv", rows(range(1, 9))))
    name = "sheet at 127.0.0.1"
    assert decided(program) == {}
    read(source)
    waits = "What it brings is not imported until you confirm it."
    assert decided(program) == {"source": [(name, waits)]}
    client.post(reverse("confirm_import", args=[source.imports.get().pk]))
    assert decided(program) == {}

    web.serve("/a.csv", rows(range(1, 9)) + row(9, "qwertz") + "No Mail,,Virtual,mentee\n")
    read(source)
    assert decided(program) == {
        "word": [("“qwertz”", "1 row says “qwertz”. Mentor, mentee, or not taking part?")],
        "refused": [(name, "qwertz: answer not understood, and 1 more")],
    }
    page = client.get(reverse("admin:index")).content.decode()
    assert "1 word of a source is unclear" in page
    assert "2 rows of a source were not imported" in page or "2 rows of sources" in page
    key = open_decisions(program)[0].waiting.cases[0].key
    client.post(reverse("settle_decision", args=["word", key]), {"choice": "mentee"})
    assert ValueMeaning.objects.get().meaning == "mentee"
    client.post(reverse("settle_decision", args=["refused", source.pk]), {"choice": "seen"})
    assert decided(program) == {}
    read(source)
    assert people(program)["p9@a.example"][1] == "mentee"

    web.serve("/a.csv", "", 404)
    read(source)
    assert [case[0] for case in decided(program)["source"]] == [name]
    pause(source)
    assert decided(program)["source"] == [(name, "Somebody paused it. It is not read meanwhile.")]
    assert read_dashboard(program).numbers.people == 9


def test_a_draft_that_was_read_again_meanwhile_leads_to_the_sources(
    client, program, sign_in, web, follow
):
    sign_in()
    source = follow(program, web.serve("/a.csv", rows([1])))
    read(source)
    draft = source.imports.get().pk
    web.serve("/a.csv", rows([1, 2]))
    read(source)
    assert Import.objects.get().pk != draft

    assert client.post(reverse("confirm_import", args=[draft])).status_code == 404
    reading = client.get(reverse("source_reading", args=[source.pk]))
    assert reading.headers["HX-Redirect"] == reverse("source", args=[source.pk])
