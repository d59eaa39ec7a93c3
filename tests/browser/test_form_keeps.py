"""The form in a real browser loses nothing, and its marks can be seen in every theme."""

import datetime
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from mentorship.models import Draft
from tests.conftest import COLOR_RULES, DESK, PHONE
from tests.factories import ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)
NOTES = "Anything else that helps match you?"


@pytest.fixture
def ana():
    program = ProgramFactory(
        starts_on=datetime.date(2090, 7, 10), ends_on=datetime.date(2090, 7, 16)
    )
    return ParticipantFactory(program=program, name="Ana Lima", mentee=True)


@pytest.mark.slow
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


@pytest.mark.slow
def test_who_reloads_and_types_on_at_once_is_no_second_tab(open_page, ana):
    page = open_page(viewport=PHONE)
    page.goto(ana.personal_path)
    page.get_by_label(NOTES).fill("Half a sent")
    page.reload()  # what was typed is sent as the page goes away, when the next one is made already
    with page.expect_response(lambda answer: "Half+a+sentence" in (answer.request.post_data or "")):
        page.get_by_label(NOTES).fill("Half a sentence")
    expect(page.locator("#kept")).to_have_text("What you type is kept.")
    expect(page.locator("#elsewhere")).to_be_hidden()
    assert Draft.objects.get().answers["notes"] == ["Half a sentence"]


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
def test_what_is_chosen_can_be_seen_and_read_in_every_theme(open_page, accessible, ana, theme):
    page = open_page()
    page.emulate_media(**THEMES[theme])
    page.goto(ana.personal_path)
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        accessible(page, None if theme == "light" else COLOR_RULES)
    for one, other in (("a mentor", "a mentee"), ("a mentee", "a mentor")):
        page.get_by_label(one, exact=True).check()
        away_from_all(page)
        pictures = [picture_of(page.get_by_label(label, exact=True)) for label in (one, other)]
        # Beside the frame, the mark itself differs, as far as an eye can tell.
        assert differing(*pictures) > 20, one
    box = page.get_by_label("Biology/Health")
    unchecked = picture_of(box)
    box.check()
    away_from_all(page)
    assert differing(unchecked, picture_of(box)) > 20
    for used in (
        box,
        page.get_by_label("a mentee", exact=True),
        page.get_by_label(NOTES),
        page.get_by_label("Employment sector"),
        page.get_by_role("button", name="Save my answers"),
        page.get_by_role("link", name="What is stored about me"),
    ):
        before = picture_of(used, around=48)
        used.focus()
        for keys in ("Tab", "Shift+Tab"):
            page.keyboard.press(keys)
        expect(used).to_be_focused()
        assert differing(before, picture_of(used, around=48)) > 100, used
        away_from_all(page)


def away_from_all(page) -> None:
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(0, 0)


def picture_of(used, around: int = 0) -> Image.Image:
    """Take a picture of something that can be used, with so many pixels on each side."""
    used.scroll_into_view_if_needed()
    box = used.bounding_box()
    page = used.page
    clip = {
        "x": max(box["x"] - around, 0),
        "y": max(box["y"] - around, 0),
        "width": box["width"] + 2 * around,
        "height": box["height"] + 2 * around,
    }
    return Image.open(BytesIO(page.screenshot(clip=clip))).convert("L")


def differing(one: Image.Image, other: Image.Image) -> int:
    """The number of pixels that are far lighter or darker in one picture than in the other."""
    width, height = min(one.width, other.width), min(one.height, other.height)
    return sum(
        abs(one.getpixel((x, y)) - other.getpixel((x, y))) > 60
        for x in range(width)
        for y in range(height)
    )
