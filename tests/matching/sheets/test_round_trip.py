"""Whatever people write: what is taken out and brought back unchanged changes nothing."""

import io

import openpyxl
import pytest
from hypothesis import Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from matching.domain.sheets.check import check_sheets
from matching.domain.sheets.upload import import_matches
from matching.interfaces.sheets.match_workbook import export_matches
from matching.models import Match
from mentorship.domain.files.spreadsheets import read_sheets, read_table
from mentorship.domain.imports.research import import_research
from mentorship.interfaces.exports.research_sheet import research_sheet
from mentorship.models import Participant, normalise_name
from tests.factories import ProgramFactory

# Each example writes and reads workbooks: 12 normally, hundreds under the soak profile. They are
# readable as they are, and making a failing one smaller would take minutes.
ROUND_TRIPS = hypothesis_settings(
    max_examples=hypothesis_settings().max_examples // 8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)

HOSTILE = [
    "=1+1", "+34 600 000 000", "-5", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x.example","y")',
    'say "hi"', "two\nlines", "a\r\nb\rc", "😀", "👩‍👩‍👧", "עברית", "\u202eabc", "Müller; Ann",
    "Lee, Ann", "Ann and Bo", "Ann & Bo/Cy", "A|B", "<b>x</b>", "a@b.example", "Ann <a@b.example>",
    "_x0041_", "_x000D_", "'quoted", "''", "*", "?", "~*", "O'Neil", "Łukasz", "x" * 10_000,
    "\u00a0", "\x0b", "\x85", "\u2028", "1", "1.0", "007", "2027-01-01", "TRUE", "#REF!", "null",
]  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=3).map(" ".join),
    # What a database keeps: no NUL and no half of a character.
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60),
)
NAME = TEXT.map(lambda text: normalise_name(text)[:200])
PEOPLE = st.lists(st.tuples(NAME, TEXT), min_size=2, max_size=5)


def make(program, role, said):
    return [
        Participant.objects.create(
            program=program,
            name=name,
            email=f"{role}{number}@freemail.example",
            signup_role=role,
            capacity=2,
            notes=text,
            affiliation=text[:200],
            topics_offered=text,
            topics_wanted=text,
            committee_notes=text,
        )
        for number, (name, text) in enumerate(said)
    ]


@pytest.mark.slow
@pytest.mark.django_db
@ROUND_TRIPS
@given(mentors=PEOPLE, mentees=PEOPLE)
def test_matches_come_back_as_they_went(mentors, mentees):
    program = ProgramFactory()
    mentors, mentees = make(program, "mentor", mentors), make(program, "mentee", mentees)
    for number, mentee in enumerate(mentees[:4]):
        mentor = mentors[number // 2 % len(mentors)]
        Match.objects.create(program=program, mentor=mentor, mentee=mentee)
    content, _ = export_matches(program)

    sheets = read_sheets(content, "out.xlsx")
    report = import_matches(program, sheets, dry_run=True)
    assert (report.as_json(), report.notes) == (
        {"added": 0, "removed": 0, "unchanged": min(len(mentees), 4), "problems": []},
        [],
    )
    # Also saved anew by another program, and with nothing but the sheets to go by.
    book = openpyxl.load_workbook(io.BytesIO(content))
    formulas = [
        cell.value
        for sheet in book
        if sheet.title != "Checks"
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert formulas == []
    again = io.BytesIO()
    book.save(again)
    assert import_matches(program, read_sheets(again.getvalue(), "a.xlsx"), dry_run=True) == report
    assert check_sheets(sheets["Mentors"], sheets["Mentees"]).problems == []


@pytest.mark.django_db
@ROUND_TRIPS
@given(people=PEOPLE)
def test_a_research_sheet_comes_back_as_it_went(people):
    program = ProgramFactory()
    for person in make(program, "mentor", people):
        person.fields.set(program.fields.all()[1:3])
    report = import_research(program, read_table(research_sheet(program), "r.xlsx"))
    assert (report.unchanged, report.changed, report.conflicts, report.refused, report.doubts) == (
        len(people), [], [], [], [],
    )  # fmt: skip
