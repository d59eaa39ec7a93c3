"""Reading spreadsheet files and finding their columns."""

import datetime
import io

import openpyxl
import pytest
from django.core.exceptions import ValidationError

from mentorship.domain.columns.find import find_columns
from mentorship.domain.columns.found import cells_of, fault_of, need_a_name, whole_name
from mentorship.domain.columns.known import RESPONSE_COLUMNS, SIGNUP_COLUMNS
from mentorship.domain.files.layout import EMPTY
from mentorship.domain.files.spreadsheets import read_file, read_sheets, read_table
from mentorship.domain.files.tables import Row, Table

TEXT = 'Name,Affiliation\nKristýna Čermáková,Łódź\n\n"Two\r\nlines","say ""hi"""\n'
WESTERN = "Name,Place\nJosé Nuño,São Paulo\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_is_read_in_any_unicode_and_with_any_delimiter(encoding, delimiter):
    data = TEXT.replace(",", delimiter).encode(encoding)
    assert read_table(data, "people.csv") == Table(
        "people.csv",
        ["Name", "Affiliation"],
        [Row(2, ["Kristýna Čermáková", "Łódź"]), Row(4, ["Two\r\nlines", 'say "hi"'])],
    )


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_western_bytes_are_read(encoding):
    assert read_table(WESTERN.encode(encoding), "a.csv").rows == [
        Row(2, ["José Nuño", "São Paulo"])
    ]


def test_the_marks_of_windows_1252_are_read():
    assert read_table("Name\nO’Brien – €".encode("cp1252"), "a.csv").rows == [
        Row(2, ["O’Brien – €"])
    ]


def test_a_workbook_is_read_as_text_with_its_own_row_numbers():
    book = openpyxl.Workbook()
    book.active.append(["Name", "Capacity", "When", None])
    book.active.append(["Zoë", 2, datetime.datetime(2027, 6, 1, 12, 30)])
    book.active.append([])
    book.active.append(["=1+1", 2.5, datetime.date(2027, 6, 1)])
    book.active["A4"].data_type = "s"
    kept = io.BytesIO()
    book.save(kept)
    assert read_table(kept.getvalue(), "people.xlsx") == Table(
        "people.xlsx",
        ["Name", "Capacity", "When"],
        [
            Row(2, ["Zoë", "2", "2027-06-01 12:30:00"]),
            Row(4, ["=1+1", "2.5", "2027-06-01 00:00:00"]),
        ],
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", EMPTY.format("x.csv")),
        (b"\n\r\n  \n", EMPTY.format("x.csv")),
        (b",,\n,,\n", EMPTY.format("x.csv")),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            "x.csv is a picture, not a spreadsheet that can be read here. "
            "Export the list as CSV or XLSX where it comes from, and choose that file.",
        ),
        (
            bytes(range(256)) * 4,
            "x.csv is not a text file. Save the spreadsheet as CSV or XLSX and try again.",
        ),
        (
            b"PK\x03\x04 and then nothing of a workbook",
            "x.csv is not a workbook that can be read here. Save it as XLSX or CSV and try again.",
        ),
        (
            b"Ann,ann@a.example\nBo,bo@b.example\n",
            None,
        ),
        (
            b'Name,Note\nAnn,"never closed\nBo,\n',
            "x.csv breaks off inside a quoted cell: a quotation mark is opened and never closed. "
            "Export the file again.",
        ),
        (
            b"ann@a.example,17\n",
            "x.csv has no heading row: its first row is “ann@a.example”, “17”. "
            "Put the names of the columns into the first row.",
        ),
    ],
)
def test_what_is_no_spreadsheet_is_refused_in_a_sentence(data, message):
    if message is None:
        # A name could be a heading; the columns that are then missing are asked for.
        table = read_table(data, "x.csv")
        with pytest.raises(ValidationError, match="no column for the email address"):
            find_columns(table, SIGNUP_COLUMNS)
        return
    with pytest.raises(ValidationError) as refused:
        read_table(data, "x.csv")
    assert refused.value.messages == [message]


def test_a_missing_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(ValidationError) as refused:
        read_file(tmp_path / "none.csv")
    assert refused.value.messages == [
        f"Cannot read {tmp_path / 'none.csv'}: No such file or directory."
    ]


def test_a_zip_bomb_is_refused(monkeypatch):
    monkeypatch.setattr("mentorship.domain.files.workbooks.UNPACKED_AT_MOST", 1000)
    kept = io.BytesIO()
    openpyxl.Workbook().save(kept)
    with pytest.raises(ValidationError) as refused:
        read_table(kept.getvalue(), "big.xlsx")
    assert refused.value.messages == ["big.xlsx unpacks to more than a spreadsheet should hold."]


@pytest.mark.parametrize(
    "headings",
    [
        "Order #|First Name|Last Name|Email|Ticket Type|Company / Affiliation"
        "|Do you want to sign up for the SciPy mentorship program?|Registered at",
        "ORDER NUMBER|Given name|Surname|E-email address|Ticket|Organisation|Mentorship"
        "|Registration date",
        "Order ID|First|Last|Email Address|Ticket name|Employer|Mentor or mentee?|Order date",
        "Order reference|Attendee first name|Attendee last name|Attendee e-mail|Your ticket"
        "|Institution / company|Would you be a mentor?|Purchased at",
    ],
)
def test_signup_headings_are_found_by_meaning(headings):
    table = Table("a.csv", headings.split("|"), [])
    assert find_columns(table, SIGNUP_COLUMNS) == {
        "order": 0,
        "first_name": 1,
        "last_name": 2,
        "address": 3,
        "ticket": 4,
        "affiliation": 5,
        "answer": 6,
        "registered_at": 7,
    }


@pytest.mark.parametrize(
    "headings",
    [
        "Timestamp|Email Address|Your name|Would you like to be a mentor or a mentee?"
        "|How will you attend?|Field(s) of expertise (choose all that apply)|Employment sector"
        "|Career stage|Current affiliation|How many mentees could you take?|Time zone"
        "|Anything that helps us match you",
        "Submitted at|E-mail|Full name|Mentor or mentee|Attendance|Areas of expertise|Sector"
        "|Career level|Affiliation|Capacity|Timezone|Comments",
    ],
)
def test_survey_headings_are_found_by_meaning(headings):
    table = Table("a.csv", headings.split("|"), [])
    assert find_columns(table, RESPONSE_COLUMNS) == {
        "submitted_at": 0,
        "address": 1,
        "name": 2,
        "role": 3,
        "attendance": 4,
        "fields": 5,
        "sector": 6,
        "career_stage": 7,
        "affiliation": 8,
        "capacity": 9,
        "time_zone": 10,
        "notes": 11,
    }


def test_a_missing_column_is_asked_for_by_name():
    table = Table("a.csv", ["Name", "Ticket", "Telephone"], [])
    with pytest.raises(ValidationError) as refused:
        find_columns(table, SIGNUP_COLUMNS)
    assert refused.value.messages == [
        "a.csv has no column for the email address or the mentorship question. "
        "Columns found: “Name”, “Ticket”, “Telephone”."
    ]
    with pytest.raises(ValidationError) as refused:
        need_a_name(table, {"first_name": 0})
    assert refused.value.messages == [
        "a.csv has no column for the name (or first and last name). "
        "Columns found: “Name”, “Ticket”, “Telephone”."
    ]


def test_two_columns_for_one_thing_are_refused():
    table = Table("a.csv", ["Email", "E-mail", "Name", "Ticket", "Mentorship"], [])
    with pytest.raises(ValidationError) as refused:
        find_columns(table, SIGNUP_COLUMNS)
    assert refused.value.messages == [
        "a.csv has more than one column that could be the email address: “Email”, “E-mail”. "
        "Rename or remove all but one."
    ]


def test_short_rows_are_blank_at_the_end_and_long_or_null_ones_at_fault():
    found = {"name": 0, "first_name": 1, "last_name": 2}
    assert cells_of(Row(2, ["Ann A"]), found) == {
        "name": "Ann A",
        "first_name": "",
        "last_name": "",
    }
    assert whole_name({"name": "Ann A", "first_name": "", "last_name": ""}) == "Ann A"
    assert whole_name({"name": "Ann A", "first_name": "Bo", "last_name": "B"}) == "Bo B"
    assert fault_of(Row(2, ["a", "b", ""]), 2) is None
    assert fault_of(Row(2, ["a", "b", "c"]), 2) == ("c", "more cells than there are headings")
    assert fault_of(Row(2, ["a\0b"]), 2) == ("a␀b", "a character that no text can hold (NUL)")
    assert fault_of(Row(2, ["a", "b\x0b"]), 2) == (
        "b␋",
        "a character that no text can hold (U+000B)",
    )
    assert fault_of(Row(2, ["a\tb", "c\r\nd"]), 2) is None


def test_every_sheet_of_a_workbook_is_read_by_its_title():
    book = openpyxl.Workbook()
    book.active.title = "Mentors"
    book.active.append(["Name", "Capacity"])
    book.active.append(["Ann", 2])
    book.create_sheet("Nothing")
    hidden = book.create_sheet("Notes")
    hidden.append([" Words "])
    hidden.sheet_state = "hidden"
    content = io.BytesIO()
    book.save(content)

    sheets = read_sheets(content.getvalue(), "both.xlsx")

    assert sheets == {
        "Mentors": Table(
            "both.xlsx, sheet “Mentors”", ["Name", "Capacity"], [Row(2, ["Ann", "2"])]
        ),
        "Notes": Table("both.xlsx, sheet “Notes”", ["Words"], []),
    }
    assert read_sheets(b"Name\nAnn\n", "a.csv") == {"": Table("a.csv", ["Name"], [Row(2, ["Ann"])])}
