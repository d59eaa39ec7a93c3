"""After the conference in a real browser: take the lists along, copy the program, forget people."""

import datetime
import io

import openpyxl
import pytest
from django.urls import reverse
from playwright.sync_api import expect

from matching.models import Match, PastPair
from mentorship.models import Program
from tests.conftest import DESK, PHONE, fits
from tests.factories import MatchFactory, MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chair():
    program = ProgramFactory(
        name="SciPy 2026",
        slug="scipy-2026",
        starts_on=datetime.date(2026, 7, 6),
        ends_on=datetime.date(2026, 7, 12),
    )
    ada = ParticipantFactory(program=program, name="=Ada", email="ada@conf.example")
    bo = ParticipantFactory(program=program, name="Bo", email="bo@conf.example", mentee=True)
    MatchFactory(program=program, mentor=ada, mentee=bo, status=Match.Status.ANNOUNCED)
    return MembershipFactory(program=program, level="chair").user


@pytest.mark.slow
def test_from_this_year_to_the_next(open_page, accessible, chair):
    page = open_page(user=chair)

    def looks_right():
        for viewport in (PHONE, DESK):
            page.set_viewport_size(viewport)
            accessible(page)
            assert fits(page)

    page.goto(reverse("admin:matching_match_changelist"))
    page.get_by_role("link", name="Export").click()
    looks_right()
    page.get_by_label("Format").select_option(label="xlsx")
    with page.expect_download() as download:
        page.get_by_role("button", name="Submit").click()
    content = io.BytesIO(download.value.path().read_bytes())
    sheet = openpyxl.load_workbook(content).active
    assert [cell.value for cell in sheet[2]][:2] == ["'=Ada", "ada@conf.example"]

    page.goto(reverse("admin:mentorship_program_change", args=[Program.objects.get().pk]))
    page.get_by_role("link", name="Copy for next year").click()
    looks_right()
    expect(page.get_by_label("Name", exact=True)).to_have_value("SciPy 2027")
    page.get_by_label("Short name").fill("scipy-next")
    page.keyboard.press("Enter")
    expect(page.get_by_text("SciPy 2027 is ready. You are looking at it now.")).to_be_visible()
    expect(page.get_by_text("1 pair from SciPy 2026 won’t be matched again")).to_be_visible()
    assert PastPair.objects.get().program.slug == "scipy-next"
    page.goto(reverse("admin:matching_keepapart_changelist"))
    page.get_by_role("link", name="Add past pairs").click()
    expect(page.get_by_text("1 pair waits until both people have signed up")).to_be_visible()
    looks_right()
    page.get_by_role("button", name="Add its pairs").click()
    expect(page.get_by_text("1 pair was already known.")).to_be_visible()

    page.goto(reverse("anonymise_program", args=["scipy-2026"]))
    looks_right()
    page.get_by_label("Type scipy-2026").fill("scipy")
    page.get_by_role("button", name="Anonymize permanently").click()
    expect(page.get_by_role("alert")).to_contain_text("Type scipy-2026 to confirm.")
    page.get_by_label("Type scipy-2026").fill("scipy-2026")
    page.get_by_role("button", name="Anonymize permanently").click()
    expect(page.get_by_text("SciPy 2026 is anonymized: 2 people, 0 emails.")).to_be_visible()
