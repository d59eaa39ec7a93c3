"""A person's own data: all that is about them, and nothing that is somebody else's."""

import datetime
import json

import pytest
from django.urls import reverse

from matching.models import Match
from mentorship.domain.people import decisions
from mentorship.models import Source
from tests.factories import (
    ConcernFactory,
    EmailLogFactory,
    FeedbackFactory,
    KeepApartFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime.datetime(2083, 6, 20, 12, tzinfo=datetime.UTC)
LOCAL = "2083-06-20 05:00 PDT"


@pytest.fixture
def ada():
    """Somebody about whom everything is stored that can be."""
    ada = ParticipantFactory(
        name="Ada",
        email="ada@conf.example",
        affiliation="Eastport",
        detail_sources={"affiliation": Source.RESEARCH.value},
        committee_notes="SECRET of the committee",
    )
    bo = ParticipantFactory(
        program=ada.program, name="Bo", email="bo@conf.example", mentee=True, notes="SECRET of Bo"
    )
    SurveyResponseFactory(participant=ada, submitted_at=NOON, notes="=mine")
    match = MatchFactory(
        program=ada.program,
        mentor=ada,
        mentee=bo,
        status=Match.Status.DISSOLVED,
        announced_at=NOON,
        dissolved_at=NOON,
        dissolved_why="SECRET reason",
    )
    draft = ParticipantFactory(program=ada.program, name="SECRET draft", mentee=True)
    MatchFactory(program=ada.program, mentor=ada, mentee=draft)
    KeepApartFactory(program=ada.program, first=ada, second=bo, note="SECRET ruling")
    ConcernFactory(participant=ada, text="late", outcome="SECRET outcome")
    ConcernFactory(participant=bo, match=match, text="SECRET complaint")
    FeedbackFactory(participant=ada, match=match, met=True, rating=4, went_well="all")
    for state, subject in (("sent", "Hello Ada"), ("failed", "SECRET mail")):
        mail = EmailLogFactory(
            program=ada.program,
            state=state,
            subject=subject,
            claimed_at=NOON,
            sent_at=NOON if state == "sent" else None,
            recipients=["ada@conf.example"],
        )
        mail.people.add(ada)
    other = EmailLogFactory(program=ada.program, subject="SECRET mail of Bo")
    other.people.add(bo)
    decisions.decide_role(ada, "mentee")
    decisions.decide_role(ada, "mentor")
    return ada


def test_everything_about_them_and_nothing_of_others(client, ada):
    answer = client.get(reverse("intake_data_file", args=[ada.link_key]))

    stored = json.loads(answer.content)
    assert list(stored) == [
        "program",
        "details",
        "answers",
        "changes",
        "matches",
        "problems",
        "feedback",
        "emails",
    ]
    details = {d["detail"]: (d["value"], d["from"]) for d in stored["details"]}
    assert details["Affiliation"] == ("Eastport", "research")
    assert details["Role decided"] == ("Mentor", "committee")
    answers = stored["answers"][0]
    assert (answers["sent"], answers["answers"][-1]["answer"]) == (LOCAL, "=mine")
    assert [(c["detail"], c["before"], c["after"]) for c in stored["changes"]] == [
        ("Role decided", "", "mentee"),
        ("Role decided", "mentee", "mentor"),
    ]
    assert stored["matches"] == [
        {
            "role": "mentor",
            "partner": "Bo",
            "partner_address": "bo@conf.example",
            "announced": LOCAL,
            "dissolved": LOCAL,
        }
    ]
    assert [(p["problem"], p["text"]) for p in stored["problems"]] == [
        ("I can’t reach my match", "late")
    ]
    assert [(f["met"], f["rating"], f["went_well"]) for f in stored["feedback"]] == [
        (True, 4, "all")
    ]
    assert stored["emails"] == [
        {
            "kind": "Survey invitation",
            "sent": LOCAL,
            "to": ["ada@conf.example"],
            "subject": "Hello Ada",
            "text": "Hello",
        }
    ]
    assert "SECRET" not in answer.content.decode()
    assert ada.link_key not in answer.content.decode()


def test_the_page_shows_it_too(client, ada):
    page = client.get(reverse("intake_data", args=[ada.link_key])).content.decode()

    assert [
        words in page for words in ("mentor of <bdi>Bo</bdi>", "late", "4 of 5", "Hello Ada")
    ] == [True] * 4
    assert "SECRET" not in page


def test_the_committee_gets_the_same_file(client, ada):
    own = client.get(reverse("intake_data_file", args=[ada.link_key])).content
    address = reverse("download_person_data", args=[ada.pk])
    user = MembershipFactory(program=ada.program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    page = client.get(reverse("admin:mentorship_participant_change", args=[ada.pk]))

    assert address in page.content.decode()
    assert client.get(address).content == own


def test_another_committee_does_not(client, ada):
    user = MembershipFactory(level="chair").user
    address = reverse("download_person_data", args=[ada.pk])

    assert client.get(address).status_code == 302
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(address).status_code == 404
