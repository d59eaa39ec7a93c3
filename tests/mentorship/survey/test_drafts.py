"""What is typed and not sent yet: kept, limited, told to a second tab, and thrown away."""

import datetime
import html
import re
import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from committee.domain.anonymise import anonymise_program
from mentorship.domain.people.decisions import renew_link
from mentorship.domain.survey.drafts import (
    AT_MOST,
    PER_MINUTE,
    TooOften,
    TypedElsewhere,
    draft_of,
    save_draft,
)
from mentorship.interfaces.own_data import own_data
from mentorship.models import Draft, Participant
from tests.factories import ParticipantFactory, QuestionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.each]
NOW = datetime.datetime(2083, 6, 1, 12, tzinfo=datetime.UTC)


@pytest.fixture
def ana():
    return ParticipantFactory(name="Ana Lima", mentee=True)


def answered(person, **given):
    program = person.program
    return {
        "seen": 0,
        "name": "Ana Lima",
        "short_name": "",
        "role": "mentee",
        "attendance": "in_person",
        "expertise": [program.fields.first().pk],
        "sector": program.sectors.first().pk,
    } | given


def keep(client, person, **typed):
    return client.post(reverse("intake_draft", args=[person.link_key]), typed)


def page_of(client, person) -> str:
    shown = client.get(person.answers_path).content.decode()
    return html.unescape(re.sub("</?bdi>", "", shown))


def value_of(shown: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*>\s*([^<]*)</textarea>', shown)
    return found[1] if found else re.search(rf'name="{name}" value="([^"]*)"', shown)[1]


class TestKept:
    def test_what_was_typed_comes_back_with_the_page(self, client, ana):
        second = ana.program.fields.all()[1]
        answer = keep(client, ana, seen=0, version=0, notes="Half a sent", expertise=[second.pk])
        assert (answer.status_code, answer.json(), answer.cookies) == (200, {"version": 1}, {})
        shown = page_of(client, ana)
        assert value_of(shown, "notes") == "Half a sent"
        assert value_of(shown, "version") == "1"
        boxes = re.findall(r'name="expertise" value="(\d+)"[^>]*?( checked)?>', shown)
        assert [key for key, ticked in boxes if ticked] == [str(second.pk)]
        assert "haven’t saved it yet" in shown

    def test_it_belongs_to_the_person_of_the_link(self, client, ana):
        keep(client, ana, seen=0, version=0, notes="Ana's")
        other = ParticipantFactory(program=ana.program)
        assert value_of(page_of(client, other), "notes") == ""
        old = ana.link_key
        ana = renew_link(ana)
        assert client.post(reverse("intake_draft", args=[old]), {"notes": "x"}).status_code == 404
        assert value_of(page_of(client, ana), "notes") == "Ana's"

    def test_only_questions_of_the_form_are_kept(self, client, ana):
        question = QuestionFactory(program=ana.program)
        keep(
            client, ana, seen=0, version=0, notes="x", evil="y", **{f"question_{question.pk}": "z"}
        )
        assert draft_of(ana).answers == {"notes": ["x"], f"question_{question.pk}": ["z"]}

    def test_a_refused_form_is_kept_too_where_no_script_runs(self, client, ana):
        client.post(ana.answers_path, answered(ana, role="", notes="Typed"))
        assert value_of(page_of(client, ana), "notes") == "Typed"

    def test_who_looks_at_the_way_out_and_stays_finds_it(self, client, ana):
        asked = answered(ana, notes="Typed", do="ask")
        answer = client.post(reverse("intake_goodbye", args=[ana.link_key]), asked)
        assert answer["Location"] == reverse("intake_goodbye", args=[ana.link_key])
        ana.refresh_from_db()
        assert ana.takes_part
        assert value_of(page_of(client, ana), "notes") == "Typed"

    def test_it_is_gone_once_it_is_sent_or_thrown_away(self, client, ana):
        keep(client, ana, seen=0, version=0, notes="Typed")
        client.post(ana.answers_path, answered(ana))
        assert draft_of(ana) is None
        newest = ana.responses.get().pk
        keep(client, ana, seen=newest, version=0, notes="Again")
        answer = keep(client, ana, do="forget")
        assert (answer.status_code, answer["Location"]) == (302, ana.answers_path)
        assert draft_of(ana) is None

    def test_a_person_can_read_it_and_anonymizing_takes_it(self, client, ana):
        field = ana.program.fields.first()
        keep(client, ana, seen=0, version=0, notes="Typed", expertise=[field.pk])
        assert own_data(ana)["draft"] == [
            {"question": "My fields", "typed": field.name},
            {"question": "Anything else that helps match you?", "typed": "Typed"},
        ]
        program = ana.program
        program.starts_on, program.ends_on = datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)
        program.save()
        anonymise_program(program)
        assert not Draft.objects.exists()


class TestRefused:
    def test_more_than_a_form_holds(self, client, ana):
        answer = keep(client, ana, seen=0, version=0, notes="x" * AT_MOST)
        assert (answer.status_code, answer.json()) == (413, {"why": "too long"})
        assert draft_of(ana) is None

    def test_more_often_than_anybody_types(self, ana):
        for count in range(PER_MINUTE):
            save_draft(ana, {"notes": [str(count)]}, seen=0, version=count, now=NOW)
        late = NOW + datetime.timedelta(seconds=59)
        with pytest.raises(TooOften):
            save_draft(ana, {"notes": ["more"]}, seen=0, version=PER_MINUTE, now=late)
        assert draft_of(ana).answers == {"notes": [str(PER_MINUTE - 1)]}
        later = NOW + datetime.timedelta(seconds=60)
        save_draft(ana, {"notes": ["more"]}, seen=0, version=PER_MINUTE, now=later)

    def test_once_the_form_is_closed(self, client, ana):
        today = timezone.localdate(timezone=ana.program.zone)
        ana.program.survey_closes_on = today - datetime.timedelta(days=1)
        ana.program.accepts_late_answers = False
        ana.program.save()
        assert keep(client, ana, seen=0, version=0, notes="x").status_code == 403
        answer = client.post(ana.answers_path, answered(ana))
        assert "The form has closed" in answer.content.decode()
        assert not ana.responses.exists()

    def test_nonsense_beside_the_answers(self, client, ana):
        assert keep(client, ana, seen="x", version=0).status_code == 400
        assert client.get(reverse("intake_draft", args=[ana.link_key])).status_code == 405

    def test_what_no_database_can_hold_is_left_out(self, client, ana):
        assert keep(client, ana, seen=0, version=0, notes="a\0b").status_code == 200
        assert draft_of(ana).answers == {"notes": ["ab"]}


class TestTwoTabs:
    def test_the_later_one_is_told_what_the_earlier_typed(self, client, ana):
        first = {"name": "Ana Lima", "short_name": "Ana", "notes": "First tab"}
        keep(client, ana, seen=0, version=0, **first)
        answer = keep(client, ana, seen=0, version=0, **first | {"notes": "Second tab"})
        told = {key: answer.json()[key] for key in ("why", "version", "seen")}
        assert (answer.status_code, told) == (
            409,
            {"why": "typed elsewhere", "version": 1, "seen": 0},
        )
        label = "Anything else that helps match you?"
        assert [label, "First tab", "Second tab"] in answer.json()["changed"]
        assert draft_of(ana).answers["notes"] == ["First tab"]
        assert keep(client, ana, seen=0, version=1, notes="Second tab").json() == {"version": 2}

    def test_the_same_words_from_both_are_no_quarrel(self, client, ana):
        for _ in range(2):
            assert keep(client, ana, seen=0, version=0, notes="x").json() == {"version": 1}
        # Nor is it one that a tab types on which knows what both have said.
        assert keep(client, ana, seen=0, version=1, notes="x, y").json() == {"version": 2}

    def test_typing_on_in_a_tab_whose_answers_another_has_sent(self, client, ana):
        keep(client, ana, seen=0, version=0, notes="Typed")
        client.post(ana.answers_path, answered(ana, notes="Sent"))
        answer = keep(client, ana, seen=0, version=1, notes="Typed on")
        newest = ana.responses.get().pk
        assert (answer.status_code, answer.json()["why"]) == (409, "sent elsewhere")
        assert answer.json()["seen"] == newest
        assert draft_of(ana) is None

    def test_sending_over_answers_that_nobody_saw_says_what_differs(self, client, ana):
        client.post(ana.answers_path, answered(ana, notes="First tab"))
        answer = client.post(ana.answers_path, answered(ana, notes="Second tab"))
        shown = html.unescape(re.sub("</?bdi>", "", answer.content.decode()))
        assert "other answers were saved while this page was open" in shown
        rows = re.findall(r"<dt>([^<]*)</dt><dd>Saved: ([^<]*)<br>Here: ([^<]*)</dd>", shown)
        assert rows == [("Anything else that helps match you?", "First tab", "Second tab")]
        assert ana.responses.get().notes == "First tab"
        newest = ana.responses.get().pk
        assert value_of(shown, "seen") == str(newest)
        client.post(ana.answers_path, answered(ana, notes="Second tab", seen=newest))
        assert ana.responses.latest().notes == "Second tab"

    def test_a_second_tap_is_one_response(self, client, ana):
        for _ in range(2):
            answer = client.post(ana.answers_path, answered(ana))
            assert answer["Location"] == reverse("intake_thanks", args=[ana.link_key])
        assert ana.responses.count() == 1


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def both(self, act):
        ready, ends = threading.Barrier(2), []

        def run(number):
            ready.wait()
            try:
                ends.append(act(number))
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=[number]) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(ends)

    def test_two_taps_at_the_same_moment_are_one_response(self, ana):
        typed = answered(ana)
        ends = self.both(lambda _: Client().post(ana.answers_path, typed)["Location"])
        assert ends == [reverse("intake_thanks", args=[ana.link_key])] * 2
        assert ana.responses.count() == 1

    def test_of_two_tabs_that_begin_together_one_is_told(self, ana):
        def begin(number):
            try:
                person = Participant.objects.get(pk=ana.pk)
                return save_draft(person, {"notes": [str(number)]}, seen=0, version=0).version
            except TypedElsewhere:
                return 0

        assert self.both(begin) == [0, 1]
        assert Draft.objects.count() == 1

    def test_the_same_words_at_the_same_moment_are_no_quarrel(self, ana):
        def begin(_):
            person = Participant.objects.get(pk=ana.pk)
            return save_draft(person, {"notes": ["x"]}, seen=0, version=0).version

        assert self.both(begin) == [1, 1]
