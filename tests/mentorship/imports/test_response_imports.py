import datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext

from mentorship.domain.files.spreadsheets import read_file, read_table
from mentorship.domain.imports.responses import import_responses
from mentorship.domain.imports.signups import import_signups
from mentorship.domain.survey.answers import Answers
from mentorship.models import Participant, SurveyResponse
from tests.factories import ParticipantFactory, ProgramFactory, record_response

pytestmark = pytest.mark.django_db

DEMO = Path(__file__).parents[3] / "mentorship" / "demo"
SURVEY = DEMO / "survey-2027.csv"
HEADINGS = (
    "Timestamp\tEmail\tRole\tAttending\tFields\tSector\tCareer stage\tAffiliation"
    "\tHow many mentees\tTime zone\tNotes"
)
NOTHING = {
    "rows": 1,
    "people": 1,
    "superseded": 0,
    "unknown": [],
    "role_changes": [],
    "doubts": [],
    "refused": [],
    "left_out": [],
    "questions": [],
}


def sheet(*rows: str):
    return read_table("\n".join([HEADINGS, *rows]).encode(), "answers.tsv")


def answer(
    when="2027/06/16 10:18:00 AM",
    email="ada@freemail.example",
    role="Mentor",
    attending="Virtually",
    fields="Biology/Health, Other",
    sector="Academia",
    stage="Senior",
    affiliation="Tall Pines College",
    capacity="two",
    zone="Europe/Berlin",
    notes="I work on compilers.",
):
    cells = [when, email, role, attending, fields, sector, stage, affiliation, capacity, zone]
    return "\t".join([*cells, notes])


@pytest.fixture
def program():
    return ProgramFactory()


@pytest.fixture
def ada(program):
    return ParticipantFactory(program=program, email="ada@freemail.example")


def test_sample_answers(program):
    import_signups(program, read_file(DEMO / "signups-2027-06-12.csv"))
    import_signups(program, read_file(DEMO / "signups-2027-07-01.csv"))
    dry = import_responses(program, read_file(SURVEY), dry_run=True).as_json()
    assert not SurveyResponse.objects.exists()
    report = import_responses(program, read_file(SURVEY))
    assert (
        report.as_json()
        == dry
        == {
            "rows": 71,
            "people": 69,
            "superseded": 1,
            "unknown": ["never.registered2027@basalt-geo.example"],
            "role_changes": ["stuart.willis0@freemail.example"],
            "doubts": [
                {
                    "email": "jack.narang4@freemail.example",
                    "field": "capacity",
                    "value": "as many as you need!",
                }
            ],
            "refused": [],
            "left_out": [],
            "questions": [],
        }
    )
    assert (report.recorded, report.unchanged) == (70, 0)
    people = Participant.objects.filter(program=program)
    assert people.answered().count() == 69
    jack = people.get(email="jack.narang4@freemail.example")
    assert (jack.capacity, jack.responses.get().capacity_as_typed) == (1, "as many as you need!")
    stuart = people.get(email="stuart.willis0@freemail.example")
    assert (stuart.signup_role, stuart.role) == ("mentor", "mentee")
    twice = people.get(email="emanuelly.leao@mail.eastport.example")
    assert twice.notes == twice.responses.latest().notes
    assert twice.responses.count() == 2


def test_the_same_answers_again_add_nothing(program):
    import_signups(program, read_file(DEMO / "signups-2027-06-12.csv"))
    first = import_responses(program, read_file(SURVEY)).as_json()
    before = [model_to_dict(person) for person in Participant.objects.all()]
    counts = SurveyResponse.objects.count(), Participant.history.count()
    again = import_responses(program, read_file(SURVEY))
    assert [model_to_dict(person) for person in Participant.objects.all()] == before
    assert (SurveyResponse.objects.count(), Participant.history.count()) == counts
    assert again.as_json() == first | {"role_changes": []}
    assert (again.recorded, again.unchanged, again.changed) == (0, again.people, [])


def test_what_is_recorded_of_an_answer(program, ada):
    report = import_responses(program, sheet(answer()))
    assert report.as_json() == NOTHING
    response = SurveyResponse.objects.get()
    assert model_to_dict(response, exclude=["id", "fields", "participant"]) == {
        "submitted_at": datetime.datetime(2027, 6, 16, 17, 18, tzinfo=datetime.UTC),
        "origin": "import",
        "taking_part": True,
        "role": "mentor",
        "attendance": "virtual",
        "sector": program.sectors.get(name="Academia").pk,
        "career_stage": "senior",
        "affiliation": "Tall Pines College",
        "capacity": 2,
        "capacity_as_typed": "two",
        "time_zone": "Europe/Berlin",
        "topics_wanted": "",
        "topics_offered": "",
        "notes": "I work on compilers.",
        "wants_to_meet": "",
        "rather_not_meet": "",
        "free_hours": [],
        "days_there": [],
        "name": "",
        "short_name": "",
        "other_role": "",
        "other_answers": {},
        "doubts": [],
        "asked": [
            "affiliation",
            "capacity",
            "career_stage",
            "fields",
            "notes",
            "sector",
            "time_zone",
        ],
    }
    assert [row.name for row in response.fields.all()] == ["Biology/Health", "Other"]
    assert [(change.row, change.email, change.fields) for change in report.changed] == [
        (
            2,
            "ada@freemail.example",
            {
                "attendance": ("in person", "virtual"),
                "fields": ("", "Biology/Health, Other"),
                "sector": ("", "Academia"),
                "career stage": ("", "Senior"),
                "affiliation": ("", "Tall Pines College"),
                "mentees at most": ("1", "2"),
                "time zone": ("", "Europe/Berlin"),
                "notes": ("", "I work on compilers."),
            },
        )
    ]


def test_what_is_not_understood_is_a_doubt_and_the_rest_is_recorded(program, ada):
    row = answer(
        role="Either",
        attending="Hybrid",
        fields="Other; Astrology",
        sector="Space",
        stage="Wizard",
        capacity="lots",
        zone="Mars/Olympus",
    )
    report = import_responses(program, sheet(row))
    doubts = [
        ("attendance", "Hybrid"),
        ("capacity", "lots"),
        ("career stage", "Wizard"),
        ("fields", "Astrology"),
        ("role", "Either"),
        ("sector", "Space"),
        ("time zone", "Mars/Olympus"),
    ]
    assert sorted((doubt.field, doubt.value) for doubt in report.doubts) == doubts
    assert {(doubt.row, doubt.email) for doubt in report.doubts} == {(2, ada.email)}
    response = SurveyResponse.objects.get()
    assert sorted((doubt["field"], doubt["value"]) for doubt in response.doubts) == doubts
    ada.refresh_from_db()
    assert (ada.role, ada.attendance, ada.capacity) == ("mentor", "in_person", 1)
    assert (ada.affiliation, [row.name for row in ada.fields.all()]) == (
        "Tall Pines College",
        ["Other"],
    )


def test_of_two_answers_the_later_counts_wherever_it_stands(program, ada):
    rows = [
        answer(when="2027/06/17 09:00:00 AM", capacity="lots", notes="later"),
        answer(when="2027/06/16 09:00:00 AM", capacity="tons", notes="earlier"),
    ]
    report = import_responses(program, sheet(*rows))
    assert report.as_json() == NOTHING | {
        "rows": 2,
        "superseded": 1,
        "doubts": [{"email": ada.email, "field": "capacity", "value": "lots"}],
    }
    ada.refresh_from_db()
    assert ada.notes == "later"


def test_of_two_answers_at_once_the_lower_counts(program, ada):
    report = import_responses(program, sheet(answer(notes="upper"), answer(notes="lower")))
    assert (report.superseded, report.recorded) == (1, 1)
    ada.refresh_from_db()
    assert ada.notes == "lower"


@pytest.mark.parametrize(("hour", "counting"), [(16, "imported"), (18, "typed here")])
def test_an_older_answer_never_replaces_a_newer_one_of_the_form(program, ada, hour, counting):
    # The imported one is of 17:18 on this day.
    moment = datetime.datetime(2027, 6, 16, hour, tzinfo=datetime.UTC)
    record_response(
        ada, Answers(role="mentor", notes="typed here"), submitted_at=moment, origin="form"
    )
    report = import_responses(program, sheet(answer(role="mentee", notes="imported")))
    ada.refresh_from_db()
    assert ada.notes == counting
    assert report.role_changes == ([ada.email] if counting == "imported" else [])
    assert ada.responses.count() == 2


def test_blank_cells_of_another_form_take_nothing_out(program, ada):
    Participant.objects.update(affiliation="Cedar Bank", detail_sources={"affiliation": "signup"})
    report = import_responses(program, sheet(answer(affiliation="", attending="", role="")))
    ada.refresh_from_db()
    assert (ada.affiliation, ada.attendance, ada.role) == ("Cedar Bank", "in_person", "mentor")
    assert report.doubts == []


def test_an_answer_that_says_no_withdraws(program, ada):
    report = import_responses(program, sheet(answer(role="No, I cannot take part")))
    ada.refresh_from_db()
    assert not ada.takes_part
    assert [change.fields for change in report.changed] == [{"takes part": ("yes", "no")}]


def test_refused_rows_say_where_and_why(program, ada):
    report = import_responses(
        program,
        sheet(
            answer(email=""),
            answer(email="nobody"),
            answer(when=""),
            answer(when="last week"),
            answer(affiliation="x" * 201),
            answer() + "\tsurplus",
            answer(notes="N\0L"),
        ),
    )
    assert [(refused.row, refused.value, refused.why) for refused in report.refused] == [
        (2, "", "no address"),
        (3, "nobody", "invalid address"),
        (4, ada.email, "no time of the answer"),
        (5, "last week", "time of the answer not understood"),
        (6, "x" * 60 + "…", "affiliation longer than 200 characters"),
        (7, "surplus", "more cells than there are headings"),
        (8, "N␀L", "a character that no text can hold (NUL)"),
    ]
    assert not SurveyResponse.objects.exists()


def test_people_of_other_programs_are_unknown(program):
    ParticipantFactory(email="ada@freemail.example")
    report = import_responses(program, sheet(answer(), answer(when="2027/06/17 01:00:00 PM")))
    assert report.as_json() == NOTHING | {
        "rows": 2,
        "people": 0,
        "unknown": ["ada@freemail.example"],
    }


def test_hostile_text_is_kept_as_text(program, ada):
    notes = "=1+1 <img src=x onerror=alert(1)> {{ 7*7 }} \u202eabc 🦉"
    import_responses(program, sheet(answer(notes=notes)))
    ada.refresh_from_db()
    assert ada.notes == notes.replace("\u202e", "")


@pytest.mark.parametrize(
    ("heading", "called"),
    [("Email", "email address"), ("Timestamp", "time of the answer"), ("Role", "mentor or mentee")],
)
def test_a_missing_column_is_asked_for_by_name(program, ada, heading, called):
    names = HEADINGS.replace(heading, "Whatever")
    with pytest.raises(ValidationError) as error:
        import_responses(program, read_table(f"{names}\n{answer()}".encode(), "answers.tsv"))
    quoted = ", ".join(f"“{name}”" for name in names.split("\t"))
    held = " “Whatever” may be it." if heading == "Timestamp" else ""
    assert error.value.messages == [
        f"answers.tsv has no column for the {called}.{held} Columns found: {quoted}."
    ]
    assert not SurveyResponse.objects.exists()


def test_queries_grow_by_the_batch_and_not_by_the_row(program):
    ParticipantFactory.create_batch(200, program=program)
    people = Participant.objects.filter(program=program).values_list("email", flat=True)
    counts = []
    for when, emails in (("2027/06/16", people[:2]), ("2027/06/17", people)):
        rows = [answer(when=f"{when} 10:00:00 AM", email=email) for email in emails]
        with CaptureQueriesContext(connection) as queries:
            assert import_responses(program, sheet(*rows)).recorded == len(emails)
        counts.append(len(queries))
    # SQLite takes fewer values in one statement, so that two hundred rows are some statements more.
    assert counts[1] - counts[0] <= (0 if connection.vendor == "postgresql" else 20)


FORM = "Email,Timestamp,Role,Fields,Notes,Finished,Status"


def answers_in(program, *rows: str, headings: str = FORM):
    table = read_table("\n".join([headings, *rows]).encode(), "answers.csv")
    return import_responses(program, table)


def test_blank_unfinished_and_test_answers_never_replace_a_full_one(program, ada):
    report = answers_in(
        program,
        "ada@freemail.example,2027-06-01 10:00,Mentor,Other,Happy to help,True,IP Address",
        "ada@freemail.example,2027-06-02 10:00,Mentee,,,False,IP Address",
        "ada@freemail.example,2027-06-03 10:00,Mentee,,test,True,Survey Preview",
        "ada@freemail.example,2027-06-04 10:00,,,,True,IP Address",
    )
    assert [(row.row, row.why) for row in report.left_out] == [
        (3, "unfinished (Finished: False)"),
        (4, "a test (Status: Survey Preview)"),
        (5, "blank"),
    ]
    assert (report.people, report.superseded, report.recorded) == (1, 0, 1)
    ada.refresh_from_db()
    assert (ada.survey_role, ada.notes) == ("mentor", "Happy to help")


@pytest.mark.parametrize("together", [True, False])
def test_answers_come_to_the_same_in_one_file_and_in_two(program, ada, together):
    rows = [
        "ada@freemail.example,2027-06-01 10:00,Mentee,Other,First,,",
        "ada@freemail.example,2027-06-02 10:00,,Software Engineering,Second,,",
    ]
    for part in [rows] if together else [[row] for row in rows]:
        answers_in(program, *part)
    ada.refresh_from_db()
    assert (ada.survey_role, ada.notes, [field.name for field in ada.fields.all()]) == (
        "mentee",
        "Second",
        ["Software Engineering"],
    )


def test_answers_without_times_count_in_the_files_order_and_only_once(program, ada):
    rows = ["ada@freemail.example,Mentor,One", "ada@freemail.example,Mentee,Two"]
    report = answers_in(program, *rows, headings="Email,Role,Notes")
    assert (report.recorded, report.superseded, len(report.notes)) == (1, 1, 1)
    ada.refresh_from_db()
    assert (ada.survey_role, ada.notes) == ("mentee", "Two")
    again = answers_in(program, *rows, headings="Email,Role,Notes")
    assert (again.recorded, again.unchanged, SurveyResponse.objects.count()) == (0, 1, 1)


def test_the_address_that_the_program_knows_is_whose_answer_it_is(program, ada):
    report = answers_in(
        program,
        "a.quist@tenant.example,ada@freemail.example,2027-06-01 10:00,Mentor,",
        "ada@freemail.example,a.quist@home.example,2027-06-02 10:00,Mentee,",
        headings="Username,Your email address,Timestamp,Role,Notes",
    )
    assert (report.people, report.unknown) == (1, [])
    ada.refresh_from_db()
    assert ada.survey_role == "mentee"
