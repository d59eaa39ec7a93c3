"""The report: what is counted, how it is drawn, and that nobody's name is in it."""

import csv
import datetime
import io

import pytest
from django.urls import reverse

from committee.domain.report import earlier_programs, read_report
from matching.models import Match
from mentorship.domain.programs.copy import copy_program
from mentorship.models import Membership, Program
from notifications.models import Kind
from tests.factories import (
    ConcernFactory,
    EmailLogFactory,
    FeedbackFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db

BIOLOGY, SOFTWARE = "Biology/Health", "Software Engineering"


def noon(day):
    return datetime.datetime(2083, 6, day, 20, tzinfo=datetime.UTC)


@pytest.fixture
def program():
    return ProgramFactory(name="Conf 2083")


@pytest.fixture
def full(program):
    """Two mentors and two mentees with something of everything."""
    ada = ParticipantFactory(
        program=program, name="Ada", capacity=2, registered_at=noon(1), fields=[BIOLOGY, SOFTWARE]
    )
    ParticipantFactory(program=program, name="Al", registered_at=noon(1), virtual=True)
    bo, cy = (
        ParticipantFactory(
            program=program, name=name, mentee=True, registered_at=noon(3), fields=[BIOLOGY]
        )
        for name in ("Bodil Quux", "Cyrus Quux")
    )
    ParticipantFactory(program=program, name="Out", registered_at=noon(4), withdrawn_at=noon(5))
    SurveyResponseFactory(participant=ada, submitted_at=noon(2))
    SurveyResponseFactory(participant=bo, submitted_at=noon(4))
    match = MatchFactory(program=program, mentor=ada, mentee=bo, affinity=1000)
    MatchFactory(program=program, mentor=ada, mentee=cy, affinity=250)
    Match.objects.filter(pk=match.pk).update(status=Match.Status.ANNOUNCED)
    EmailLogFactory(program=program, kind=Kind.SURVEY, state="sent", sent_at=noon(1))
    EmailLogFactory(program=program, kind=Kind.SURVEY, state="failed")
    ConcernFactory(participant=bo)
    FeedbackFactory(participant=ada, rating=4, met=True, would_come_again=False)
    FeedbackFactory(participant=bo, rating=5, met=True)
    return program


def tables(program, *earlier):
    return {
        table.title: (list(table.columns), [(label, list(n)) for label, n in table.rows])
        for table in read_report(program, earlier).tables
    }


def test_everything_is_counted(full):
    found = tables(full)

    assert found["At a glance"] == (
        ["Conf 2083"],
        [
            ("Signed up and taking part", [4]),
            ("Withdrew", [1]),
            ("Mentors", [2]),
            ("Mentees", [2]),
            ("Places with mentors", [3]),
            ("Answered the survey", [2]),
            ("Response rate in percent", [50]),
            ("Looked up by the committee", [0]),
            ("Pairs", [2]),
            ("Pairs announced", [1]),
            ("Unmatched mentees", [0]),
            ("Mentors without a mentee", [1]),
            ("Help requests", [1]),
            ("Feedback received", [2]),
            ("Mean rating, 1 to 5", [4.5]),
        ],
    )
    assert found["Sign-ups and responses over time"] == (
        ["Sign-ups", "Responses"],
        [
            ("Jun 1, 2083", [2, 0]),
            ("Jun 2, 2083", [2, 1]),
            ("Jun 3, 2083", [4, 1]),
            ("Jun 4, 2083", [5, 2]),
        ],
    )
    fields = dict(found["Fields (people with several count in each)"][1])
    assert {field: numbers for field, numbers in fields.items() if any(numbers)} == {
        BIOLOGY: [1, 2],
        SOFTWARE: [1, 0],
        "Not known": [1, 0],
    }
    assert found["Attendance"][1] == [
        ("In person", [1, 2]),
        ("Virtual", [1, 0]),
        ("Not known", [0, 0]),
    ]
    assert found["How full mentors were"][1][:3] == [
        ("No mentee", [1]),
        ("1 mentee", [0]),
        ("2 mentees", [1]),
    ]
    affinity = found["Affinity of pairs, 0 to 1000"][1]
    assert [(label, n) for label, n in affinity if any(n)] == [
        ("200 to 299", [1]),
        ("900 to 1000", [1]),
    ]
    assert found["Emails by state"] == (
        ["Sent", "Failed", "of these bounced"],
        [("Survey invitation", [1, 1, 0])],
    )
    assert found["Help requests"][1][0] == ("I can’t reach my match", [1, 0])
    assert found["Ratings, 5 is best"][1] == [
        ("5", [1]),
        ("4", [1]),
        ("3", [0]),
        ("2", [0]),
        ("1", [0]),
    ]
    assert found["Feedback"] == (["Yes", "No"], [("Met", [2, 0]), ("Would come again", [0, 1])])


def test_a_copied_program_stands_beside_the_one_before(full):
    copied = copy_program(
        full,
        name="Conf 2084",
        slug="conf-2084",
        starts_on=datetime.date(2084, 7, 10),
        ends_on=datetime.date(2084, 7, 16),
        time_zone="UTC",
    ).program
    ParticipantFactory(program=copied)

    earlier = earlier_programs(copied, list(Program.objects.all()))
    assert earlier == [full]
    columns, rows = tables(copied, *earlier)["At a glance"]
    assert columns == ["Conf 2084", "Conf 2083"]
    assert rows[0] == ("Signed up and taking part", [1, 4])
    # Of a program of others nobody sees the numbers.
    assert earlier_programs(copied, [copied]) == []


class TestPage:
    @pytest.fixture
    def member(self, client, program):
        user = MembershipFactory(program=program).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    @pytest.mark.parametrize("size", ["empty", "full"])
    def test_the_page_shows_it_and_names_nobody(self, member, program, request, size):
        if size == "full":
            request.getfixturevalue("full")

        page = member.get(reverse("report"))

        text = page.content.decode()
        body = text[text.index('class="rp-page"') :]
        assert [name for name in ("Ada", "Quux", "freemail") if name in body] == []
        assert ("None yet." in body) == (size == "empty")
        assert 'style="' not in body
        words = (
            'aria-label="Fields (people with several count in each). '
            "Physics/Astro/Chemistry: 0 mentors, 0 mentees; Biology/Health: 1 mentors, 2 mentees;"
        )
        assert (words in body) == (size == "full")

    def test_every_number_as_csv(self, member, full):
        answer = member.get(reverse("report_csv"))

        assert answer["Content-Disposition"] == f'attachment; filename="report-{full.slug}.csv"'
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        shown = read_report(full).tables
        assert rows[0] == ["Table", "Row", "Column", "Number"]
        assert ["At a glance", "Mean rating, 1 to 5", "Conf 2083", "4.5"] in rows
        assert ["Response rate by day, in percent", "2083-06-04", "Percent", "50"] in rows
        numbers = sum(len(n) for table in shown for _, n in table.rows)
        assert len(rows) == 1 + numbers + 2

    def test_only_programs_of_ones_own_are_compared(self, member, program):
        other = ProgramFactory(name="Theirs")
        Program.objects.filter(pk=program.pk).update(copied_from=other)
        user = Membership.objects.get(program=program).user
        assert "Theirs" not in member.get(reverse("report")).content.decode()

        Membership.objects.create(program=other, user=user)
        assert "Theirs" in member.get(reverse("report")).content.decode()

    def test_queries_do_not_grow_with_the_people(self, member, program, django_assert_num_queries):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        MatchFactory(program=program, affinity=500)
        with CaptureQueriesContext(connection) as few:
            member.get(reverse("report"))
        for _ in range(5):
            MatchFactory(program=program, affinity=300)
        with django_assert_num_queries(len(few)):
            member.get(reverse("report"))
