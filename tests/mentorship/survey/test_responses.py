"""One rule for every response: it is kept for good, and the newest one counts."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mentorship.domain.people.decisions import (
    decide_attendance,
    decide_role,
    rejoin,
    renew_link,
    withdraw,
)
from mentorship.domain.signals import people_changed, responses_recorded
from mentorship.domain.survey.answers import Answers, Submission
from mentorship.domain.survey.responses import record_all
from mentorship.models import Field, Participant, Sector, Source, SurveyResponse
from tests.factories import ParticipantFactory, ProgramFactory, record_response

pytestmark = pytest.mark.django_db
FORM, IMPORT = SurveyResponse.Origin.FORM, SurveyResponse.Origin.IMPORT


def at(hour: int) -> datetime.datetime:
    return datetime.datetime(2083, 6, 20, hour, tzinfo=datetime.UTC)


def answer(person, *, hour=12, origin=FORM, **given):
    return record_response(person, Answers(**given), submitted_at=at(hour), origin=origin)


def state(person) -> dict:
    person = Participant.objects.get(pk=person.pk)
    names = (
        "role attendance affiliation career_stage topics_wanted topics_offered notes capacity "
        "time_zone withdrawn_at withdrawn_why detail_sources"
    )
    found = {name: getattr(person, name) for name in names.split()}
    found["sector"] = str(person.sector or "")
    found["fields"] = [str(field) for field in person.fields.all()]
    return found


@pytest.fixture
def signals():
    """What was sent: ("answered", people) and ("changed", people), in order."""
    seen = []

    def answered(program, responses, **kwargs):
        seen.append(("answered", sorted(response.participant_id for response in responses)))

    def changed(program, participant_ids, **kwargs):
        seen.append(("changed", sorted(participant_ids)))

    responses_recorded.connect(answered)
    people_changed.connect(changed)
    yield seen
    responses_recorded.disconnect(answered)
    people_changed.disconnect(changed)


def test_an_answer_replaces_signup_and_research_and_leaves_the_decision(signals):
    person = ParticipantFactory(
        fields=["Other"],
        affiliation="Found on the web",
        notes="Found too",
        decided_attendance="virtual",
        detail_sources={"affiliation": "research", "notes": "committee", "name": "signup"},
    )
    program = person.program
    answer(
        person,
        role="mentee",
        attendance="in_person",
        fields=list(Field.objects.filter(program=program, name__in=["Biology/Health", "Other"])),
        sector=Sector.objects.get(program=program, name="Industry"),
        career_stage="early",
        affiliation="Harbor Lab",
        capacity=2,
        time_zone="Asia/Tokyo",
        topics_wanted="First jobs",
        topics_offered="Packaging",
    )
    assert state(person) == {
        "role": "mentee",
        "attendance": "virtual",
        "affiliation": "Harbor Lab",
        "career_stage": "early",
        "topics_wanted": "First jobs",
        "topics_offered": "Packaging",
        "notes": "",
        "capacity": 2,
        "time_zone": "Asia/Tokyo",
        "withdrawn_at": None,
        "withdrawn_why": "",
        "detail_sources": {
            "name": "signup",
            **dict.fromkeys(
                [
                    "affiliation",
                    "sector",
                    "career_stage",
                    "topics_wanted",
                    "topics_offered",
                    "notes",
                    "time_zone",
                    "capacity",
                    "fields",
                ],
                "survey",
            ),
        },
        "sector": "Industry",
        "fields": ["Biology/Health", "Other"],
    }
    assert list(Participant.objects.with_role_in_doubt()) == [person]
    assert signals == [("changed", [person.pk]), ("answered", [person.pk])]
    last = person.history.latest()
    assert (last.affiliation, last.history_change_reason) == ("Harbor Lab", "survey response")
    created = Participant.objects.get().created_at
    assert (last.created_at, created) == (person.created_at, person.created_at)


def test_the_newest_answer_counts_and_an_older_import_only_joins_the_record(signals):
    person = ParticipantFactory()
    answer(person, hour=12, role="mentee", notes="New")
    signals.clear()
    answer(person, hour=9, origin=IMPORT, role="mentor", notes="Old")
    assert (state(person)["role"], state(person)["notes"]) == ("mentee", "New")
    assert signals == []
    answer(person, hour=13, role="mentor", notes="Newest")
    assert (state(person)["role"], state(person)["notes"]) == ("mentor", "Newest")
    assert [r.notes for r in person.responses.all()] == ["Newest", "New", "Old"]


def test_the_later_of_two_answers_with_one_time_counts():
    person = ParticipantFactory()
    answer(person, notes="First")
    answer(person, notes="Second")
    assert state(person)["notes"] == person.responses.latest().notes == "Second"


def test_an_answer_against_a_decision_asks_the_committee_again():
    person = ParticipantFactory(survey_role="mentee")
    decide_role(person, "mentor")
    answer(person, hour=10, role="mentor")
    assert list(Participant.objects.with_role_in_doubt()) == []
    answer(person, hour=11, role="mentee")
    assert list(Participant.objects.with_role_in_doubt()) == [person]
    assert state(person)["role"] == "mentor"
    assert decide_role(person, "mentor").detail_sources.keys() == {
        *("affiliation", "sector", "career_stage", "topics_wanted", "topics_offered"),
        *("notes", "time_zone", "fields"),
    }
    assert list(Participant.objects.with_role_in_doubt()) == []
    answer(person, hour=12, role="mentee")
    answer(person, hour=13, role="mentor")
    assert list(Participant.objects.with_role_in_doubt()) == []


def test_a_response_is_never_changed():
    response = answer(ParticipantFactory(), notes="Said")
    response.notes = "Never said"
    with pytest.raises(TypeError, match="never changed"):
        response.save()
    with pytest.raises(TypeError, match="never changed"):
        SurveyResponse.objects.update(notes="Never said")
    assert SurveyResponse.objects.get().notes == "Said"


def test_empty_answers_of_an_import_leave_research_but_not_an_earlier_answer():
    person = ParticipantFactory(
        affiliation="Found",
        notes="Said before",
        topics_wanted="Not asked there",
        capacity=3,
        fields=["Other"],
        detail_sources={
            "affiliation": "research",
            "notes": "survey",
            "topics_wanted": "survey",
            "fields": "research",
        },
    )
    asked = frozenset({"affiliation", "notes", "fields", "capacity"})
    answer(person, origin=IMPORT, role="mentor", asked=asked)
    found = state(person)
    assert [found[k] for k in ("affiliation", "notes", "topics_wanted", "capacity", "fields")] == [
        "Found",
        "",
        "Not asked there",
        3,
        ["Other"],
    ]


def test_who_takes_no_part_is_withdrawn_with_details_kept_and_can_come_back(signals):
    person = ParticipantFactory(affiliation="Harbor Lab")
    answer(person, hour=12, taking_part=False)
    found = state(person)
    assert (found["withdrawn_at"], found["withdrawn_why"], found["affiliation"]) == (
        at(12),
        "Said so in the survey",
        "Harbor Lab",
    )
    answer(person, hour=13, role="mentor", affiliation="Harbor Lab")
    found = state(person)
    assert (found["withdrawn_at"], found["withdrawn_why"]) == (None, "")
    assert "withdrawn" not in found["detail_sources"]
    assert signals == [("changed", [person.pk]), ("answered", [person.pk])] * 2


def test_an_answer_does_not_undo_the_committees_withdrawal():
    person = ParticipantFactory()
    answer(person, hour=12, taking_part=False)
    withdraw(person, "Asked us by phone")
    answer(person, hour=13, role="mentor", notes="Hello")
    found = state(person)
    assert (found["withdrawn_at"], found["withdrawn_why"]) == (at(12), "Said so in the survey")
    assert found["notes"] == "Hello"


def test_words_of_another_program_are_refused_with_nothing_saved():
    person, other = ParticipantFactory(), ProgramFactory()
    with pytest.raises(ValidationError, match="another program"):
        answer(person, notes="Hello", fields=list(other.fields.all()))
    with pytest.raises(ValidationError, match="another program"):
        answer(person, notes="Hello", sector=other.sectors.first())
    with pytest.raises(ValidationError, match="role"):
        answer(person, notes="Hello", role="king")
    assert (SurveyResponse.objects.count(), state(person)["notes"]) == (0, "")


def many(people, hour, **given):
    return [Submission(p, Answers(role="mentor", **given), at(hour)) for p in people]


def test_many_answers_at_once_follow_the_same_rule(signals):
    program = ProgramFactory()
    first, second = ParticipantFactory.create_batch(2, program=program, mentee=True)
    fields = list(program.fields.all()[:2])
    batch = many([first], 9, notes="Newer", fields=fields) + many([first, second], 8, notes="Older")
    assert [r.notes for r in record_all(batch, origin=IMPORT).responses] == [
        "Newer",
        "Older",
        "Older",
    ]
    assert [state(p)["notes"] for p in (first, second)] == ["Newer", "Older"]
    assert [state(p)["fields"] for p in (first, second)] == [[str(f) for f in fields], []]
    assert list(first.responses.latest().fields.all()) == fields
    ids = sorted([first.pk, second.pk])
    assert signals == [("changed", ids), ("answered", ids)]
    signals.clear()
    assert record_all(batch, origin=IMPORT).responses == []
    assert (SurveyResponse.objects.count(), signals) == (3, [])


def test_the_number_of_queries_does_not_depend_on_the_number_of_answers():
    program = ProgramFactory()
    fields = list(program.fields.all()[:1])
    counts = []
    for size in (1, 20):
        people = ParticipantFactory.create_batch(size, program=program)
        with CaptureQueriesContext(connection) as queries:
            record_all(many(people, 9, fields=fields), origin=IMPORT)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16


def test_the_committee_takes_out_and_brings_back(signals):
    person = ParticipantFactory()
    gone = withdraw(person, "  Asked us to ")
    assert (gone.takes_part, gone.withdrawn_why) == (False, "Asked us to")
    assert gone.detail_sources == {"withdrawn": "committee"}
    assert withdraw(person, "Other", by=Source.SIGNUP).withdrawn_why == "Asked us to"
    back = rejoin(person)
    assert (back.takes_part, back.withdrawn_why, back.detail_sources) == (True, "", {})
    assert signals == [("changed", [person.pk])] * 2


def test_the_committee_decides_role_and_attendance(signals):
    person = ParticipantFactory(survey_role="mentee")
    assert decide_role(person, "mentor").role == "mentor"
    assert list(Participant.objects.with_role_in_doubt()) == []
    assert decide_role(person, "").role == "mentee"
    assert decide_attendance(person, "virtual").attendance == "virtual"
    assert decide_attendance(person, "").attendance == "in_person"
    assert signals == [("changed", [person.pk])] * 4
    with pytest.raises(ValidationError, match="not a role"):
        decide_role(person, "king")
    with pytest.raises(ValidationError, match="not a way to attend"):
        decide_attendance(person, "by boat")
    only = ParticipantFactory(signup_role="", decided_role="mentor")
    with pytest.raises(ValidationError, match="Choose mentor or mentee"):
        decide_role(only, "")


def test_a_renewed_link_ends_the_old_one():
    person = ParticipantFactory()
    renewed = renew_link(person)
    assert renewed.link_key != person.link_key
    assert Participant.objects.get().link_key == renewed.link_key
