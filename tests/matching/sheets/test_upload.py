"""Bringing the two sheets back: which edits, which conflicts, and nothing half applied."""

import io
import json

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from matching.domain.matches.changes import announce, change_mentor, lock
from matching.domain.sheets.upload import import_matches
from matching.interfaces.sheets.match_workbook import export_matches
from matching.models import KeepApart, Match
from mentorship.domain.files.spreadsheets import read_sheets
from tests.factories import MatchFactory, ParticipantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(program):
    """Ann with Bo, Cy with Di; Ed takes one, and Flo is with nobody."""
    found = {
        name: ParticipantFactory(
            program=program, name=f"{name} X", email=f"{name.lower()}@{name.lower()}.example"
        )
        for name in ("Ann", "Cy", "Ed")
    }
    for name in ("Bo", "Di", "Flo"):
        found[name] = ParticipantFactory(
            program=program,
            name=f"{name} X",
            email=f"{name.lower()}@{name.lower()}.example",
            mentee=True,
        )
    for mentor, mentee in (("Ann", "Bo"), ("Cy", "Di")):
        MatchFactory(program=program, mentor=found[mentor], mentee=found[mentee])
    return found


class Workbook:
    """The program's workbook, edited by name and brought back."""

    def __init__(self, program):
        self.program = program
        self.book = openpyxl.load_workbook(io.BytesIO(export_matches(program)[0]))

    def write(self, sheet, name, match):
        row = next(r for r in self.book[sheet].iter_rows(min_row=2) if r[1].value == f"{name} X")
        row[2].value = "; ".join(f"{each} X" for each in match.split()) or None

    def sheets(self):
        content = io.BytesIO()
        self.book.save(content)
        return read_sheets(content.getvalue(), "in.xlsx")

    def back(self, **options):
        return import_matches(self.program, self.sheets(), **options)


def slips(report):
    return [(p.kind, p.mentor, p.mentee) for p in report.problems]


def pairs(program):
    live = program.matches.live().values_list("mentor__name", "mentee__name")
    return sorted((mentor[:-2], mentee[:-2]) for mentor, mentee in live)


def test_what_was_not_edited_changes_nothing(program, people):
    report = Workbook(program).back()
    assert report.as_json() == {"added": 0, "removed": 0, "unchanged": 2, "problems": []}
    assert report.notes == []


@pytest.mark.parametrize("edited", [["Mentors"], ["Mentees"], ["Mentors", "Mentees"]])
def test_an_edit_on_either_sheet_or_both_counts(program, people, edited):
    book = Workbook(program)
    if "Mentors" in edited:
        book.write("Mentors", "Ann", "")
        book.write("Mentors", "Ed", "Bo")
        book.write("Mentors", "Cy", "Flo")
    if "Mentees" in edited:
        book.write("Mentees", "Bo", "Ed")
        book.write("Mentees", "Di", "")
        book.write("Mentees", "Flo", "Cy")

    report = book.back()

    assert report.as_json() == {"added": 2, "removed": 2, "unchanged": 0, "problems": []}
    assert pairs(program) == [("Cy", "Flo"), ("Ed", "Bo")]
    gone = Match.objects.get(status="dissolved")
    assert (gone.mentee, gone.dissolved_why) == (people["Di"], "Removed on the edited sheets")


def test_the_sheets_may_each_have_a_part_of_an_edit(program, people):
    book = Workbook(program)
    book.write("Mentors", "Ann", "Flo")  # instead of Bo, who goes elsewhere on the other sheet
    book.write("Mentees", "Bo", "Ed")
    assert book.back().as_json() == {"added": 2, "removed": 1, "unchanged": 1, "problems": []}
    assert pairs(program) == [("Ann", "Flo"), ("Cy", "Di"), ("Ed", "Bo")]


def test_mentees_can_change_places(program, people, member):
    book = Workbook(program)
    book.write("Mentees", "Bo", "Cy")
    book.write("Mentees", "Di", "Ann")
    report = book.back(by=member)
    assert report.as_json() == {"added": 2, "removed": 2, "unchanged": 0, "problems": []}
    assert pairs(program) == [("Ann", "Di"), ("Cy", "Bo")]
    assert {m.history.first().history_user for m in program.matches.live()} == {member}
    assert all(m.affinity is not None for m in program.matches.live())


def test_a_dry_run_saves_nothing(program, people):
    book = Workbook(program)
    book.write("Mentees", "Flo", "Ed")
    assert book.back(dry_run=True).as_json()["added"] == 1
    assert pairs(program) == [("Ann", "Bo"), ("Cy", "Di")]


def test_what_was_changed_here_meanwhile_is_a_conflict_only_where_both_did(program, people):
    book = Workbook(program)
    change_mentor(Match.objects.get(mentee=people["Bo"]), people["Ed"])

    report = book.back()
    assert (report.as_json()["problems"], pairs(program)) == ([], [("Cy", "Di"), ("Ed", "Bo")])
    assert report.notes == [("Bo X", "with Ann X in the workbook, with Ed X here since")]

    book.write("Mentees", "Bo", "")
    assert slips(book.back()) == [("edited_meanwhile", None, "bo@bo.example")]
    book.write("Mentees", "Bo", "Ed")
    book.write("Mentors", "Ann", "")
    book.write("Mentors", "Ed", "Bo")
    assert book.back().as_json() == {"added": 0, "removed": 0, "unchanged": 2, "problems": []}


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        (
            [("Mentors", "Ed", "Bo")],
            [("mentee_with_two_mentors", "ed@ed.example", "bo@bo.example")],
        ),
        (
            [("Mentees", "Bo", "Ann Ed")],
            [("mentee_with_two_mentors", "ed@ed.example", "bo@bo.example")],
        ),
        (
            [("Mentors", "Ed", "Flo"), ("Mentees", "Flo", "Ann")],
            [("sheets_disagree", "ed@ed.example", "flo@flo.example")],
        ),
        (
            [("Mentees", "Flo", "Nobody")],
            [("name_not_in_mentor_sheet", "Nobody X", "flo@flo.example")],
        ),
        (
            [("Mentors", "Ann", "Boo")],
            [("name_not_in_mentee_sheet", "ann@ann.example", "Boo X")],
        ),
        ([("Mentees", "Flo", "Di")], [("role_changed", "di@di.example", "flo@flo.example")]),
        ([("Mentees", "Flo", "Ann")], [("mentor_over_capacity", "ann@ann.example", None)]),
    ],
)
def test_with_a_conflict_nothing_is_saved(program, people, edits, expected):
    book = Workbook(program)
    book.write("Mentees", "Di", "")  # an edit without any fault
    for edit in edits:
        book.write(*edit)
    assert slips(book.back()) == expected
    assert pairs(program) == [("Ann", "Bo"), ("Cy", "Di")]


def test_a_name_that_two_have_is_a_conflict_until_the_address_is_written(program, people):
    book = Workbook(program)
    ParticipantFactory(program=program, name="Ed X", email="ed@other.example")
    book.write("Mentees", "Flo", "Ed")
    assert slips(book.back()) == [("ambiguous_name", "Ed X", "flo@flo.example")]
    row = next(r for r in book.book["Mentees"].iter_rows() if r[1].value == "Flo X")
    row[2].value = "Ed X <ed@other.example>"
    assert book.back().as_json()["added"] == 1
    assert Match.objects.get(mentee=people["Flo"]).mentor.email == "ed@other.example"


def test_locked_kept_apart_and_withdrawn_are_conflicts(program, people):
    lock(Match.objects.get(mentee=people["Bo"]))
    KeepApart.objects.create(program=program, first=people["Ed"], second=people["Flo"])
    book = Workbook(program)
    book.write("Mentees", "Bo", "")
    book.write("Mentees", "Flo", "Ed")
    assert slips(book.back()) == [
        ("locked", "ann@ann.example", "bo@bo.example"),
        ("kept_apart", "ed@ed.example", "flo@flo.example"),
    ]
    people["Ed"].withdrawn_at = "2083-06-01T00:00Z"
    people["Ed"].save()
    assert ("withdrawn", "ed@ed.example", "flo@flo.example") in slips(book.back())


def test_an_announced_pair_changes_as_on_the_board(program, people):
    announce(program.matches.live())
    book = Workbook(program)
    book.write("Mentees", "Bo", "Ed")
    report = book.back()
    assert [(p.kind, p.warning) for p in report.problems] == [("announced", True)]
    live = Match.objects.live().get(mentee=people["Bo"])
    old = Match.objects.get(mentee=people["Bo"], status="dissolved")
    assert (live.mentor, live.status) == (people["Ed"], "draft")
    assert (old.mentor, old.dissolved_why) == (people["Ann"], "Bo X has another mentor now")


def test_rows_that_are_not_there_say_nothing(program, people):
    book = Workbook(program)
    for title, name in (("Mentors", "Ann"), ("Mentees", "Bo"), ("Mentors", "Cy")):
        number = next(r[1].row for r in book.book[title].iter_rows() if r[1].value == f"{name} X")
        book.book[title].delete_rows(number)
    assert book.back().as_json() == {"added": 0, "removed": 0, "unchanged": 2, "problems": []}


def test_a_row_about_nobody_is_a_conflict(program, people):
    book = Workbook(program)
    book.book["Mentors"].append([None, "Zed Z", "Flo X", None, None, "zed@z.example"])
    report = book.back()
    assert slips(report) == [("not_in_program", "zed@z.example", None)]
    assert report.problems[0].detail == (
        "Row 5 of the mentors’ sheet: zed@z.example is about nobody in this program."
    )


def test_without_the_mark_it_is_compared_with_the_pairs_now(program, people):
    book = Workbook(program)
    del book.book["Taken out"]
    book.write("Mentees", "Bo", "Ed")
    report = book.back()
    assert report.as_json() == {"added": 1, "removed": 1, "unchanged": 1, "problems": []}
    assert [who for who, _ in report.notes] == ["This workbook"]


def test_another_programs_workbook_is_refused(program, people):
    other = ParticipantFactory().program
    with pytest.raises(ValidationError) as refused:
        import_matches(other, Workbook(program).sheets())
    assert refused.value.messages == [
        f"This workbook has the matches of “{program.slug}”, but this is {other} "
        f"({other.slug}). Nothing was read from it."
    ]


def test_a_file_without_the_two_sheets_is_refused(program):
    with pytest.raises(ValidationError) as refused:
        import_matches(program, read_sheets(b"Name\nAnn\n", "a.csv"))
    assert refused.value.messages[0].startswith(
        "This file has no sheet “Mentors” and no sheet “Mentees”."
    )


def test_the_number_of_queries_grows_with_the_edits_only(
    program, people, django_assert_num_queries
):
    for _ in range(5):
        MatchFactory(program=program)
    sheets = Workbook(program).sheets()
    with django_assert_num_queries(8):
        import_matches(program, sheets)


def test_the_command_exits_with_1_and_saves_nothing_at_a_conflict(
    program, people, tmp_path, capsys
):
    book = Workbook(program)
    book.write("Mentees", "Flo", "Ed")
    file = tmp_path / "in.xlsx"
    book.book.save(file)
    call_command("import_matches", str(file), program=program.slug, json=True, dry_run=True)
    assert json.loads(capsys.readouterr().out) == {
        "added": 1, "removed": 0, "unchanged": 2, "problems": [],
    }  # fmt: skip
    book.write("Mentees", "Di", "Ed")
    book.book.save(file)
    with pytest.raises(SystemExit) as ended:
        call_command("import_matches", str(file), program=program.slug, json=True)
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert [p["kind"] for p in json.loads(said.out)["problems"]] == ["mentor_over_capacity"]
    assert said.err == "Nothing was saved. Fix the problems and try again.\n"
    assert pairs(program) == [("Ann", "Bo"), ("Cy", "Di")]
