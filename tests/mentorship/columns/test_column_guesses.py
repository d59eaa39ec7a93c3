"""What a file's columns are taken for, by heading and by content, and what is remembered."""

import pytest

from mentorship.domain.columns.find import find_columns
from mentorship.domain.columns.guesses import (
    Guess,
    as_remembered,
    faults_of,
    guess_columns,
    is_certain,
)
from mentorship.domain.columns.known import RESPONSE_COLUMNS, SIGNUP_COLUMNS
from mentorship.domain.files.spreadsheets import read_table
from mentorship.domain.files.tables import Row, Table
from mentorship.domain.imports.kinds import run_import
from mentorship.domain.imports.likely_people import Likely, likely_people
from mentorship.domain.imports.records import imported_before
from mentorship.models import Participant
from tests.factories import ParticipantFactory, ProgramFactory


def table(headings: str, *rows: str) -> Table:
    cells = [Row(number, row.split("|")) for number, row in enumerate(rows, start=2)]
    return Table("a.csv", headings.split("|"), cells)


def taken(guesses):
    return {guess.heading: (guess.key, guess.by) for guess in guesses}


def test_content_says_what_headings_do_not():
    file = table(
        "A|B|C|D|E|F|G|H|Diet",
        "zoe@a.example|Mentor|Virtually|2027/06/01 10:20|two|Europe/Berlin|Senior|yes|vegan",
        "ann@a.example|Mentee|In person|2027/06/02 10:20|up to 3|UTC|Student|no|",
        "bo@a.example|mentor|online|2027/06/02 11:20|2-3|Asia/Tokyo|Mid career|yes|none",
    )
    assert taken(guess_columns(file, RESPONSE_COLUMNS, {})) == {
        "A": ("address", "content"),
        "B": ("role", "content"),
        "C": ("attendance", "content"),
        "D": ("submitted_at", "content"),
        "E": ("capacity", "content"),
        "F": ("time_zone", "content"),
        "G": ("career_stage", "content"),
        "H": ("taking_part", "content"),
        "Diet": ("", ""),
    }


@pytest.mark.parametrize(
    "headings",
    [
        "E-mail|Navn|Billettype|Status|Vil du deltage i mentorprogrammet?",
        "E-mail|Имя и фамилия|Билет|Статус|Участие в программе наставничества",
        "メールアドレス|参加者名|チケット|ステータス|メンタープログラムに参加しますか",
        "邮箱|姓名|票种|订单状态|是否参加导师计划",
    ],
)
def test_a_list_of_another_language_is_known_by_its_headings(headings):
    keys = [guess.key for guess in guess_columns(table(headings), SIGNUP_COLUMNS, {})]
    assert keys == ["address", "name", "ticket", "status", "answer"]


def test_the_programs_own_words_say_it_too():
    file = table("A|B", "Biology/Health, Other|Academia", "Other|Academia")
    options = {"fields": ["Biology/Health", "Other"], "sector": ["Academia", "Industry"]}
    assert taken(guess_columns(file, RESPONSE_COLUMNS, {}, options)) == {
        "A": ("fields", "content"),
        "B": ("sector", "content"),
    }


@pytest.mark.parametrize(
    "rows",
    [
        ("zoe@a.example|boss@a.example", "ann@a.example|boss@a.example"),
        ("17|3", "4|1"),
        ("no|0", "no|0"),
        ("|", "|"),
    ],
)
def test_content_that_may_be_two_things_is_not_guessed(rows):
    file = table("A|B", *rows)
    assert taken(guess_columns(file, SIGNUP_COLUMNS, {})) == {"A": ("", ""), "B": ("", "")}


def test_a_heading_stands_above_content_and_a_choice_above_both():
    file = table("Email|Contact|Name", "zoe@a.example|z@b.example|Zoë")
    assert taken(guess_columns(file, SIGNUP_COLUMNS, {})) == {
        "Email": ("address", "heading"),
        "Contact": ("", ""),
        "Name": ("name", "heading"),
    }
    chosen = {"email": "", "contact": "address"}
    assert taken(guess_columns(file, SIGNUP_COLUMNS, chosen)) == {
        "Email": ("", "choice"),
        "Contact": ("address", "choice"),
        "Name": ("name", "heading"),
    }
    assert find_columns(table("E-mail|Contact|Ticket|Mentorship"), SIGNUP_COLUMNS, chosen) == {
        "address": 1,
        "ticket": 2,
        "answer": 3,
    }


def test_three_different_samples_are_shown():
    file = table("A", "x", "x", "", "y", "z", "w")
    assert [guess.samples for guess in guess_columns(file, SIGNUP_COLUMNS, {})] == [["x", "y", "z"]]


def test_what_is_wrong_with_a_choice_is_said():
    def faults(*keys, joined=False):
        guesses = [Guess("", [], key, "choice", joined=joined) for key in keys]
        return faults_of(guesses, SIGNUP_COLUMNS)

    assert faults("address", "", "name", "answer", "ticket") == []
    assert faults("address", "name", "name", "answer", "ticket", joined=True) == []
    assert faults("buyer_address", "name", "status", "status", "wants_mentor", "ticket") == []
    assert faults("name", "name", "ticket") == [
        "Say which column is the email address and which the mentorship question.",
        "Two columns are taken for the name. Leave one.",
    ]
    assert faults("address", "answer", "ticket", "x") == [
        "There is no such thing as “x” to take a column for.",
    ]


def test_only_a_guess_by_content_is_uncertain():
    sure = table("Email|Name|Ticket|Mentorship|Diet", "zoe@a.example|Zoë|Online|mentor|vegan")
    unsure = table("Contact|Name|Ticket|Mentorship", "zoe@a.example|Zoë|Online|mentor")
    for file, certain in ((sure, True), (unsure, False)):
        guesses = guess_columns(file, SIGNUP_COLUMNS, {})
        assert is_certain(guesses, SIGNUP_COLUMNS) is certain


def test_what_headings_say_by_themselves_is_not_remembered():
    headings = ["E-mail", "Who", "Ticket", "", "Diet", "Twice", "Twice"]
    keys = ["address", "name", "", "order", "", "affiliation", ""]
    said = guess_columns(Table("a.csv", headings, []), SIGNUP_COLUMNS, {})
    assert as_remembered(headings, keys, said) == {"who": "name", "ticket": ""}


@pytest.mark.django_db
def test_a_choice_is_remembered_for_the_program_and_used_by_the_command_too():
    program = ProgramFactory()
    sheet = b"Who,Contact,Ticket,Mentorship\nZoe,zoe@a.example,Online,mentor\n"
    keys = ["name", "address", "ticket", "answer"]
    run_import(program, "signups", read_table(sheet, "a.csv"), choice=keys)
    program.refresh_from_db()
    assert program.import_columns == {"signups": {"who": "name", "contact": "address"}}
    later = sheet + b"Ann,ann@a.example,Online,mentee\n"
    report = run_import(program, "signups", read_table(later, "a.csv"))[0]
    assert (len(report.created), report.unchanged) == (1, 1)
    first = imported_before(program, "signups", read_table(sheet, "x").sha256)
    assert first is not None
    assert imported_before(program, "responses", first.sha256) is None


@pytest.mark.django_db
def test_a_column_of_yes_and_no_says_who_takes_part():
    ann = ParticipantFactory(email="ann@a.example")
    text = "Email,Timestamp,Role,Do you still want to take part?\nann@a.example,2027-06-01,mentor,"
    for said, takes_part in (("No", False), ("yes", True)):
        file = read_table(
            f"{text.replace('06-01', f'06-0{1 + takes_part}')}{said}\n".encode(), "a.csv"
        )
        run_import(ann.program, "responses", file)
        ann.refresh_from_db()
        assert ann.takes_part is takes_part
    file = read_table(f"{text.replace('06-01', '06-03')}hm\n".encode(), "a.csv")
    assert run_import(ann.program, "responses", file)[0].as_json()["doubts"] == [
        {"email": "ann@a.example", "field": "taking part", "value": "hm"}
    ]


@pytest.mark.django_db
def test_who_an_unknown_address_may_be():
    program = ProgramFactory()
    for email, name in (
        ("zoe.mueller@uni.example", "Zoë Müller"),
        ("ann@freemail.example", "Ann Ash"),
        ("kim1@a.example", "Kim Lee"),
        ("kim2@b.example", "Kim Lee"),
        ("jose.garcia.lopez@x.example", "José García López"),
    ):
        ParticipantFactory(program=program, email=email, name=name)
    asked = [
        ("zoe@home.example", "müller, zoe"),
        ("ann@freemial.example", ""),
        ("who@where.example", "Kim Lee"),
        ("lopez.garcia.jose@y.example", ""),
        ("a@b.example", "Jose Garcia Lopes"),
        ("nobody@nowhere.example", "Bo"),
    ]
    assert likely_people(program, asked) == {
        "zoe@home.example": Likely("zoe.mueller@uni.example", "Zoë Müller", "the same name"),
        "ann@freemial.example": Likely(
            "ann@freemail.example", "Ann Ash", "a similar email address"
        ),
        "who@where.example": None,
        "lopez.garcia.jose@y.example": Likely(
            "jose.garcia.lopez@x.example", "José García López", "an email address made of this name"
        ),
        "a@b.example": Likely("jose.garcia.lopez@x.example", "José García López", "a similar name"),
        "nobody@nowhere.example": None,
    }
    assert Participant.objects.count() == 5
