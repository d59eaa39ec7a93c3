"""The workbook of matches: what is on its sheets, and that nothing in it can run."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command

from matching.domain.sheets.check import check_sheets
from matching.domain.sheets.export import read_match_sheets
from matching.interfaces.sheets.match_workbook import export_matches
from mentorship.domain.files.formulas import CELL_AT_MOST, cell_text
from mentorship.domain.files.spreadsheets import read_sheets
from tests.factories import (
    MatchFactory,
    ParticipantFactory,
    QuestionFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db

PHYSICS, BIOLOGY = "Physics/Astro/Chemistry", "Biology/Health"


def book_of(program):
    return openpyxl.load_workbook(io.BytesIO(export_matches(program)[0]))


def rows_of(sheet, *headings):
    """Return these columns of a sheet, without the heading."""
    rows = list(sheet.iter_rows(values_only=True))
    at = [rows[0].index(heading) for heading in headings]
    return [tuple(row[i] for i in at) for row in rows[1:]]


def pair(program, mentor, mentee, field=PHYSICS, **details):
    field = program.fields.get(name=field)
    match = MatchFactory(
        program=program,
        mentor=ParticipantFactory(program=program, name=mentor, fields=[field.name], **details),
        mentee=ParticipantFactory(program=program, name=mentee, mentee=True, fields=[field.name]),
        bin=field,
    )
    return match.mentor, match.mentee


def test_the_sheets_hold_everybody_in_blocks_of_bins(program):
    mentor, _ = pair(program, "Ann A", "Bo B", BIOLOGY, capacity=2)
    MatchFactory(
        program=program,
        mentor=mentor,
        mentee=ParticipantFactory(program=program, name="Cy C", mentee=True, virtual=True),
        bin=program.fields.get(name=BIOLOGY),
    )
    ParticipantFactory(program=program, name="Di D", fields=[PHYSICS], virtual=True)
    ParticipantFactory(program=program, name="Ed E", fields=[PHYSICS])
    ParticipantFactory(program=program, name="Flo F", mentee=True)
    ParticipantFactory(name="Another program's")

    book = book_of(program)

    assert book.sheetnames == ["Mentors", "Mentees", "Checks", "Names", "Taken out"]
    assert [sheet.sheet_state for sheet in book] == ["visible"] * 3 + ["hidden"] * 2
    assert rows_of(book["Mentors"], "Bin", "Name", "Mentee match", "Attending", "Capacity") == [
        (PHYSICS, "Di D", None, "virtual", 1),
        (PHYSICS, "Ed E", None, "in person", 1),
        (BIOLOGY, "Ann A", "Bo B; Cy C", "in person", 2),
    ]
    assert rows_of(book["Mentees"], "Bin", "Name", "Mentor match") == [
        (BIOLOGY, "Cy C", "Ann A"),
        (BIOLOGY, "Bo B", "Ann A"),
        ("Other", "Flo F", None),
    ]
    mentors = book["Mentors"]
    shaded = [
        row[1].value
        for row in mentors.iter_rows(min_row=2)
        if row[1].fill.fgColor.rgb != "00000000"
    ]
    lined = [row[1].value for row in mentors.iter_rows(min_row=2) if row[1].border.top.style]
    assert (shaded, lined) == (["Di D"], ["Di D", "Ann A"])
    assert (mentors.freeze_panes, mentors.auto_filter.ref) == ("D2", "A1:R4")
    offered = [
        (str(v.sqref), v.formula1, v.errorStyle) for v in mentors.data_validations.dataValidation
    ]
    assert offered == [("C2:C4", "Names!$B$2:$B$4", "warning")]
    offered = [
        (str(v.sqref), v.formula1, v.errorStyle)
        for v in book["Mentees"].data_validations.dataValidation
    ]
    assert offered == [("C2:C4", "Names!$A$2:$A$4", "stop")]
    assert rows_of(book["Names"], "Mentors", "Mentees") == [
        ("Ann A", "Bo B"),
        ("Di D", "Cy C"),
        ("Ed E", "Flo F"),
    ]


def test_all_that_was_answered_is_on_them(program):
    person = ParticipantFactory(
        program=program, name="Ann A", email="ann@a.example", topics_offered="Tests", notes="Hi"
    )
    question = QuestionFactory(program=program, text="Which snack?", kind="multiple")
    SurveyResponseFactory(
        participant=person,
        wants_to_meet="Bo",
        rather_not_meet="Cy",
        free_hours=[9, 10],
        other_answers={str(question.pk): ["nuts", "tea"]},
    )
    values = rows_of(book_of(program)["Mentors"], *[
        "Email", "Offers to talk about", "Notes", "Would like to meet", "Would rather not meet",
        "Free hours", "Which snack?", "State",
    ])  # fmt: skip
    assert values == [
        ("ann@a.example", "Tests", "Hi", "Bo", "Cy", "9:00, 10:00", "nuts; tea", "responded")
    ]


def test_whoever_is_in_a_pair_is_on_a_sheet_and_it_says_what_is_wrong(program):
    mentor, mentee = pair(program, "Ann A", "Bo B")
    mentor.decided_role = "mentee"
    mentor.save()
    mentee.withdrawn_at = "2083-06-01T00:00Z"
    mentee.save()
    book = book_of(program)
    assert rows_of(book["Mentors"], "Name", "State") == [("Ann A", "now a mentee")]
    assert rows_of(book["Mentees"], "Name", "State") == [
        ("Ann A", "no response"),
        ("Bo B", "no longer taking part"),
    ]


def test_people_of_one_name_are_told_apart_by_address(program):
    pair(program, "Ann A", "Bo B", email="ann@a.example")
    pair(program, "A Ann", "Semi; Colon", email="ann@b.example")
    book = book_of(program)
    mentee = program.participants.get(name="Semi; Colon").email
    assert rows_of(book["Mentors"], "Name", "Mentee match") == [
        ("A Ann <ann@b.example>", f"Semi Colon <{mentee}>"),
        ("Ann A <ann@a.example>", "Bo B"),
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+34 600 000 000", "-5", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")']
)
def test_nothing_that_a_person_wrote_is_a_formula(program, text):
    person = ParticipantFactory(program=program, name=f"{text}x", notes=text, affiliation=text)
    SurveyResponseFactory(participant=person, wants_to_meet=text)
    QuestionFactory(program=program, text=text)
    book = book_of(program)
    sheets = [book[title] for title in book.sheetnames if title != "Checks"]
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]
    shown = [cell for cell in cells if cell.value is not None]
    assert {cell.data_type for cell in shown} == {"s", "n"}
    assert {cell.value for cell in shown if cell.data_type == "n"} == {1}
    assert all(cell.quotePrefix for cell in shown if cell.data_type == "s")
    assert rows_of(book["Mentors"], "Notes") == [(text.replace("\r", "\n"),)]


def test_what_a_cell_cannot_hold_is_replaced():
    assert cell_text("a\x00b\x1fc\ufffed") == "a\ufffdb\ufffdc\ufffdd"
    assert cell_text("a\r\nb\rc\td") == "a\nb\nc\td"
    assert cell_text("x" * 40_000) == "x" * (CELL_AT_MOST - 1) + "…"


def test_what_looks_like_a_coded_character_is_read_as_it_was_written(program):
    ParticipantFactory(program=program, notes="_x0041_ and _x000D_")
    sheet = read_sheets(export_matches(program)[0], "out.xlsx")["Mentors"]
    assert sheet.rows[0].cells[sheet.headings.index("Notes")] == "_x0041_ and _x000D_"


def test_the_check_of_two_sheets_finds_nothing_wrong_with_them(program):
    pair(program, "Ann A", "Bo B", email="ann@a.example")
    pair(program, "Ann A", "Semi; Colon", email="ann@b.example")
    sheets = read_sheets(export_matches(program)[0], "out.xlsx")
    assert check_sheets(sheets["Mentors"], sheets["Mentees"]).problems == []


def test_reading_takes_a_constant_number_of_queries(program, django_assert_num_queries):
    for number in range(6):
        pair(program, f"Ann {number}", f"Bo {number}")
    with django_assert_num_queries(6):
        read_match_sheets(program)


def test_the_command_writes_the_file_and_counts(program, tmp_path, capsys):
    pair(program, "Ann A", "Bo B")
    ParticipantFactory(program=program)
    call_command("export_matches", str(tmp_path / "out.xlsx"), program=program.slug, json=True)
    assert json.loads(capsys.readouterr().out) == {"mentors": 2, "mentees": 1, "pairs": 1}
    assert Path(tmp_path / "out.xlsx").read_bytes().startswith(b"PK")


def test_an_empty_program_gives_empty_sheets(program):
    content, numbers = export_matches(program)
    assert numbers == {"mentors": 0, "mentees": 0, "pairs": 0}
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames[:3] == [
        "Mentors", "Mentees", "Checks",
    ]  # fmt: skip
