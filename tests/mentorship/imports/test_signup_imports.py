import datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext

from mentorship.domain.files.spreadsheets import read_file, read_table
from mentorship.domain.imports.difference import DifferenceLine, signup_difference
from mentorship.domain.imports.signups import import_signups
from mentorship.domain.people.decisions import keep_registered, withdraw
from mentorship.domain.people.greeting import greeting
from mentorship.domain.signals import people_changed
from mentorship.models import Participant
from tests.factories import ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db

DEMO = Path(__file__).parents[3] / "mentorship" / "demo"
FIRST, SECOND = DEMO / "signups-2027-06-12.csv", DEMO / "signups-2027-07-01.csv"
HEADINGS = "Order #,First Name,Last Name,Email,Ticket Type,Company,Mentorship,Registered at"
NOTHING = {
    "created": 0,
    "updated": 0,
    "unchanged": 0,
    "not_taking_part": 0,
    "refused": [],
    "left_out": [],
    "questions": [],
    "role_changes": [],
    "attendance_changes": [],
    "no_longer_registered": [],
}


def sheet(*rows: str):
    return read_table("\n".join([HEADINGS, *rows]).encode(), "signups.csv")


def ada(answer="yes mentor", ticket="In person", company="Blue Heron", name="Ada,Quist"):
    return f"R1,{name},ada@blue-heron.example,{ticket},{company},{answer},06/06/2027 03:28"


def ben(answer="yes mentee"):
    return f"R2,Ben,Orr,ben@freemail.example,Virtual,,{answer},06/07/2027 03:28"


def everything():
    """Return all that is stored of the people, by address."""
    return {person.email: model_to_dict(person) for person in Participant.objects.all()}


@pytest.fixture
def program():
    return ProgramFactory()


def test_first_export(program):
    assert import_signups(program, read_file(FIRST)).as_json() == NOTHING | {
        "rows": 102,
        "created": 77,
        "not_taking_part": 21,
        "refused": [
            {"row": 22, "value": "", "why": "no address"},
            {"row": 33, "value": "not-an-address", "why": "invalid address"},
            {"row": 42, "value": "Maybe?", "why": "answer not understood"},
        ],
    }
    people = Participant.objects.filter(program=program)
    assert (people.count(), people.mentors().count(), people.mentees().count()) == (77, 44, 33)
    twice = people.get(email="kristyna.cermakova@cs.tall-pines.example")
    assert (twice.role, twice.name, twice.ticket) == (
        "mentee",
        "Kristýna Čermáková",
        "In-Person – Student",
    )
    assert people.exclude(attendance="").count() == 77


def test_no_row_of_an_export_goes_without_a_word(program):
    shown = signup_difference(import_signups(program, read_file(FIRST), dry_run=True))

    assert shown.numbers == [
        (102, "rows in the file"),
        (77, "new"),
        (0, "changed"),
        (0, "unchanged"),
        (21, "not taking part"),
        (1, "to decide on"),
        (1, "repeated row"),
        (2, "refused"),
    ]
    (section,) = [section for section in shown.sections if section.slug == "contradicted"]
    assert section.lines == [
        DifferenceLine(
            3,
            "Kristýna Čermáková",
            "kristyna.cermakova@cs.tall-pines.example",
            "“Yes, as a mentor”, but row 14 counts: “Yes, as a mentee”",
        )
    ]


def test_later_export(program):
    import_signups(program, read_file(FIRST))
    assert import_signups(program, read_file(SECOND)).as_json() == NOTHING | {
        "rows": 107,
        "created": 8,
        "updated": 62,
        "unchanged": 14,
        "not_taking_part": 23,
        "role_changes": [
            "kristyna.cermakova@cs.tall-pines.example",
            "leon.leduc@eastport.example",
        ],
        "attendance_changes": ["beatriz.monteiro20@freemail.example"],
        "no_longer_registered": ["azaan.baral53@freemail.example"],
    }
    people = Participant.objects.filter(program=program)
    flagged = people.filter(missing_since__isnull=False)
    assert [person.email for person in flagged] == ["azaan.baral53@freemail.example"]
    still = people.filter(missing_since=None)
    assert (still.mentors().count(), still.mentees().count()) == (48, 36)
    assert sorted(people.with_role_in_doubt().values_list("email", flat=True)) == [
        "kristyna.cermakova@cs.tall-pines.example",
        "leon.leduc@eastport.example",
    ]
    assert people.get(email="beatriz.monteiro20@freemail.example").is_virtual


@pytest.mark.parametrize("path", [FIRST, SECOND])
def test_the_same_export_again_changes_nothing(program, path):
    import_signups(program, read_file(FIRST))
    first = import_signups(program, read_file(path)).as_json()
    before, history = everything(), Participant.history.count()
    again = import_signups(program, read_file(path)).as_json()
    assert everything() == before
    assert Participant.history.count() == history
    assert again == first | {
        "created": 0,
        "updated": 0,
        "unchanged": first["created"] + first["updated"] + first["unchanged"],
        "role_changes": [],
        "attendance_changes": [],
    }


def test_dry_run_says_the_same_and_saves_nothing(program):
    import_signups(program, read_file(FIRST))
    before, history = everything(), Participant.history.count()
    said = import_signups(program, read_file(SECOND), dry_run=True).as_json()
    assert everything() == before
    assert Participant.history.count() == history
    assert said == import_signups(program, read_file(SECOND)).as_json()


def test_what_is_stored_of_a_new_person(program):
    import_signups(program, sheet(ada(name="  Ada ,Quist")))
    person = Participant.objects.get()
    assert model_to_dict(person, exclude=["id", "program", "fields"]) == {
        "email": "ada@blue-heron.example",
        "name": "Ada Quist",
        "short_name": "Ada",
        "signup_role": "mentor",
        "survey_role": "",
        "decided_role": "",
        "signup_attendance": "in_person",
        "survey_attendance": "",
        "decided_attendance": "",
        "affiliation": "Blue Heron",
        "sector": None,
        "career_stage": "",
        "topics_wanted": "",
        "topics_offered": "",
        "notes": "",
        "capacity": 1,
        "time_zone": "",
        "committee_notes": "",
        "ticket": "In person",
        "order_number": "R1",
        "registered_at": datetime.datetime(2027, 6, 6, 10, 28, tzinfo=datetime.UTC),
        "withdrawn_at": None,
        "withdrawn_why": "",
    }
    assert person.detail_sources == dict.fromkeys(("name", "short_name", "affiliation"), "signup")
    assert [(h.history_type, h.history_change_reason) for h in person.history.all()] == [
        ("+", "sign-ups imported from signups.csv")
    ]


def test_people_are_called_as_the_list_does_until_somebody_says_otherwise(program):
    def called():
        person = Participant.objects.get()
        return greeting(person), person.detail_sources.get("short_name")

    import_signups(program, sheet(ada(name="Ádám ,Quist")))
    assert called() == ("Ádám", "signup")
    report = import_signups(program, sheet(ada(name="Adam M.,Quist")))
    assert report.updated[0].fields == {
        "name": ("Ádám Quist", "Adam M. Quist"),
        "goes by": ("Ádám", "Adam"),
    }
    # Whose name is another one, and does not say which word is the first, has lost this one, too.
    import_signups(program, sheet(ada(name="A.,Quist")))
    assert called() == ("A. Quist", "signup")

    for sources in ({"name": "signup", "short_name": "survey"}, {"name": "committee"}):
        Participant.objects.update(name="A. Quist", short_name="", detail_sources=sources)
        import_signups(program, sheet(ada(name="Wei,Quist")))
        assert Participant.objects.get().short_name == ""


def test_changes_are_told_as_old_and_new(program):
    import_signups(program, sheet(ada(), ben()))
    changed = ada("mentee", "Virtual ticket", "Cedar Bank").replace("06/06", "06/20")
    report = import_signups(program, sheet(changed, ben()))
    assert [(change.email, change.fields) for change in report.updated] == [
        (
            "ada@blue-heron.example",
            {
                "affiliation": ("Blue Heron", "Cedar Bank"),
                "role": ("mentor", "mentee"),
                "attendance": ("in person", "virtual"),
                "ticket": ("In person", "Virtual ticket"),
                "registered at": ("Jun 6, 2027, 3:28 AM", "Jun 20, 2027, 3:28 AM"),
            },
        )
    ]
    person = Participant.objects.get(email="ada@blue-heron.example")
    assert (person.role, person.previous_signup_role) == ("mentee", "mentor")
    newest = person.history.first()
    assert (newest.affiliation, newest.created_at) == ("Cedar Bank", person.created_at)


@pytest.mark.parametrize("source", ["survey", "committee", "research"])
def test_details_known_from_elsewhere_stay(program, source):
    import_signups(program, sheet(ada()))
    Participant.objects.update(
        name="Ada Quist-Lang",
        affiliation="Tall Pines",
        detail_sources={"name": source, "affiliation": source},
    )
    report = import_signups(program, sheet(ada(company="Cedar Bank")))
    person = Participant.objects.get()
    assert (person.name, person.affiliation) == ("Ada Quist-Lang", "Tall Pines")
    assert report.as_json() == NOTHING | {"rows": 1, "unchanged": 1}


def test_blank_cells_take_nothing_out(program):
    import_signups(program, sheet(ada()))
    before = everything()
    assert import_signups(program, sheet(ada(ticket="", company=""))).unchanged == 1
    assert everything() == before


@pytest.mark.parametrize("later", [[ben()], [ben(), ada("No")], [ben(), ada("")]])
def test_whoever_is_gone_or_says_no_is_flagged_and_kept(program, later):
    import_signups(program, sheet(ada(), ben()))
    report = import_signups(program, sheet(*later))
    assert report.no_longer_registered == ["ada@blue-heron.example"]
    person = Participant.objects.get(email="ada@blue-heron.example")
    assert (person.missing_since is not None, person.takes_part) == (True, True)

    since = person.missing_since
    import_signups(program, sheet(*later))
    person.refresh_from_db()
    assert person.missing_since == since

    report = import_signups(program, sheet(ada(), ben()))
    assert report.no_longer_registered == []
    assert [(change.email, list(change.fields)) for change in report.updated] == [
        ("ada@blue-heron.example", ["registration"])
    ]
    person.refresh_from_db()
    assert person.missing_since is None


def test_the_committees_word_on_registration_stands(program):
    import_signups(program, sheet(ada(), ben()))
    keep_registered(Participant.objects.get(email="ada@blue-heron.example"))
    withdraw(Participant.objects.get(email="ben@freemail.example"), "wrote to us")
    ParticipantFactory(program=program, email="by.hand@freemail.example")
    other = sheet("R3,Cai,Lee,cai@freemail.example,Virtual,,mentor,06/07/2027 03:28")
    assert import_signups(program, other).no_longer_registered == []
    assert not Participant.objects.filter(missing_since__isnull=False).exists()


def test_a_refused_row_does_not_count_as_gone(program):
    import_signups(program, sheet(ada(), ben()))
    assert import_signups(program, sheet(ada("Maybe?"), ben())).no_longer_registered == []


def test_refused_and_doubtful_rows_say_where_and_why(program):
    report = import_signups(
        program,
        sheet(
            ada("either"),
            "R2,Ben,Orr,ben@freemail,Virtual,,mentee,06/07/2027 03:28",
            "R3,,,cai@freemail.example,Virtual,,mentee,06/07/2027 03:28",
            f"R4,{'x' * 201},Lee,dot@freemail.example,Virtual,,mentee,06/07/2027 03:28",
            "R5,Eve,Ng,eve@freemail.example,Virtual,,mentee,06/07/2027 03:28,surplus",
            "R6,Fay,N\0g,fay@freemail.example,Virtual,,mentee,06/07/2027 03:28",
            "R7,Gil,Roe,gil@freemail.example,Hybrid,,mentee,soon",
        ),
    )
    assert [(refused.row, refused.value, refused.why) for refused in report.refused] == [
        (2, "either", "answer not understood"),
        (3, "ben@freemail", "invalid address"),
        (4, "cai@freemail.example", "no name"),
        (5, "x" * 60 + "…", "name longer than 200 characters"),
        (6, "surplus", "more cells than there are headings"),
        (7, "N␀g", "a character that no text can hold (NUL)"),
    ]
    assert [(doubt.row, doubt.email, doubt.field, doubt.value) for doubt in report.doubts] == [
        (8, "gil@freemail.example", "ticket", "Hybrid"),
        (8, "gil@freemail.example", "registered at", "soon"),
    ]
    person = Participant.objects.get()
    assert (person.email, person.ticket, person.attendance) == (
        "gil@freemail.example",
        "Hybrid",
        "",
    )


def test_hostile_cells_are_kept_as_text(program):
    formula, tag = "=HYPERLINK(1)", "<script>alert(1)</script>"
    import_signups(program, sheet(ada(name=f"{formula},{tag}", company="{{ 7*7 }} \u202eabc 🦉")))
    person = Participant.objects.get()
    assert (person.name, person.affiliation) == (f"{formula} {tag}", "{{ 7*7 }} abc 🦉")


def test_other_programs_are_left_alone(program):
    other = ProgramFactory()
    import_signups(other, sheet(ada(), ben()))
    before = everything()
    report = import_signups(program, sheet(ada("mentee")))
    assert report.as_json() == NOTHING | {"rows": 1, "created": 1}
    kept = {person.email: model_to_dict(person) for person in other.participants.all()}
    assert kept == before


def test_a_table_without_rows_flags_nobody(program):
    import_signups(program, sheet(ada()))
    with pytest.raises(ValidationError) as error:
        import_signups(program, sheet())
    assert error.value.messages == ["signups.csv has headings, but no rows under them."]
    assert Participant.objects.get().missing_since is None


def test_new_roles_and_tickets_are_told_to_whoever_listens(program):
    told = []

    def listen(program, participant_ids, **_):
        told.append((program, participant_ids))

    people_changed.connect(listen)
    try:
        import_signups(program, sheet(ada(), ben()))
        import_signups(program, sheet(ada("mentee"), ben()))
    finally:
        people_changed.disconnect(listen)
    changed = Participant.objects.get(email="ada@blue-heron.example")
    assert told == [(program, [changed.pk])]


def crowd(count: int, affiliation: str):
    return sheet(
        *(
            f"R{n},Person,{n},p{n}@freemail.example,Virtual,{affiliation},mentor,06/06/2027 03:28"
            for n in range(count)
        )
    )


def queries_of(program, size: int, affiliation: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        import_signups(program, crowd(size, affiliation))
    return len(queries)


@pytest.mark.slow
@pytest.mark.parametrize(("known", "most"), [(False, 5), (True, 3)])
def test_queries_grow_by_the_batch_and_not_by_the_row(known, most):
    counts = {}
    for batches in (1, 2, most):
        program = ProgramFactory()
        if known:
            import_signups(program, crowd(1000 * batches, "Before"))
        counts[batches] = queries_of(program, 1000 * batches, "After")
        assert program.participants.filter(affiliation="After").count() == 1000 * batches
    a_batch = counts[2] - counts[1]
    assert counts[most] == counts[1] + (most - 1) * a_batch
    # Both savepoint and release may surround each of the few statements.
    assert a_batch <= (5 if connection.vendor == "postgresql" else 200)
