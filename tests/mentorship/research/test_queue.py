"""The research queue: who looks up whom, what is saved, and how long the rest takes."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from mentorship.domain.research import queue
from mentorship.interfaces.own_data import own_data
from mentorship.interfaces.research.searches import search_links
from mentorship.models import Participant, ResearchTurn
from tests.factories import (
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime.datetime(2083, 7, 5, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def program():
    return ProgramFactory()


@pytest.fixture
def sofia(program):
    return MembershipFactory(program=program, user__username="sofia").user


@pytest.fixture
def omar(program):
    return MembershipFactory(program=program, user__username="omar").user


def people(program, *names):
    return [ParticipantFactory(program=program, name=name) for name in names]


def ends(program):
    """Return (person, outcome, seconds, source) of each research entry that has ended."""
    ended = ResearchTurn.objects.filter(program=program, ended_at__isnull=False).order_by("pk")
    return [(t.participant.name, t.outcome, t.seconds, t.source) for t in ended]


class TestQueue:
    def test_it_has_those_of_whom_nothing_is_known(self, program, sofia):
        ada, bo, cy, di, eve = people(program, "Ada", "Bo", "Cy", "Di", "Eve")
        SurveyResponseFactory(participant=bo)
        Participant.objects.filter(pk=cy.pk).update(detail_sources={"notes": "research"})
        Participant.objects.filter(pk=di.pk).update(withdrawn_at=NOON)
        ParticipantFactory()  # of another program

        assert list(queue.waiting(program, NOON)) == [ada, eve]

    def test_two_members_get_two_people_and_keep_them(self, program, sofia, omar):
        ada, bo = people(program, "Ada", "Bo")

        assert queue.take_next(program, sofia, NOON) == ada
        assert queue.take_next(program, omar, NOON) == bo
        assert queue.take_next(program, sofia, NOON + MINUTE) == ada
        assert queue.take(ada, omar, NOON) is False
        assert list(queue.waiting(program, NOON)) == []

    def test_who_is_left_alone_for_long_is_given_to_somebody_else(self, program, sofia, omar):
        (ada,) = people(program, "Ada")
        queue.take_next(program, sofia, NOON)

        assert queue.take_next(program, omar, NOON + 29 * MINUTE) is None
        assert queue.take_next(program, omar, NOON + 30 * MINUTE) == ada
        with pytest.raises(ValidationError, match="somebody else has taken Ada since"):
            queue.save_found(ada, sofia, {"notes": "mine"}, "", NOON + 31 * MINUTE)
        ada.refresh_from_db()
        assert ada.notes == ""

    def test_nobody_holds_two(self, program, sofia, omar):
        ada, bo = people(program, "Ada", "Bo")
        queue.take_next(program, sofia, NOON)

        assert queue.take(bo, sofia, NOON) is True
        assert queue.take_next(program, omar, NOON) == ada

    def test_who_is_skipped_comes_last(self, program, sofia):
        ada, bo, cy = people(program, "Ada", "Bo", "Cy")

        for person in (ada, bo):
            assert queue.take_next(program, sofia, NOON) == person
            queue.skip(person, sofia, NOON + person.pk * MINUTE)

        assert list(queue.waiting(program, NOON)) == [cy, ada, bo]

    def test_who_is_not_found_does_not_come_again(self, program, sofia):
        ada, bo = people(program, "Ada", "Bo")
        queue.take_next(program, sofia, NOON)

        queue.note_nothing_found(ada, sofia, NOON + 2 * MINUTE)

        assert list(queue.waiting(program, NOON)) == [bo]
        assert ends(program) == [("Ada", "nothing", 120, "")]

    def test_progress_and_pace(self, program, sofia):
        names = [f"Person {number:02d}" for number in range(7)]
        people(program, *names)
        assert queue.research_progress(program) == queue.ResearchProgress(7, 0, None)
        assert queue.research_progress(program).minutes_left is None

        for minutes in (1, 4, 90):
            person = queue.take_next(program, sofia, NOON)
            queue.note_nothing_found(person, sofia, NOON + minutes * MINUTE)

        progress = queue.research_progress(program)
        assert progress == queue.ResearchProgress(4, 3, 240)
        assert (progress.total, progress.minutes_left) == (7, 16)


class TestSaving:
    def test_what_is_found_counts_as_research(self, program, sofia):
        (ada,) = people(program, "Ada")
        queue.take_next(program, sofia, NOON)
        biology = program.fields.get(name="Biology/Health")

        queue.save_found(
            ada,
            sofia,
            {"affiliation": "Eastport", "fields": [biology]},
            "https://eastport.example/ada",
            NOON + MINUTE,
        )

        ada.refresh_from_db()
        assert (ada.affiliation, list(ada.fields.all())) == ("Eastport", [biology])
        assert ada.detail_sources == {"affiliation": "research", "fields": "research"}
        assert ends(program) == [("Ada", "found", 60, "https://eastport.example/ada")]
        assert own_data(ada)["research"] == [
            {
                "when": NOON + MINUTE,
                "outcome": "filled in",
                "source": "https://eastport.example/ada",
            }
        ]

    @pytest.mark.parametrize(
        ("what", "why"),
        [
            ("nothing", "Fill in what you found, or choose “Nothing found”."),
            ("answered", "Ada has answered meanwhile. That response counts."),
            ("withdrawn", "Ada no longer takes part."),
            ("not held", "Nothing was saved: somebody else has taken Ada since."),
        ],
    )
    def test_what_cannot_be_saved_changes_nothing(self, program, sofia, what, why):
        (ada,) = people(program, "Ada")
        if what != "not held":
            queue.take_next(program, sofia, NOON)
        if what == "answered":
            SurveyResponseFactory(participant=ada)
        if what == "withdrawn":
            Participant.objects.update(withdrawn_at=NOON)

        with pytest.raises(ValidationError) as error:
            queue.save_found(ada, sofia, {} if what == "nothing" else {"notes": "x"})

        assert error.value.messages[0].startswith(why)
        assert ends(program) == []
        ada.refresh_from_db()
        assert ada.notes == ""


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_get_the_same_person(program):
    members = [MembershipFactory(program=program).user for _ in range(6)]
    people(program, *(f"Person {number:02d}" for number in range(24)))
    start = threading.Barrier(len(members))
    got: list[list[str]] = [[] for _ in members]

    def work(number):
        start.wait(10)
        try:
            while (person := queue.take_next(program, members[number])) is not None:
                got[number].append(person.name)
                queue.note_nothing_found(person, members[number])
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(len(members))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(name for names in got for name in names) == [
        f"Person {number:02d}" for number in range(24)
    ]


@pytest.mark.django_db(transaction=True)
def test_one_member_in_two_tabs_has_one_person(program, sofia):
    people(program, "Ada", "Bo")
    start = threading.Barrier(2)
    got = []

    def work():
        start.wait(10)
        try:
            got.append(queue.take_next(program, sofia))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(got) == 2
    held = list(queue.held_by(program, sofia))
    assert [person for person in got if person in held] != []
    assert len(held) == 1


def test_the_employers_site_is_searched_unless_the_mailbox_is_anybodys(program):
    at_work = ParticipantFactory(program=program, name="Ada", email="ada@eastport.example")
    at_home = ParticipantFactory(program=program, name="Ada", email="ada@freemail.example")

    assert search_links(at_work) == search_links(at_home) | {
        "Employer’s site": "https://eastport.example/"
    }
    assert search_links(at_home)["GitHub"] == "https://github.com/search?type=users&q=Ada"


class TestPages:
    @pytest.fixture
    def member(self, client, program, sofia):
        client.force_login(sofia, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def test_from_one_to_the_next(self, member, program, sofia):
        ada, bo, cy = people(program, "Ada", "Bo", "Cy")
        sector = program.sectors.first()

        page = member.post(reverse("research_next"))
        assert page.url == reverse("research_person", args=[ada.pk])
        saved = {"do": "save", "sector": sector.pk, "career_stage": "mid", "notes": "seismology"}
        page = member.post(page.url, saved | {"source": "https://eastport.example/ada"})
        assert page.url == reverse("research_person", args=[bo.pk])
        page = member.post(page.url, {"do": "skip"})
        assert page.url == reverse("research_person", args=[cy.pk])
        page = member.post(page.url, {"do": "nothing"})
        assert page.url == reverse("research_person", args=[bo.pk])
        page = member.post(page.url, {"do": "nothing"}, follow=True)

        assert page.redirect_chain == [(reverse("research_sheet"), 302)]
        assert "Nobody is left to look up." in page.content.decode()
        assert [str(message) for message in page.context["messages"]] == [
            "Saved what you found about Ada.",
            "Bo comes again at the end.",
            "Cy is out of the queue: nothing found.",
            "Bo is out of the queue: nothing found.",
        ]
        ada.refresh_from_db()
        assert (ada.sector, ada.career_stage, ada.notes) == (sector, "mid", "seismology")

    def test_what_was_typed_stays_where_it_could_not_be_saved(self, member, program, omar):
        (ada,) = people(program, "Ada")
        path = reverse("research_person", args=[ada.pk])
        member.post(path, {"do": "take"})
        ResearchTurn.objects.update(held_by=omar)

        page = member.post(path, {"do": "save", "notes": "seismology"})

        assert page.status_code == 400
        text = page.content.decode()
        assert "somebody else has taken Ada since" in text
        assert "omar is looking up Ada now." in text
        assert ">\nseismology</textarea>" in text

    def test_links_tell_the_other_site_nothing(self, member, program):
        (ada,) = people(program, '"><script>alert(1)</script>')
        member.post(reverse("research_next"))

        text = member.get(reverse("research_person", args=[ada.pk])).content.decode()

        assert text.count('target="_blank" rel="noopener noreferrer"') == len(search_links(ada))
        assert "<script>alert(1)" not in text

    def test_a_page_of_another_program_is_not_there(self, member, program):
        other = ParticipantFactory()

        for answer in (
            member.get(reverse("research_person", args=[other.pk])),
            member.post(reverse("research_person", args=[other.pk]), {"do": "take"}),
        ):
            assert answer.status_code == 404
        assert not ResearchTurn.objects.exists()

    def test_only_posting_takes_somebody(self, member, program):
        (ada,) = people(program, "Ada")

        assert member.get(reverse("research_next")).status_code == 405
        page = member.get(reverse("research_person", args=[ada.pk])).content.decode()

        assert ">Look up Ada</button>" in page
        assert 'id="found"' not in page
        assert not ResearchTurn.objects.exists()
        assert (
            member.post(reverse("research_person", args=[ada.pk]), {"do": "x"}).status_code == 400
        )

    def test_queries_do_not_grow_with_the_queue(self, member, program, django_assert_num_queries):
        from django.db import connection as database
        from django.test.utils import CaptureQueriesContext

        people(program, "Ada", "Bo")
        path = member.post(reverse("research_next")).url
        with CaptureQueriesContext(database) as few:
            member.get(path)
        people(program, *(f"Person {number}" for number in range(20)))
        with django_assert_num_queries(len(few)):
            member.get(path)
