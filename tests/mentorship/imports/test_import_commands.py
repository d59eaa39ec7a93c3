"""The two import commands as a host calls them: what they print, and how they refuse."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from mentorship.domain.files.layout import EMPTY
from mentorship.models import Participant, SurveyResponse
from tests.factories import ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db

DEMO = Path(__file__).parents[3] / "mentorship" / "demo"
SIGNUPS = "Email;Name;Ticket;Mentorship\nzoe@freemail.example;Zoë Müller;Online;mentor\n"
BOTH = pytest.mark.parametrize("command", ["import_signups", "import_responses"])


@pytest.fixture(autouse=True)
def program():
    return ProgramFactory(slug="conf")


@pytest.fixture
def file(tmp_path):
    def make(content: bytes | str, name="people.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return make


def printed(capsys, command: str, *args: str) -> dict:
    call_command(command, *args, "--program", "conf", "--json")
    return json.loads(capsys.readouterr().out)


def test_sample_files(capsys):
    keys = [
        "rows",
        "created",
        "updated",
        "unchanged",
        "not_taking_part",
        "refused",
        "role_changes",
        "attendance_changes",
        "no_longer_registered",
        "left_out",
        "questions",
        "columns",
    ]
    signups = printed(capsys, "import_signups", str(DEMO / "signups-2027-06-12.csv"))
    assert list(signups) == keys
    assert (signups["rows"], signups["created"], len(signups["refused"])) == (102, 77, 3)
    keys = [
        "rows",
        "people",
        "superseded",
        "unknown",
        "role_changes",
        "doubts",
        "refused",
        "left_out",
        "questions",
        "columns",
    ]
    answers = printed(capsys, "import_responses", str(DEMO / "survey-2027.csv"))
    assert list(answers) == keys
    assert (answers["rows"], answers["people"], answers["superseded"]) == (71, 63, 1)


def test_dry_run_saves_nothing(capsys, file):
    assert printed(capsys, "import_signups", file(SIGNUPS), "--dry-run")["created"] == 1
    assert not Participant.objects.exists()
    ParticipantFactory(program__slug="other", email="zoe@freemail.example")
    assert printed(capsys, "import_signups", file(SIGNUPS))["created"] == 1


def test_doubts_go_to_standard_error(capsys, file):
    path = file(SIGNUPS.replace("Online", "Hybrid"))
    call_command("import_signups", path, "--program", "conf", "--json")
    out, err = capsys.readouterr()
    assert json.loads(out)["created"] == 1
    assert json.loads(out)["questions"] == [
        {
            "question": "1 row says “Hybrid”. In person, virtual, or ask them?",
            "value": "Hybrid",
            "rows": 1,
            "options": ["in_person", "virtual", "ask"],
            "flag": '--value "Hybrid=in_person|virtual|ask"',
            "must": False,
        }
    ]
    assert err.splitlines() == [
        "1 row says “Hybrid”. In person, virtual, or ask them? "
        'Answer with --value "Hybrid=in_person|virtual|ask".',
        "Row 2, zoe@freemail.example: ticket not understood: Hybrid",
    ]


def test_a_long_import_says_how_far_it_is(capsys, file):
    rows = "".join(f"p{n}@freemail.example;P {n};Online;mentor\n" for n in range(2500))
    call_command("import_signups", file(f"Email;Name;Ticket;Mentorship\n{rows}"), program="conf")
    out, err = capsys.readouterr()
    assert out.splitlines()[:2] == ["rows: 2500", "created: 2500"]
    assert err.splitlines() == [
        "1000 of 2500 (40 %)",
        "2000 of 2500 (80 %)",
        "2500 of 2500 (100 %)",
    ]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_encodings_are_read_right(capsys, file, encoding):
    assert printed(capsys, "import_signups", file(SIGNUPS.encode(encoding)))["created"] == 1
    assert Participant.objects.get().name == "Zoë Müller"


@BOTH
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", EMPTY.format("people.csv")),
        (" \n\n", EMPTY.format("people.csv")),
        (
            bytes(range(256)) * 20,
            "people.csv is not a text file. Save the spreadsheet as CSV or XLSX and try again.",
        ),
        (
            b"\x89PNG\r\n\x1a\n" + bytes(200),
            "people.csv is a picture, not a spreadsheet that can be read here. "
            "Export the list as CSV or XLSX where it comes from, and choose that file.",
        ),
        (
            b"PK\x03\x04" + bytes(200),
            "people.csv is not a workbook that can be read here. "
            "Save it as XLSX or CSV and try again.",
        ),
    ],
)
def test_a_file_that_is_no_spreadsheet_is_refused(file, command, content, sentence):
    with pytest.raises(CommandError) as error:
        call_command(command, file(content), program="conf")
    assert (str(error.value), error.value.returncode) == (sentence, 1)


@BOTH
def test_a_missing_file_is_refused(command, tmp_path):
    path = tmp_path / "gone.csv"
    with pytest.raises(CommandError) as error:
        call_command(command, str(path), program="conf")
    said = str(error.value), error.value.returncode
    assert said == (f"Cannot read {path}: No such file or directory.", 1)


@BOTH
def test_an_unknown_program_is_refused(file, command):
    with pytest.raises(CommandError) as error:
        call_command(command, file(SIGNUPS), program="typo")
    said = str(error.value), error.value.returncode
    assert said == ("There is no program “typo”. Programs: conf.", 1)


def test_a_file_without_an_address_column_is_refused(file):
    for command in ("import_signups", "import_responses"):
        with pytest.raises(CommandError) as error:
            call_command(
                command,
                file("Timestamp,Name,Ticket,Mentor or mentee\n2027-06-16,Zoë,Online,mentor\n"),
                program="conf",
            )
        said = str(error.value), error.value.returncode
        assert said == (
            "people.csv has no column for the email address. "
            "Columns found: “Timestamp”, “Name”, “Ticket”, “Mentor or mentee”. "
            "Say what a column is with --column HEADING=KEY.",
            1,
        )
    assert not Participant.objects.exists()
    assert not SurveyResponse.objects.exists()


BUYERS = (
    "Booker mail,Person mail,Name,Ticket,Mentorship\n"
    "pat@b.example,zoe@a.example,Zoë,Online,mentor\n"
)


def test_a_column_is_chosen_by_its_heading_or_number_and_remembered(capsys, file):
    path = file(BUYERS)
    with pytest.raises(CommandError) as error:
        printed(capsys, "import_signups", path)
    assert "“Booker mail”, “Person mail”" in str(error.value)
    assert "--column HEADING=KEY" in str(error.value)
    for said in ("Person mail=address", "2=address"):
        report = printed(capsys, "import_signups", path, "--dry-run", "--column", said)
        assert report["columns"][:2] == [
            {"heading": "Booker mail", "key": ""},
            {"heading": "Person mail", "key": "address"},
        ]
    printed(capsys, "import_signups", path, "--column", "person MAIL=address")
    assert printed(capsys, "import_signups", path)["unchanged"] == 1
    assert Participant.objects.get().email == "zoe@a.example"


@pytest.mark.parametrize(
    ("said", "sentence", "code"),
    [
        ("Nope=address", "people.csv has no column “Nope”. Columns found: “Email”, “Name”", 1),
        ("Email=e-mail", "“Email=e-mail” does not say what a column is.", 2),
        ("Email", "“Email” does not say what a column is.", 2),
        ("9=address", "people.csv has no column “9”.", 1),
    ],
)
def test_a_choice_of_a_column_that_is_none_is_refused(file, said, sentence, code):
    with pytest.raises(CommandError) as error:
        call_command("import_signups", file(SIGNUPS), "--column", said, "--program", "conf")
    assert str(error.value).startswith(sentence)
    assert error.value.returncode == code
    assert not Participant.objects.exists()


def test_the_sheet_that_fits_is_read_or_the_one_that_is_named(capsys, file):
    book = openpyxl.Workbook()
    book.active.title = "Summary"
    book.active.append(["Total", 1])
    for title, address in (("All", "zoe@a.example"), ("Late", "ann@a.example")):
        sheet = book.create_sheet(title)
        sheet.append(["Email", "Name", "Ticket", "Mentorship"])
        sheet.append([address, "Zoë", "Online", "mentor"])
    saved = io.BytesIO()
    book.save(saved)
    path = file(saved.getvalue(), "people.xlsx")

    call_command("import_signups", path, "--program", "conf", "--json", "--dry-run")
    assert "Only the sheet “All” is read; not “Summary”, “Late”." in capsys.readouterr().err
    printed(capsys, "import_signups", path, "--sheet", "late")
    assert Participant.objects.get().email == "ann@a.example"
    with pytest.raises(CommandError) as error:
        printed(capsys, "import_signups", path, "--sheet", "Early")
    assert str(error.value) == (
        "people.xlsx has no sheet “Early”. Its sheets: “Summary”, “All”, “Late”."
    )
    with pytest.raises(CommandError) as error:
        printed(capsys, "import_signups", file(SIGNUPS), "--sheet", "Early")
    assert str(error.value) == "people.csv has no sheet “Early”. It is no workbook."
