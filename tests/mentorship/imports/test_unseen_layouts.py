"""Layouts that no profile knows: what is certain is read, and what is not is asked about."""

import json

import pytest
from django.core.management import CommandError, call_command

from mentorship.domain.columns.choices import with_choices
from mentorship.domain.columns.headings import Headings
from mentorship.domain.columns.known import RESPONSE_COLUMNS, SIGNUP_COLUMNS
from mentorship.domain.files.spreadsheets import read_table
from mentorship.domain.imports.kinds import KINDS, run_import
from mentorship.models import Participant
from tests.factories import ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return ProgramFactory(slug="conf")


def bring_in(program, kind, *rows):
    the = KINDS[kind]
    table = the.read(program, "\n".join(rows).encode(), "a.csv")
    return run_import(program, kind, table, choice=the.choose(program, table, []))[0]


def signed_up(program):
    rows = program.participants.order_by("email").values_list("email", "name", "role", "attendance")
    return list(rows)


def refused(report):
    return [(row.row, row.value, row.why) for row in report.refused]


def test_a_row_whose_status_is_unclear_waits_for_an_answer(program):
    rows = [
        "Name,Email,Ticket,Mentorship,Status,Badge status",
        "Ada,ada@a.example,Virtual,Mentor,paid,printed",
        "Ben,ben@b.example,Virtual,Mentee,Transferred,new",
        "Cai,cai@c.example,Virtual,No,Transferred,new",
        "Dot,dot@d.example,Virtual,Mentee,processing,lost",
    ]
    report = bring_in(program, "signups", *rows)
    assert signed_up(program) == [
        ("ada@a.example", "Ada", "mentor", "virtual"),
        ("dot@d.example", "Dot", "mentee", "virtual"),
    ]
    assert refused(report) == [(3, "Transferred", "not clear whether it counts")]
    [question] = [q for q in report.questions if q.value == "Status: Transferred"]
    table = read_table("\n".join(rows).encode(), "a.csv")
    run_import(program, "signups", table, given={question.key: "counts"})
    assert program.participants.filter(email="ben@b.example").exists()


def test_somebody_known_is_not_gone_because_a_status_is_unclear(program):
    rows = ["Name,Email,Ticket,Mentorship,Status", "Ada,ada@a.example,Virtual,Mentor,paid"]
    bring_in(program, "signups", *rows, "Ben,ben@b.example,Virtual,Mentee,paid")
    report = bring_in(program, "signups", *rows, "Ben,ben@b.example,Virtual,Mentee,Exchanged")
    assert (report.no_longer_registered, len(report.refused)) == ([], 1)


def test_who_withdrew_in_a_column_of_its_own_is_left_out(program):
    report = bring_in(
        program,
        "signups",
        "Name,Email,Ticket,Mentorship,Withdrawn",
        "Ada,ada@a.example,Virtual,Mentor,",
        "Ben,ben@b.example,Virtual,Mentee,Yes",
        "Cai,cai@c.example,Virtual,Mentee,2027-06-01",
        "Dot,dot@d.example,Virtual,Mentor — withdrew 5/6,",
    )
    assert [person[0] for person in signed_up(program)] == ["ada@a.example"]
    assert [(row.row, row.why) for row in report.left_out] == [(3, "withdrawn"), (4, "withdrawn")]
    assert refused(report) == [(5, "Mentor — withdrew 5/6", "answer not understood")]


def test_an_address_that_several_share_is_its_buyers(program):
    report = bring_in(
        program,
        "signups",
        "Order,Purchaser Name,Purchaser Email,Attendee Name,Attendee Email,Ticket,Mentorship",
        "1,Pat Pay,pat@pay.example,Ann Ash,pat@pay.example,Virtual,Mentor",
        "1,Pat Pay,pat@pay.example,Pat Pay,pat@pay.example,Virtual,Mentee",
    )
    assert signed_up(program) == [("pat@pay.example", "Pat Pay", "mentee", "virtual")]
    assert refused(report) == [
        (
            2,
            "pat@pay.example",
            "same email address as row 3 (Pat Pay): Ann Ash needs one of their own",
        )
    ]


def test_a_list_of_orders_has_its_buyers_names(program):
    bring_in(
        program,
        "signups",
        "id,Customer Email,Customer Name,Ticket,Mentorship",
        "ch_1,ann@ash.example,Ann Ash,In person,mentor",
    )
    assert signed_up(program) == [("ann@ash.example", "Ann Ash", "mentor", "in_person")]


def test_the_number_of_an_item_is_no_ticket_and_a_blank_heading_is_nothing(program):
    bring_in(
        program,
        "signups",
        "Item #,Item Name,,Attendee Name,Attendee Email,Mentorship",
        "1,Conference - In person,no,Ann Ash,ann\N{FULLWIDTH COMMERCIAL AT}ash.example,Mentor",
    )
    assert signed_up(program) == [("ann@ash.example", "Ann Ash", "mentor", "in_person")]


def test_italian_answers(program):
    bring_in(
        program,
        "signups",
        "Name,Cognome,Indirizzo email,Tipo di biglietto,Vuoi partecipare al programma?,Mentoring",
        "Ada,Neri,ada@n.example,In presenza,,Mentore",
        "Bice,Neri,bice@n.example,Da remoto,,Sì come allieva",
        "Ciro,Neri,ciro@n.example,Da remoto,,Cerco un mentore",
    )
    assert [(person[0], person[2]) for person in signed_up(program)] == [
        ("ada@n.example", "mentor"),
        ("bice@n.example", "mentee"),
        ("ciro@n.example", "mentee"),
    ]


def test_in_french_the_same_word_is_asked_about(program):
    headings = "Nom,E-mail,Billet,Souhaitez-vous participer au mentorat ?"
    row = "Ada,ada@a.example,En ligne,Mentore"
    report = bring_in(program, "signups", headings, row, "Ben,ben@b.example,En ligne,Mentor")
    assert refused(report) == [(2, "Mentore", "answer not understood")]


FORM = {
    "camel case": [
        "Name_First,EmailAddress,MentorOrMentee,FieldsOfExpertise,HowManyMenteesCouldYouTake,"
        "Entry_Status,Entry_DateSubmitted",
        'Ada,ada@a.example,Mentor,"Biology/Health, Software Engineering",2,Submitted,'
        "6/13/2027 9:05",
    ],
    "a summary beside the choices": [
        "email;role;fields;fields/biology_health;fields/software_engineering;"
        "how_many_mentees;_submission_time",
        "ada@a.example;mentor;biology_health software_engineering;1;1;2;2027-06-13T16:05:05",
    ],
    "a question that its choices go on with": [
        "Your email,I would like to,I would like to (be a mentor),I would like to (have a mentor),"
        "Fields of expertise,How many mentees?,Submitted at",
        'ada@a.example,be a mentor,TRUE,FALSE,"Biology/Health,Software Engineering",2,'
        "2027-06-13 09:05:00",
    ],
}


@pytest.mark.parametrize("layout", FORM)
def test_what_form_tools_write_is_read_whole(program, layout):
    ParticipantFactory(program=program, email="ada@a.example", signup_role="mentee")
    report = bring_in(program, "responses", *FORM[layout])
    ada = Participant.objects.get()
    assert (ada.survey_role, ada.capacity, report.doubts, report.refused) == ("mentor", 2, [], [])
    assert sorted(field.name for field in ada.fields.all()) == [
        "Biology/Health",
        "Software Engineering",
    ]


def keys(columns, *lines):
    table = with_choices(read_table("\n".join(lines).encode(), "a.csv"))
    return Headings(table, columns, {}).keys


def test_a_question_is_about_the_role_only_together_with_its_answers():
    assert keys(SIGNUP_COLUMNS, "Email,I want to be a", "a@a.example,Mentor")[1] == "answer"
    for asked, said in (
        ("Topics I cover as a mentor", "Python"),
        ("My favorite thing", "Mentor"),
        ("I have been a", "Python developer"),
    ):
        assert keys(RESPONSE_COLUMNS, f"Email,{asked}", f"a@a.example,{said}")[1] == "", asked


def test_columns_that_could_be_it_are_named_apart(capsys, program, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("Name,Email,Ticket,I want to,I want to\nAda,ada@a.example,Virtual,Yes,\n")
    with pytest.raises(CommandError, match=r"“I want to” .column 4., “I want to” .column 5."):
        call_command("import_signups", str(file), "--program", "conf", "--json")
    file.write_text(
        "Name,Email,Ticket,Interested in mentorship?,As what?\n"
        "Ada,ada@a.example,Virtual,Yes,Mentor\n"
    )
    with pytest.raises(CommandError, match=r"“As what.” may be it"):
        call_command("import_signups", str(file), "--program", "conf", "--json")
    call_command("import_signups", str(file), "--program", "conf", "--json", "--column", "5=answer")
    assert json.loads(capsys.readouterr().out)["created"] == 1
