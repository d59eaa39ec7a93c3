"""Finding the table in a sheet: titles above it, more rows of headings, totals under it."""

import pytest
from django.core.exceptions import ValidationError

from mentorship.domain.columns.find import knowing
from mentorship.domain.columns.known import RESPONSE_COLUMNS, SIGNUP_COLUMNS
from mentorship.domain.files.layout import lay_out
from mentorship.domain.files.spreadsheets import read_table
from mentorship.domain.files.tables import Row, RowLeftOut

SIGNUPS = knowing(SIGNUP_COLUMNS, {})
ANSWERS = knowing(RESPONSE_COLUMNS, {})


def cells(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip().splitlines()]


def test_a_title_above_the_headings_is_none():
    table = lay_out(
        "a.csv",
        cells(
            "Attendees of the Conf||\nExported|2027-06-30|\n||\n"
            "Name|Email|Ticket\nZak|z@k.example|x"
        ),
        SIGNUPS,
    )
    assert (table.headings, table.rows) == (
        ["Name", "Email", "Ticket"],
        [Row(5, ["Zak", "z@k.example", "x"])],
    )
    assert table.note == "The headings are in row 4. What is above them is taken for a title."


def test_without_headings_that_are_known_the_first_row_has_them():
    table = lay_out("a.csv", cells("Foo|Bar\nName of it|x"), SIGNUPS)
    assert (table.headings, len(table), table.note) == (["Foo", "Bar"], 1, "")
    with pytest.raises(ValidationError):
        lay_out("a.csv", cells("z@k.example|1\ny@k.example|2"), SIGNUPS)


def test_a_row_of_choices_under_the_headings():
    table = lay_out(
        "a.csv",
        cells(
            "Respondent ID|Your email|Mentor or mentee?|Fields|||Notes\n"
            "|Response|Response|Biology|Physics|Other (please specify)|Open-Ended Response\n"
            "1|a@x.example|Mentor|Biology||Birds|hi"
        ),
        ANSWERS,
    )
    fields = ["Fields", "Fields", "Fields"]
    assert table.headings == ["Respondent ID", "Your email", "Mentor or mentee?", *fields, "Notes"]
    assert table.choices == ["", "", "", "Biology", "Physics", "Other (please specify)", ""]
    assert [row.number for row in table.rows] == [3]


def test_the_rows_of_qualtrics():
    ids = (
        '{"ImportId":"a"}|{"ImportId":"recordedDate","timeZone":"America/Denver"}|{"ImportId":"b"}'
    )
    table = lay_out(
        "a.csv",
        cells(
            "Q1|RecordedDate|role\n"
            "What is your email?|Recorded Date|Which one are you?\n"
            f"{ids}\na@x.example|2027-06-16 10:00|Mentor"
        ),
        ANSWERS,
    )
    assert table.headings == ["What is your email?", "Recorded Date (America/Denver)", "role"]
    assert [row.number for row in table.rows] == [4]
    assert [left.number for left in table.left_out] == [2, 3]


@pytest.mark.parametrize("cell", ['{"ImportId":' * 3000, '{"ImportId": "a", "timeZone": "x'])
def test_what_only_begins_like_an_id_of_qualtrics_says_no_zone(cell):
    table = lay_out("a.csv", cells(f"Q1|Q2\nEmail?|Role?\n{cell}|x\na@x.example|Mentor"), ANSWERS)
    assert table.headings == ["Email?", "Role?"]
    assert [row.number for row in table.rows] == [4]


def test_headings_that_come_again_and_totals_are_nobody():
    table = lay_out(
        "a.csv",
        cells(
            "Name|Email|Ticket\nBo|b@x.example|x\nname|EMAIL|ticket\nCy|c@x.example|x\n"
            "Dee||\n7||\n||\nTotal|2|\nExported by the office||\n||2"
        ),
        SIGNUPS,
    )
    assert [row.number for row in table.rows] == [2, 4, 5, 6]
    assert table.left_out == [
        RowLeftOut(8, "Total 2", "a total or note under the table"),
        RowLeftOut(9, "Exported by the office", "a total or note under the table"),
        RowLeftOut(10, "2", "a total or note under the table"),
        RowLeftOut(3, "name EMAIL ticket", "the headings again"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'sep=;\nName;Email\n"A;B";a@x.example\n',
        '"sep=;"\r\nName;Email\r\n"A;B";a@x.example\r\n',
        'SEP=;;\rName;Email\r"A;B";a@x.example\r',
        '"Name,Email,Ticket"\n"""A;B"",a@x.example,x"\n',
    ],
)
def test_what_separates_the_cells(text):
    table = read_table(text.encode(), "a.csv")
    assert (table.headings[:2], table.rows[0].cells[:2]) == (
        ["Name", "Email"],
        ["A;B", "a@x.example"],
    )


@pytest.mark.parametrize("cell", ["#N/A", "#REF!", "#NAME?", "#NV", "#¡VALOR!"])
def test_a_formula_that_failed_is_a_blank_cell(cell):
    table = read_table(f"Name,Email\n{cell},a@x.example\n'{cell},#1 fan\n".encode(), "a.csv")
    assert [row.cells[0] for row in table.rows] == ["", cell]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n", "a PDF"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "a web page"),
        (b"\xef\xbb\xbf<html xmlns:x=''><table><tr><td>Name", "a web page"),
        (b"\xd0\xcf\x11\xe0", "an Excel file of the old kind (.xls)"),
        (b'[{"name": "A"}]', "JSON, which is data for programs"),
        (b"<!-- saved from a page -->\n<html><body>Name", "a web page"),
        (b"<?xml version='1.0'?><people/>", "XML, which is data for programs"),
        (b"{\\rtf1 Name", "a text document"),
        (b"PK\x03\x04........Index/Document.iwa", "a file of Apple’s Numbers"),
    ],
)
def test_what_is_no_spreadsheet_is_said_with_the_way_out(data, what):
    with pytest.raises(ValidationError) as refused:
        read_table(data, "a.csv")
    sentence = refused.value.messages[0]
    assert sentence.startswith(f"a.csv is {what}, not a spreadsheet that can be read here. ")
    assert "CSV" in sentence


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            b",".join(b"c%d" % n for n in range(3000)),
            "a.csv has 3,000 columns. At most 2,000 can be read. Export only the columns that are "
            "needed, or check what separates the cells.",
        ),
        (
            b"Name,Email\nA" + b"b" * 200_000 + b",x\n",
            "a.csv has a cell of more than 131,072 letters. Most likely a quotation mark is opened "
            "and never closed. Export the file again.",
        ),
    ],
)
def test_what_is_too_much_is_refused_in_a_sentence(data, sentence):
    with pytest.raises(ValidationError) as refused:
        read_table(data, "a.csv")
    assert refused.value.messages == [sentence]


def test_blank_columns_without_end_do_no_harm():
    table = read_table(b"Name,Email" + b"," * 100_000 + b"\nAnn,a@b.example\n", "a.csv")
    assert (table.headings, table.rows) == (["Name", "Email"], [Row(2, ["Ann", "a@b.example"])])
