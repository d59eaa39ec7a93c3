"""Next year's program takes everything over but the people."""

import datetime

import pytest
from django.urls import reverse

from matching.models import Match, PastPair
from mentorship.domain.programs.copy import copy_program, next_edition
from mentorship.models import Membership, Program
from notifications.models import EmailTemplate, Schedule
from tests.factories import (
    EmailLogFactory,
    EmailTemplateFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    QuestionFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db

DAY = datetime.date
OWN = {"id", "name", "slug", "starts_on", "ends_on", "created_at"}


@pytest.fixture
def source():
    program = ProgramFactory(
        name="Conf 2083",
        slug="conf-2083",
        committee_name="Conf 2083 Committee",
        survey_opens_on=DAY(2083, 6, 14),
        contact_by=DAY(2083, 7, 13),
        affinity_floor=300,
        matching_priorities=["unmatched", "mixed", "changed", "spread", "cross_field", "weak",
                             "affinity"],
    )  # fmt: skip
    program.fields.filter(name="Software Engineering").update(name="Software")
    QuestionFactory(program=program, text="Music?", kind="choice", choices=["jazz", "folk"])
    EmailTemplateFactory(program=program, body="See you at Conf 2083")
    EmailTemplateFactory(program=program, kind="feedback", body="Thank you")
    Schedule.objects.create(program=program, kind="feedback", anchor="ends_on", days=2, is_on=True)
    return program


def copied(source, **changes):
    return copy_program(source, **(next_edition(source) | changes))


def test_proposes_the_same_days_of_the_week_a_year_later(source):
    assert next_edition(source) == {
        "name": "Conf 2084",
        "slug": "conf-2084",
        "starts_on": DAY(2084, 7, 10),
        "ends_on": DAY(2084, 7, 16),
        "time_zone": "America/Los_Angeles",
    }


def test_takes_settings_lists_questions_texts_and_schedules(source):
    done = copied(source, time_zone="Europe/Berlin")

    columns = {f.attname: getattr(done.program, f.attname) for f in Program._meta.concrete_fields}
    expected = {f.attname: getattr(source, f.attname) for f in Program._meta.concrete_fields}
    expected |= {
        "committee_name": "Conf 2084 Committee",
        "survey_opens_on": DAY(2084, 6, 12),
        "contact_by": DAY(2084, 7, 11),
        "time_zone": "Europe/Berlin",
    }
    assert {k: v for k, v in columns.items() if k not in OWN} == {
        k: v for k, v in expected.items() if k not in OWN
    } | {"copied_from_id": source.pk}
    for rows in ("fields", "sectors", "questions"):
        before, after = (
            [
                {k: v for k, v in row.items() if k not in ("id", "program_id")}
                for row in getattr(program, rows).values()
            ]
            for program in (source, done.program)
        )
        assert before == after
    texts = EmailTemplate.objects.filter(program=done.program)
    assert sorted(texts.values_list("kind", "body")) == [
        ("feedback", "Thank you"),
        ("survey", "See you at Conf 2083"),
    ]
    schedule = Schedule.objects.get(program=done.program)
    assert (schedule.kind, schedule.days, schedule.is_on) == ("feedback", 2, False)
    assert schedule.history.count() == 1
    assert done.remarks == [
        "These email templates still mention 2083: Survey invitation. Change them before they are "
        "sent.",
        "The email schedule was copied, switched off. Turn on what you want to be sent.",
    ]


def test_takes_no_people_but_remembers_who_met(source):
    match = MatchFactory(program=source, status=Match.Status.ANNOUNCED)
    SurveyResponseFactory(participant=match.mentee)
    EmailLogFactory(program=source)

    done = copied(source)

    for rows in ("participants", "matches", "emails", "imports"):
        assert getattr(done.program, rows).count() == 0
    assert "1 pair from Conf 2083 won’t be matched again once both people sign up." in done.remarks
    mentor = ParticipantFactory(program=done.program, email=match.mentor.email)
    pair = PastPair.objects.get()
    assert {pair.first_email, pair.second_email} == {mentor.email, match.mentee.email}
    assert (pair.program, pair.came_from) == (done.program, "matched in Conf 2083")


def test_takes_the_committee_only_if_asked(source):
    member = MembershipFactory(program=source).user
    chair = MembershipFactory(program=source, level="chair").user

    alone = copied(source, with_committee=False, by=chair, slug="alone")
    together = copied(source, by=chair)

    assert list(alone.program.memberships.values_list("user", "level")) == [(chair.pk, "chair")]
    assert sorted(together.program.memberships.values_list("user", "level")) == [
        (member.pk, "member"),
        (chair.pk, "chair"),
    ]


class TestPage:
    PAGE = reverse("copy_program", args=["conf-2083"])

    def sign_in(self, client, program, level="chair"):
        user = MembershipFactory(program=program, level=level).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return user

    def posted(self, source, **changes):
        return {k: str(v) for k, v in next_edition(source).items()} | changes

    def test_is_filled_in_and_copies(self, client, source):
        user = self.sign_in(client, source)
        page = client.get(reverse("admin:mentorship_program_change", args=[source.pk]))
        assert self.PAGE in page.content.decode()
        assert 'value="Conf 2084"' in client.get(self.PAGE).content.decode()

        answer = client.post(self.PAGE, self.posted(source, with_committee="on"), follow=True)

        copy = Program.objects.get(slug="conf-2084")
        assert answer.wsgi_request.program == copy
        assert str(next(iter(answer.context["messages"]))) == (
            "Conf 2084 is ready. You are looking at it now."
        )
        assert Membership.objects.get(program=copy).user == user

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"slug": "conf-2083"}, "slug"),
            ({"time_zone": "Moon/Base"}, "time_zone"),
            ({"ends_on": "2020-01-01"}, "__all__"),
            ({"name": ""}, "name"),
        ],
    )
    def test_says_at_the_field_what_is_wrong(self, client, source, changes, field):
        self.sign_in(client, source)

        answer = client.post(self.PAGE, self.posted(source, **changes))

        assert answer.status_code == 400
        assert list(answer.context["form"].errors) == [field]
        assert Program.objects.count() == 1

    def test_is_for_its_chairs(self, client, source):
        self.sign_in(client, source, level="member")
        assert client.post(self.PAGE, self.posted(source)).status_code == 403

        outsider = MembershipFactory(level="chair").user
        client.force_login(outsider, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(self.PAGE).status_code == 404
