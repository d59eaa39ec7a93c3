"""The form in a real browser loses nothing, and its marks can be seen in every theme."""

import datetime
import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from mentorship.models import Draft
from tests.conftest import DESK, PHONE
from tests.factories import ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)
NOTES = "Anything else that helps match you?"


@pytest.fixture
def ana():
    program = ProgramFactory(
        starts_on=datetime.date(2090, 7, 10), ends_on=datetime.date(2090, 7, 16)
    )
    return ParticipantFactory(program=program, name="Ana Lima", mentee=True)


def test_what_is_typed_survives_closing_reloading_leaving_and_being_offline(open_page, ana):
    page = open_page(viewport=PHONE)
    page.goto(ana.personal_path)
    page.get_by_label(NOTES).fill("Half a sent")
    expect(page.locator("#kept")).to_have_text("What you type is kept.")
    page.close()

    page = open_page(viewport=PHONE)
    page.goto(ana.personal_path)
    expect(page.get_by_label(NOTES)).to_have_value("Half a sent")
    page.get_by_label("a mentor", exact=True).check()
    expect(page.locator("#kept")).to_have_text("What you type is kept.")
    page.reload()
    expect(page.get_by_label("a mentor", exact=True)).to_be_checked()

    page.get_by_label(NOTES).fill("Half a sentence")
    page.get_by_role("button", name="I can’t take part after all").click()
    page.get_by_role("link", name="Stay in the program").click()
    page.goto(ana.answers_path)
    expect(page.get_by_label(NOTES)).to_have_value("Half a sentence")

    page.context.set_offline(True)
    page.get_by_label(NOTES).fill("A whole sentence")
    expect(page.locator("#kept")).to_contain_text("Kept on this device")
    page.get_by_role("button", name="Save my answers").click()
    expect(page.locator("#kept")).to_contain_text("You’re offline")
    page.context.set_offline(False)
    expect(page.locator("#kept")).to_have_text("What you type is kept.")
    assert Draft.objects.get().answers["notes"] == ["A whole sentence"]


def test_a_second_tab_is_told_and_decides(open_page, ana):
    first = open_page()
    first.goto(ana.personal_path)
    second = first.context.new_page()
    second.goto(ana.personal_path)
    first.get_by_label(NOTES).fill("From the first")
    expect(first.locator("#kept")).to_have_text("What you type is kept.")
    second.get_by_label(NOTES).fill("From the second")
    told = second.locator("#elsewhere")
    expect(told).to_contain_text("there “From the first”, here “From the second”")
    second.get_by_role("button", name="Keep what’s here").click()
    expect(second.locator("#kept")).to_have_text("What you type is kept.")
    first.reload()
    expect(first.get_by_label(NOTES)).to_have_value("From the second")


THEMES = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "contrast": {"forced_colors": "active"},
    "dark contrast": {"forced_colors": "active", "color_scheme": "dark"},
}


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_chosen_can_be_seen_and_read_in_every_theme(
    browser, live_server, accessible, ana, theme
):
    for viewport in (PHONE, DESK):
        context = browser.new_context(
            base_url=live_server.url, viewport=viewport, **THEMES[theme], reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(ana.personal_path)
        if "contrast" not in theme:
            accessible(page)
        for one, other in (("a mentor", "a mentee"), ("a mentee", "a mentor")):
            page.get_by_label(one, exact=True).check()
            page.locator("h1").click()
            pictures = [mark(page, label) for label in (one, other)]
            # Beside the frame, the mark itself differs, as far as an eye can tell.
            assert differing(*pictures) > 20, (theme, one)
        context.set_offline(True)
        context.close()


def mark(page, label: str) -> Image.Image:
    taken = page.get_by_label(label, exact=True).screenshot()
    return Image.open(BytesIO(taken)).convert("L")


def differing(one: Image.Image, other: Image.Image) -> int:
    """The number of pixels that are far lighter or darker in one picture than in the other."""
    width, height = min(one.width, other.width), min(one.height, other.height)
    return sum(
        abs(one.getpixel((x, y)) - other.getpixel((x, y))) > 60
        for x in range(width)
        for y in range(height)
    )


def test_a_narrow_page_and_large_text_fit(open_page, ana):
    page = open_page(viewport={"width": 320, "height": 640})
    page.goto(ana.personal_path)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page = open_page(viewport=PHONE)
    page.goto(ana.personal_path)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    expect(page.locator("#answered")).to_have_text(re.compile(r"\d+ of 1\d"))
