"""A committee member downloads the sheets, edits them elsewhere and uploads them."""

import openpyxl
import pytest
from playwright.sync_api import expect

from matching.models import Match
from tests.conftest import PHONE, fits
from tests.factories import MatchFactory, MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)


def table(page, slug):
    """Return the rows of a part of the page, each as the texts of its cells, once it is whole."""
    page.wait_for_load_state("load")
    rows = page.locator(f"#{slug} tbody tr").all()
    return [row.locator("td").all_text_contents() for row in rows]


@pytest.mark.slow
def test_the_sheets_go_out_and_come_back(open_page, accessible, picture, tmp_path):
    program = ProgramFactory(name="SciPy 2027")
    for mentor, mentee in (("Ann Archer", "Bo Burns"), ("Cy Cole", "Di Drew")):
        MatchFactory(program=program, mentor__name=mentor, mentee__name=mentee)
    ParticipantFactory(program=program, name="Ed Eaton", virtual=True)
    ParticipantFactory(program=program, name="Flo Finch", mentee=True)
    page = open_page(user=MembershipFactory(program=program).user)

    page.goto("/committee/board/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download sheets").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    book = openpyxl.load_workbook(file)
    for sheet, name, match in (
        ("Mentees", "Bo Burns", "Ed Eaton"),
        ("Mentees", "Di Drew", "Ed Eaton"),
        ("Mentors", "Ann Archer", "Flo Finch"),
    ):
        row = next(row for row in book[sheet].iter_rows(min_row=2) if row[1].value == name)
        row[2].value = match
    book.save(file)

    page.get_by_role("link", name="Upload edited sheets").click()
    field = page.get_by_label("Edited workbook (XLSX)")
    field.set_input_files(file)
    expect(page.get_by_role("status")).to_have_text(file.name)
    accessible(page)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("Nothing can be saved yet.")).to_be_visible()
    assert table(page, "mentor_over_capacity") == [
        ["Ed Eaton", "", "Ed Eaton would have 2 mentees and takes at most 1."]
    ]
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    accessible(page)

    row = next(row for row in book["Mentees"].iter_rows(min_row=2) if row[1].value == "Di Drew")
    row[2].value = "Cy Cole"
    book.save(file)
    page.get_by_role("link", name="Choose another workbook").click()
    field.set_input_files(file)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    assert table(page, "moved") == [["Ed Eaton", "Bo Burns", "was with Ann Archer"]]
    assert table(page, "added") == [["Ann Archer", "Flo Finch", ""]]
    assert table(page, "mixed_attendance")[0][:2] == ["Ed Eaton", "Bo Burns"]
    picture(page, "sheets-back")
    accessible(page)
    assert Match.objects.count() == 2

    page.get_by_label("I have read the warnings below").check()
    page.get_by_role("button", name="Save 2 changes").click()
    expect(page.get_by_text("Saved: 1 moved and 1 added.")).to_be_visible()
    names = page.locator(".mb-chips .mb-name").all_text_contents()
    assert sorted(names) == ["Bo Burns", "Di Drew", "Flo Finch"]

    # Two sheets are checked as well where there is only a phone.
    page.set_viewport_size(PHONE)
    page.goto("/committee/sheets/check/")
    page.get_by_label("Both sheets").set_input_files(file)
    page.get_by_role("button", name="Check sheets").click()
    assert table(page, "mentor_not_in_mentee_sheet")[0][:2] == ["Ann Archer", "Flo Finch"]
    assert table(page, "mentee_not_in_mentor_sheet")[0][:2] == ["Ed Eaton", "Bo Burns"]
    assert fits(page)
    accessible(page)
