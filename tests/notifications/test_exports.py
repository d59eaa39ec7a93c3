"""Matches, do-not-match pairs, help requests, feedback and emails as files, from their lists."""

import csv
import datetime
import io

import pytest
from django.urls import reverse

from matching.models import Match
from tests.factories import (
    ConcernFactory,
    EmailLogFactory,
    FeedbackFactory,
    KeepApartFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime.datetime(2083, 6, 20, 12, tzinfo=datetime.UTC)
LISTS = [
    "matching_match",
    "matching_keepapart",
    "matching_concern",
    "matching_feedback",
    "notifications_emaillog",
]


@pytest.fixture
def program(client):
    membership = MembershipFactory()
    client.force_login(membership.user, backend="django.contrib.auth.backends.ModelBackend")
    return membership.program


@pytest.fixture
def pair(program):
    return (
        ParticipantFactory(program=program, name="Ada", email="ada@conf.example"),
        ParticipantFactory(program=program, name="Bo", email="bo@conf.example", mentee=True),
    )


def export(client, name, query=""):
    answer = client.post(reverse(f"admin:{name}_export") + query, {"format": "0", "resource": "0"})
    rows = csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    return [{heading: text for heading, text in row.items() if text} for row in rows]


@pytest.mark.each
def test_matches(client, program, pair):
    mentor, mentee = pair
    MatchFactory(program=program, mentor=mentor, mentee=mentee, affinity=512, locked=True)
    MatchFactory(
        program=program,
        mentor=mentor,
        mentee=mentee,
        status=Match.Status.DISSOLVED,
        announced_at=NOON,
        dissolved_at=NOON,
        dissolved_why="=ill",
    )
    MatchFactory()

    live = export(client, "matching_match", "?status__exact=draft")
    gone = export(client, "matching_match", "?status__exact=dissolved")

    people = {
        "Mentor": "Ada",
        "Mentor's email": "ada@conf.example",
        "Mentor attending": "in person",
        "Mentee": "Bo",
        "Mentee's email": "bo@conf.example",
        "Mentee attending": "in person",
    }
    noon = "2083-06-20 05:00:00 UTC-07:00"
    assert live == [people | {"Status": "draft", "Locked": "yes", "Affinity": "512"}]
    assert gone == [
        people
        | {
            "Status": "dissolved",
            "Locked": "no",
            "Announced": noon,
            "Dissolved": noon,
            "Reason dissolved": "'=ill",
        }
    ]


@pytest.mark.each
def test_keep_aparts_problems_and_feedback(client, program, pair):
    mentor, mentee = pair
    match = MatchFactory(program=program, mentor=mentor, mentee=mentee)
    KeepApartFactory(program=program, first=mentor, second=mentee, note="they said so")
    ConcernFactory(participant=mentee, match=match, text="-no answer")
    FeedbackFactory(participant=mentee, match=match, met=True, rating=5, went_well="all")
    for factory in (KeepApartFactory, ConcernFactory, FeedbackFactory):
        factory()

    concerns = export(client, "matching_concern")
    feedback = export(client, "matching_feedback")

    assert export(client, "matching_keepapart") == [
        {
            "First": "Ada",
            "First email": "ada@conf.example",
            "Second": "Bo",
            "Second email": "bo@conf.example",
            "Reason": "by request",
            "Note": "they said so",
            "Allowed": "no",
        }
    ]
    assert concerns[0].pop("Reported")
    assert concerns == [
        {
            "Name": "Bo",
            "Email": "bo@conf.example",
            "Match": "Ada & Bo",
            "Kind": "I can’t reach my match",
            "Entered through": "the person’s page",
            "Text": "'-no answer",
            "Status": "open",
        }
    ]
    assert feedback[0].pop("Sent")
    assert feedback == [
        {
            "Name": "Bo",
            "Email": "bo@conf.example",
            "Match": "Ada & Bo",
            "Met": "yes",
            "Rating": "5",
            "Went well": "all",
        }
    ]


@pytest.mark.each
def test_mails_without_the_secret_of_their_links(client, program, pair):
    person = pair[0]
    EmailLogFactory(
        program=program,
        recipients=["ada@conf.example", "bo@conf.example"],
        state="sent",
        sent_at=NOON,
        text_body=f"Answer at https://conf.example{person.personal_path}.",
    )
    EmailLogFactory()

    mails = export(client, "notifications_emaillog")

    assert mails[0].pop("Queued")
    assert mails == [
        {
            "To": "ada@conf.example; bo@conf.example",
            "Kind": "Survey invitation",
            "State": "sent",
            "Not before": "2083-06-19 17:00:00 UTC-07:00",
            "Sent": "2083-06-20 05:00:00 UTC-07:00",
            "Attempts": "0",
            "Subject": "Hello",
            "Text": "Answer at https://conf.example/p/…/.",
        }
    ]


@pytest.mark.parametrize("name", LISTS)
def test_each_list_leads_to_its_export(client, program, name):
    page = client.get(reverse(f"admin:{name}_changelist")).content.decode()

    assert reverse(f"admin:{name}_export") in page
    assert client.get(reverse(f"admin:{name}_export")).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_number_of_queries_does_not_grow(client, program, django_assert_max_num_queries, name):
    def fill(number):
        for _ in range(number):
            match = MatchFactory(program=program)
            KeepApartFactory(program=program)
            ConcernFactory(participant=match.mentee, match=match)
            FeedbackFactory(participant=match.mentee, match=match)
            EmailLogFactory(program=program)

    fill(6)

    with django_assert_max_num_queries(12):
        assert len(export(client, name)) == 6
