"""Taking an import back: everybody is as before, or it says of whom something was built on it."""

import datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.forms import model_to_dict

from mentorship.domain.files.spreadsheets import read_file, read_table
from mentorship.domain.imports.kinds import dry_run, run_import
from mentorship.domain.imports.responses import attach_responses
from mentorship.domain.imports.undo import Obstacle, obstacles, undo_import, why_not_at_all
from mentorship.domain.people.decisions import decide_role, keep_registered, save_details
from mentorship.domain.survey.answers import Answers
from mentorship.models import Import, Participant, SurveyResponse
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import EmailLog
from tests.factories import (
    MatchFactory,
    ParticipantFactory,
    ProgramFactory,
    UserFactory,
    record_response,
)

pytestmark = pytest.mark.django_db

DEMO = Path(__file__).parents[3] / "mentorship" / "demo"
FIRST, SECOND = DEMO / "signups-2027-06-12.csv", DEMO / "signups-2027-07-01.csv"
SURVEY = DEMO / "survey-2027.csv"
UNKNOWN = "never.registered2027@basalt-geo.example"


@pytest.fixture
def program():
    return ProgramFactory()


def bring_in(program, file, kind="signups") -> Import:
    table = file if not isinstance(file, Path) else read_file(file)
    return run_import(program, kind, table)[1]


def sheet(*rows: str, name="people.csv"):
    return read_table("\n".join(["Email,Name,Ticket,Mentorship", *rows]).encode(), name)


def state(program):
    """Return everything that an import may change, of everybody."""
    return [
        model_to_dict(person) | {"fields": sorted(field.pk for field in person.fields.all())}
        for person in Participant.objects.filter(program=program).order_by("pk")
    ]


def test_each_import_is_kept(program):
    user = UserFactory()
    done = run_import(program, "signups", read_file(FIRST), by=user)[1]
    assert (done.state, done.kind, done.file_name, done.created_by) == (
        "done",
        "signups",
        "signups-2027-06-12.csv",
        user,
    )
    assert len(done.sha256) == 64
    assert done.numbers == [
        [102, "rows in the file"],
        [77, "new"],
        [0, "changed"],
        [0, "unchanged"],
        [21, "not taking part"],
        [1, "to decide on"],
        [1, "repeated row"],
        [2, "refused"],
    ]
    assert [(section["slug"], section["total"]) for section in done.report["sections"]] == [
        ("refused", 2),
        ("undecided", 1),
        ("contradicted", 1),
        ("new", 77),
    ]
    dry_run(program, "signups", read_file(SECOND))
    assert Import.objects.count() == 1


@pytest.mark.slow
def test_undo_takes_all_sample_files_back_one_after_the_other(program):
    before, imports = [], []
    for file, resource in (
        (FIRST, "signups"),
        (SECOND, "signups"),
        (SURVEY, "responses"),
    ):
        before.append(state(program))
        imports.append(bring_in(program, file, resource))
    for done in reversed(imports):
        assert undo_import(done, by=(user := UserFactory())).undone_by == user
        assert state(program) == before.pop()
        done.refresh_from_db()
        assert (done.state, done.undo, done.unattached) == ("undone", {}, [])
    assert not Participant.objects.exists()
    assert not SurveyResponse.objects.exists()
    # And the same again gives the same again.
    assert bring_in(program, FIRST).numbers[1] == [77, "new"]


def test_the_newest_is_undone_first_and_nothing_twice(program):
    first, second = bring_in(program, FIRST), bring_in(program, SECOND)
    said = "signups-2027-07-01.csv was imported after it. Undo that first."
    assert why_not_at_all(first) == said
    with pytest.raises(ValidationError) as refused:
        undo_import(first)
    assert refused.value.messages == [f"signups-2027-06-12.csv cannot be undone. {said}"]
    undo_import(second)
    with pytest.raises(ValidationError) as refused:
        undo_import(second)
    assert refused.value.messages == [
        "signups-2027-07-01.csv cannot be undone. It was already undone."
    ]
    assert why_not_at_all(first) == ""


def with_an_answer(person):
    moment = datetime.datetime(2027, 6, 20, tzinfo=datetime.UTC)
    record_response(person, Answers(role="mentor"), submitted_at=moment, origin="form")


def with_a_match(person):
    MatchFactory(program=person.program, mentor=person)


def with_another_name(person):
    person.name = "Zora"
    save_details(person, ["name"])


def with_a_mail_that_left(person):
    queue_mail(person.program, "survey")
    EmailLog.objects.update(attempts=1)


@pytest.mark.parametrize(
    ("built", "why"),
    [
        (with_an_answer, "has a survey response since"),
        (with_a_match, "has a match since"),
        (with_another_name, "was edited since"),
        (with_a_mail_that_left, "has an email since"),
    ],
)
def test_whoever_has_something_more_by_now_is_named_and_nothing_is_undone(program, built, why):
    rows = "zoe@freemail.example,Zoë,Online,mentor", "ann@freemail.example,Ann,Online,mentee"
    done = bring_in(program, sheet(*rows[: 1 if built is with_a_mail_that_left else 2]))
    built(Participant.objects.get(email="zoe@freemail.example"))
    before = state(program)
    name = "Zora" if built is with_another_name else "Zoë"
    assert obstacles(done) == [Obstacle("zoe@freemail.example", name, why)]
    with pytest.raises(ValidationError) as refused:
        undo_import(done)
    assert refused.value.messages == [
        f"people.csv cannot be undone, because of {name} (zoe@freemail.example: {why})."
    ]
    assert state(program) == before
    assert Import.objects.get().state == "done"


def test_mail_that_waits_for_somebody_new_goes_with_them(program):
    known = ParticipantFactory(program=program, name="Known")
    done = bring_in(program, sheet("zoe@freemail.example,Zoë,Online,mentor"))
    queue_mail(program, "survey", rest_seconds=120)
    assert EmailLog.objects.count() == 2
    assert obstacles(done) == []
    undo_import(done)
    assert [list(mail.people.all()) for mail in EmailLog.objects.all()] == [[known]]
    assert list(Participant.objects.all()) == [known]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            lambda p: Participant.objects.filter(pk=p.pk).update(ticket="VIP"),
            "has another ticket since",
        ),
        (with_an_answer, "has a survey response since"),
        (with_a_match, "has a match since"),
    ],
)
def test_a_changed_person_stays_as_somebody_made_them_since(program, change, why):
    bring_in(program, sheet("zoe@freemail.example,Zoë,Online,mentor"))
    done = bring_in(program, sheet("zoe@freemail.example,Zoë,In person,mentee", name="late.csv"))
    change(person := Participant.objects.get())
    assert obstacles(done) == [Obstacle(person.email, "Zoë", why)]


def test_what_others_decided_before_and_beside_it_stays(program):
    bring_in(
        program, sheet("zoe@freemail.example,Zoë,Online,mentor", "ann@a.example,Ann,Online,mentee")
    )
    zoe = Participant.objects.get(name="Zoë")
    done = bring_in(program, sheet("zoe@freemail.example,Zoë,In person,mentee", name="late.csv"))
    decide_role(zoe, "mentor")
    undo_import(done)
    zoe.refresh_from_db()
    assert (zoe.decided_role, zoe.signup_role, zoe.ticket) == ("mentor", "mentor", "Online")
    assert zoe.history.first().history_change_reason == "import of late.csv undone"
    # Ann was flagged by it, and is not any more.
    assert not Participant.objects.not_in_signups().exists()


def test_a_corrected_address_that_somebody_else_has_by_now_stays(program):
    headings = "Order,Name,Email,Ticket,Mentorship"
    bring_in(program, read_table(f"{headings}\nA1,Ann,old@a.example,Virtual,mentor".encode(), "1"))
    table = read_table(f"{headings}\nA1,Ann,new@a.example,Virtual,mentor".encode(), "2")
    done = run_import(program, "signups", table)[1]
    ParticipantFactory(program=program, email="old@a.example", name="Olaf")
    before = state(program)
    why = "Olaf has their former address old@a.example now"
    assert obstacles(done) == [Obstacle("new@a.example", "Ann", why)]
    with pytest.raises(ValidationError, match=why):
        undo_import(done)
    assert state(program) == before
    Participant.objects.get(email="old@a.example").delete()
    undo_import(done)
    assert Participant.objects.get(program=program).email == "old@a.example"


def test_a_ruling_on_whom_it_flagged_is_in_the_way(program):
    bring_in(program, sheet("zoe@a.example,Zoë,Online,mentor", "ann@a.example,Ann,Online,mentee"))
    done = bring_in(program, sheet("zoe@a.example,Zoë,Online,mentor", name="late.csv"))
    keep_registered(ann := Participant.objects.get(name="Ann"))
    assert obstacles(done) == [Obstacle(ann.email, "Ann", "has another missing since since")]


def test_what_is_forgotten_cannot_be_undone(program):
    done = bring_in(program, FIRST)
    assert Import.objects.filter(program=program).forget_people() == 1
    done.refresh_from_db()
    assert (done.file_name, done.report, done.undo, done.unattached) == ("", {}, {}, [])
    assert done.numbers[1] == [77, "new"]
    assert why_not_at_all(done) == "What it changed is no longer saved."


def test_undo_takes_a_constant_number_of_queries(program, django_assert_max_num_queries):
    done = bring_in(program, FIRST)
    with django_assert_max_num_queries(60):
        undo_import(done)


def test_an_unknown_address_is_attached_and_counts_from_then_on(program):
    bring_in(program, FIRST)
    done = bring_in(program, SURVEY, "responses")
    assert [entry["value"] for entry in done.unattached][-1] == UNKNOWN
    person = Participant.objects.get(email="azaan.baral53@freemail.example")
    assert attach_responses(done, UNKNOWN, person) == 1
    response = person.responses.get()
    assert (response.origin, response.submitted_at.year) == ("import", 2027)
    done.refresh_from_db()
    assert UNKNOWN not in [entry["value"] for entry in done.unattached]
    with pytest.raises(ValidationError) as refused:
        attach_responses(done, UNKNOWN, person)
    assert refused.value.messages == [f"The response from {UNKNOWN} is no longer waiting here."]

    again, newest = run_import(program, "responses", read_file(SURVEY))
    assert UNKNOWN not in again.as_json()["unknown"]
    assert again.recorded == 0
    undo_import(newest)
    undo_import(done)
    assert not SurveyResponse.objects.exists()
    person.refresh_from_db()
    assert person.survey_role == ""


def test_answers_are_attached_to_nobody_of_another_program(program):
    done = bring_in(program, SURVEY, "responses")
    with pytest.raises(ValidationError, match="in another program"):
        attach_responses(done, UNKNOWN, ParticipantFactory())
    assert not SurveyResponse.objects.exists()
