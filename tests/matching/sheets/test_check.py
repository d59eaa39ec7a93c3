"""The check of two hand-made sheets."""

import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from matching.domain.sheets.check import check_sheets
from matching.domain.sheets.names import name_key, split_names
from mentorship.domain.files.spreadsheets import read_file, read_table

DEMO = Path("mentorship/demo")


def check(mentors, mentees):
    """Check two sheets given as CSV rows without their headings."""
    mentor_table = read_table(("Name,Email,Capacity,Mentee match\n" + mentors).encode(), "a.csv")
    mentee_table = read_table(("Name,Email,Mentor match\n" + mentees).encode(), "b.csv")
    return check_sheets(mentor_table, mentee_table)


def slips(result):
    return [(found["kind"], found["mentor"], found["mentee"]) for found in result.problems]


def test_last_years_sheets_have_the_slips_that_were_made_in_them_and_no_other():
    result = check_sheets(
        read_file(DEMO / "sheet-mentors-2026.csv"), read_file(DEMO / "sheet-mentees-2026.csv")
    )
    assert (result.mentors, result.mentees) == (13, 23)
    assert slips(result) == [
        ("name_not_in_mentee_sheet", "Vera Salom", "Nobody Known"),
        ("sheets_disagree", "Nuria Porta", "Alexandra Huertas"),
        ("mentee_with_two_mentors", "Ismael Ugarte", "Renato Prat"),
        ("mentee_not_in_mentor_sheet", "Manola Patiño", "Primitivo Abril"),
        ("mentor_over_capacity", "Vera Salom", None),
        ("mentor_over_capacity", "Ismael Ugarte", None),
    ]
    assert result.as_json()["pairs"] == [
        ["Adam Johnson", "Joseph Lowe"],
        ["Brittany Foster", "Christopher Taylor"],
        ["David Johnson", "María Cristina Caballero"],
        ["Denise Wolfe", "Anselmo Izquierdo"],
        ["Denise Wolfe", "Matthew Daugherty"],
        ["Edward Ferguson", "Segismundo Cazorla"],
        ["Gerardo Perelló", "Cristian Poza"],
        ["Gerardo Perelló", "Sol Miralles"],
        ["Grace Johnson", "Claudia Expósito"],
        ["Ismael Ugarte", "Juan Clark"],
        ["Kristen Douglas", "Renato Prat"],
        ["Manola Patiño", "Primitivo Abril"],
        ["Nuria Porta", "Alexandra Huertas"],
        ["Odalis Camps", "Jill Harris"],
        ["Odalis Camps", "Kimberly Buchanan"],
        ["Vera Salom", "Fabio Casanova"],
    ]


def test_names_are_the_same_in_other_accents_case_spacing_and_order():
    result = check(
        'Núria Łuczak,n@a.example,2,"MELLO, João; ana  d\'avila"\n',
        'Joao Mello,j@b.example,nuria luczak\nAna D’Ávila,a@b.example,"Łuczak, Nu\u0301ria"\n',
    )
    assert result.problems == []
    assert result.as_json()["pairs"] == [
        ["Núria Łuczak", "Ana D’Ávila"],
        ["Núria Łuczak", "Joao Mello"],
    ]


@pytest.mark.parametrize(
    ("mentors", "mentees", "expected"),
    [
        ("Ann A,,1,Bo B\n", "Bo B,,\n", [("mentor_not_in_mentee_sheet", "Ann A", "Bo B")]),
        ("Ann A,,1,\n", "Bo B,,Ann A\n", [("mentee_not_in_mentor_sheet", "Ann A", "Bo B")]),
        ("Ann A,,1,\n", "Bo B,,Cy C\n", [("name_not_in_mentor_sheet", "Cy C", "Bo B")]),
        ("Ann A,,1,Bo B\n", "Bo B,,Cy C\n", [("name_not_in_mentor_sheet", "Cy C", "Bo B")]),
        (
            "Ann A,,1,Bo B\nCy C,,1,\n",
            "Bo B,,Ann A; Cy C\n",
            [("mentee_with_two_mentors", "Cy C", "Bo B")],
        ),
        (
            "Ann A,,1,\nCy C,,1,\n",
            "Bo B,,Ann A and Cy C\n",
            [
                ("mentee_not_in_mentor_sheet", "Ann A", "Bo B"),
                ("mentee_with_two_mentors", "Cy C", "Bo B"),
            ],
        ),
        ("Ann A,,two,Bo B; Cy C\n", "Bo B,,Ann A\nCy C,,Ann A\n", []),
        (
            "Ann A,,0,Bo B\n",
            "Bo B,,Ann A\n",
            [("mentor_over_capacity", "Ann A", None)],
        ),
        (
            "Ann A,,1,Bo B\n",
            "Bo B,b@x.example,Ann A\nBo B,b@y.example,\n",
            [("ambiguous_name", "Ann A", "Bo B")],
        ),
        ("Ann A,,1,\n", "Bo B,b@x.example,\nBo B,b@y.example,\n", []),
        (
            "Ann A,a@x.example,2,Bo B\nAnn A,a@x.example,2,Cy C\n",
            "Bo B,,Ann A\nCy C,,Ann A\n",
            [],
        ),
    ],
)
def test_each_slip_is_said_once(mentors, mentees, expected):
    assert slips(check(mentors, mentees)) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "ben@b.example; cat@c.example",
        "Ben@B.example, cat@c.example",
        "Ben Cole <ben@b.example>; Cat Doe",
        "Dr. Ben Cole; Cat Doe (she/her)",
        "Cole, Ben; Doe, Cat",
        "Ben Cole (he/him), Prof. Dr. Cat Doe",
        "Ben Cole & cat@c.example",
    ],
)
def test_people_are_meant_by_address_and_without_titles_and_pronouns(cell):
    result = check(
        f'Ana Ng,ana@a.example,2,"{cell}"\n',
        "Ben Cole,ben@b.example,Ana Ng (they/them)\nCat Doe,cat@c.example,ana@a.example\n",
    )
    assert (slips(result), result.as_json()["pairs"]) == (
        [],
        [["Ana Ng", "Ben Cole"], ["Ana Ng", "Cat Doe"]],
    )


def test_an_address_that_nobody_has_is_named():
    result = check('Ana Ng,ana@a.example,2,"x@y.example"\n', "Ben Cole,ben@b.example,\n")
    assert slips(result) == [("name_not_in_mentee_sheet", "Ana Ng", "x@y.example")]


def test_people_of_one_name_are_told_apart_by_an_address_behind_it():
    result = check(
        "Ann A,a@x.example,1,Bo B <B@x.example>\nAnn A,a@y.example,1,Cy C; Bo B <b@y.example>\n",
        "Bo B,b@x.example,Ann A <a@x.example>\nBo B,b@y.example,\nCy C,,Ann A <a@y.example>\n",
    )
    assert (result.mentors, result.mentees) == (2, 3)
    assert slips(result) == [
        ("mentor_not_in_mentee_sheet", "Ann A <a@y.example>", "Bo B <b@y.example>"),
        ("mentor_over_capacity", "Ann A <a@y.example>", None),
    ]


def test_a_name_that_two_have_makes_no_pair():
    result = check("Ann A,,1,Bo B\n", "Bo B,b@x.example,Ann A\nBo B,b@y.example,\n")
    assert result.pairs == []
    assert result.problems == [
        {
            "kind": "ambiguous_name",
            "mentor": "Ann A",
            "mentee": "Bo B",
            "detail": "More than one person in the mentees’ sheet is called Bo B.",
        }
    ]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Jill Harris, Kim Bo", ["Jill Harris", "Kim Bo"]),
        ("Harris, Jill", ["Harris, Jill"]),
        ("Harris, Jill, Bo, Kim", ["Harris, Jill", "Bo, Kim"]),
        ("Jill Harris and Kim Bo", ["Jill Harris", "Kim Bo"]),
        ("Jill Harris & Kim Bo / Vera Salom", ["Jill Harris", "Kim Bo", "Vera Salom"]),
        ("Jill Harris\nVera Salom;", ["Jill Harris", "Vera Salom"]),
        ("Salom, Vera, Jill Harris", ["Salom, Vera", "Jill Harris"]),
        (" ; ,", []),
    ],
)
def test_names_in_one_cell_are_told_apart(cell, names):
    known = {name_key("Jill Harris"): 1, name_key("Kim Bo"): 1}
    assert split_names(cell, known) == names


def test_sheets_in_the_wrong_order_are_refused_with_the_columns_found():
    mentors = read_table(b"Name,Mentee match\nAnn A,Bo B\n", "mentors.csv")
    mentees = read_table(b"Name,Mentor match\nBo B,Ann A\n", "mentees.csv")
    with pytest.raises(ValidationError) as refused:
        check_sheets(mentees, mentors)
    assert refused.value.messages == [
        "mentees.csv has no column for the mentee match. Columns found: “Name”, “Mentor match”."
    ]


@pytest.mark.slow
def test_the_command_needs_no_database(tmp_path):
    files = [f"--{role}={DEMO / f'sheet-{role}-2026.csv'}" for role in ("mentors", "mentees")]
    ran = subprocess.run(
        [sys.executable, "manage.py", "check_matches", "--json", *files],
        env=os.environ
        | {
            "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
            "VAR_DIR": str(tmp_path / "none-yet"),
        },
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr.decode()) == (1, "")
    assert len(json.loads(ran.stdout)["problems"]) == 6


def test_a_workbook_with_both_sheets_can_be_named_twice(tmp_path, capsys):
    book = openpyxl.Workbook()
    book.active.append(["Mentee", "Mentor match"])
    book.active.append(["Bo B", "Ann A"])
    mentors = book.create_sheet("Mentors")
    mentors.append(["Mentor", "Mentee match"])
    mentors.append(["A., Ann", "B, BO"])
    book.save(tmp_path / "both.xlsx")
    file = str(tmp_path / "both.xlsx")
    call_command("check_matches", mentors=file, mentees=file, json=True)
    assert json.loads(capsys.readouterr().out) == {"problems": [], "pairs": [["A., Ann", "Bo B"]]}


def test_a_cell_with_thousands_of_commas_takes_no_time():
    names = split_names("a," * 10_000, {("a", "b"): 1})
    assert len(names) == 5_000
