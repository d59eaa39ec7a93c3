"""What the page before sending shows is what sending would do, whatever it costs to find out."""

import pytest
from django.utils import timezone

from matching.domain.matches.changes import announce
from mentorship.models import Participant
from notifications.domain.outbox.preview import preview
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import EmailTemplate, Kind
from tests.factories import (
    MatchFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[False, True])
def program(request):
    """A program with pairs that can be announced and pairs that cannot, for many reasons."""
    program = ProgramFactory(one_mail_a_mentor=request.param)

    def person(name, **details):
        email = details.pop("email", f"{name.lower()}@freemail.example")
        return ParticipantFactory(program=program, name=name, email=email, **details)

    ada = person("Ada", capacity=2)
    for mentor, mentee in [
        (ada, person("Ben", mentee=True)),
        (ada, person("Bo", mentee=True, virtual=True)),
        (person("Cy"), person("Di", mentee=True, withdrawn_at=timezone.now())),
        (person("Eve", mail_bounced_at=timezone.now()), person("Flo", mentee=True)),
        (person("Gus", email="g@x.example"), person("Hal", email="h@x.example", mentee=True)),
        (person("Ian", capacity=0), person("Jo", mentee=True)),
    ]:
        MatchFactory(program=program, mentor=mentor, mentee=mentee)
    announce(
        [MatchFactory(program=program, mentor=person("Kim"), mentee=person("Lou", mentee=True))]
    )
    SurveyResponseFactory(participant=ada, free_hours=[9, 10])
    return program


@pytest.mark.parametrize("kind", ["match", Kind.SURVEY, Kind.CHECK_IN, Kind.UNMATCHED_MENTEE])
def test_the_preview_says_what_sending_would_do(program, kind):
    shown = preview(program, kind)
    would = queue_mail(program, kind, dry_run=True)

    assert shown.emails == would.queued
    left_out = [
        {"email": address, "why": why}
        for why, addresses in shown.left_out.items()
        for address in addresses
    ]
    assert sorted(left_out, key=str) == sorted(would.left_out, key=str)


def test_who_is_not_decided_on_is_named_before_anybody_is_introduced(program):
    people = Participant.objects.filter(program=program)
    before = preview(program, "match").warnings
    people.filter(name="Ada").update(signup_role="mentee", survey_role="mentor")
    people.filter(name__in=["Ben", "Bo", "Flo"]).update(missing_since=timezone.now())

    assert preview(program, "match").warnings == [
        *before,
        "The role of 1 person is unclear. Decide on the dashboard first.",
        "2 people are no longer registered. Decide on the dashboard first.",
    ]


def test_a_text_without_the_link_to_the_form_is_named(program):
    EmailTemplate.objects.create(program=program, kind="survey", subject="Hi", body="Please!")

    assert preview(program, "survey").warnings[-1] == (
        "“Survey invitation” has no link to the page that it asks people to open. "
        "Add {{ person.link }}."
    )


def test_the_samples_are_the_emails_that_are_sent(program):
    samples = {(mail.subject, mail.text) for _, _, mail, _ in preview(program, "match").samples}
    queue_mail(program, "match")

    emails = program.emails.filter(kind__startswith="match")
    assert samples <= set(emails.values_list("subject", "text_body"))
    assert len(samples) == (3 if program.one_mail_a_mentor else 2)


def test_the_number_of_queries_does_not_grow(program, django_assert_max_num_queries):
    with django_assert_max_num_queries(60) as few:
        preview(program, "match")
    MatchFactory.create_batch(15, program=program)
    with django_assert_max_num_queries(len(few)):
        preview(program, "match")
