"""The matching board and a match's page in a real browser, at a desk and on a phone."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from matching.models import Match
from mentorship.models import Participant
from tests.browser.held import Held
from tests.conftest import DESK, PHONE, fits
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)
LONGEST = "Meteorology/Geology/Oceanography/Petrology"


@pytest.fixture
def program():
    program = ProgramFactory()
    people = [
        ("Ada Lund", False, {"capacity": 2, "fields": [LONGEST], "notes": "Ocean models"}),
        ("Cy Ng", False, {"virtual": True, "fields": ["Biology/Health"]}),
        ("Ben Ost", True, {"fields": [LONGEST], "notes": "Ocean currents"}),
        ("Di Moe", True, {"virtual": True, "fields": ["Biology/Health"]}),
    ]
    for name, mentee, details in people:
        email = f"{name.split()[0].lower()}@freemail.example"
        ParticipantFactory(program=program, name=name, email=email, mentee=mentee, **details)
    return program


@pytest.fixture
def member(program):
    return MembershipFactory(program=program).user


def pairs():
    live = Match.objects.live().order_by("mentee__name")
    return list(live.values_list("mentor__name", "mentee__name", "status", "locked"))


@pytest.mark.slow
def test_propose_lock_move_and_dissolve(open_page, member, accessible):
    page = open_page(user=member)
    page.goto("/committee/board/")
    page.get_by_role("link", name="Propose matches").click()
    page.get_by_role("button", name="Save as drafts").click()
    page.get_by_text("proven to be the best possible").wait_for()
    assert pairs() == [
        ("Ada Lund", "Ben Ost", "draft", False),
        ("Cy Ng", "Di Moe", "draft", False),
    ]

    page.get_by_role("button", name="Lock Ada Lund & Ben Ost").click()
    page.get_by_role("button", name="Unlock Ada Lund & Ben Ost").wait_for()

    # By keyboard alone: choose the mentee, choose the mentor, move, read the warnings, move.
    page.get_by_role("link", name="Di Moe").focus()
    page.keyboard.press("Enter")
    menu = page.get_by_label("Move to another mentor")
    menu.focus()
    page.keyboard.type("Ada")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    warnings = page.get_by_role("dialog").get_by_role("listitem")
    warnings.first.wait_for()
    assert warnings.all_inner_texts() == [
        "Mixed attendance Di Moe attends virtually, Ada Lund in person",
        f"No shared field Ada Lund: {LONGEST}; Di Moe: Biology/Health",
    ]
    accessible(page)
    page.get_by_role("button", name="Match anyway").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Di Moe is now matched with Ada Lund.").wait_for()
    assert pairs() == [
        ("Ada Lund", "Ben Ost", "draft", True),
        ("Ada Lund", "Di Moe", "draft", False),
    ]
    page.get_by_role("heading", name="Ada Lund & Di Moe", level=2).wait_for()
    accessible(page)

    page.get_by_label("Reason for dissolving the match").fill("wrong field")
    page.get_by_role("button", name="Dissolve match").click()
    page.get_by_text("Dissolved the match Ada Lund & Di Moe.").wait_for()
    assert pairs() == [("Ada Lund", "Ben Ost", "draft", True)]


@pytest.mark.slow
def test_nothing_is_typed_into_a_panel_that_is_about_to_go(open_page, member):
    page = open_page(user=member, may_lose=True)
    page.goto("/committee/board/")
    page.get_by_role("link", name="Di Moe").click()
    page.get_by_role("heading", name="Di Moe", level=2).wait_for()

    panel = Held(page, "**/board/panel/*")
    page.get_by_role("link", name="Ben Ost").click()
    expect(page.locator("#chosen")).to_have_attribute("inert", "")
    menu = page.get_by_label("Choose a mentor")
    menu.focus()
    expect(menu).not_to_be_focused()

    # Nor does it stay out of use where no answer comes.
    panel.first().abort()
    page.get_by_text("The connection is lost.").wait_for()
    menu.focus()
    expect(menu).to_be_focused()

    page.unroute("**/board/panel/*")
    page.get_by_role("link", name="Ben Ost").click()
    page.get_by_role("heading", name="Ben Ost", level=2).wait_for()
    menu.focus()
    expect(menu).to_be_focused()


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_the_board_is_a_list(open_page, member, accessible, dark):
    page = open_page(user=member, viewport=PHONE, dark=dark)
    page.goto("/committee/board/")
    accessible(page)
    assert fits(page)

    waiting = page.get_by_role("link", name="Ben Ost")
    assert waiting.bounding_box()["height"] < 40  # on one line
    waiting.click()
    page.get_by_label("Choose a mentor").select_option(index=1)
    page.get_by_role("button", name="Match with this mentor").click()
    page.get_by_text("Ben Ost is now matched with Ada Lund.").wait_for()
    page.get_by_role("heading", name="Ada Lund & Ben Ost").wait_for()
    accessible(page)

    assert fits(page)
    assert pairs() == [("Ada Lund", "Ben Ost", "draft", False)]


@pytest.mark.slow
def test_a_matchs_page_and_the_list_are_accessible(open_page, member, program, accessible):
    page = open_page(user=member)
    page.goto("/committee/board/propose/")
    accessible(page)
    page.get_by_role("button", name="Save as drafts").click()
    page.get_by_text("proven to be the best possible").wait_for()
    Participant.objects.filter(name="Ben Ost").update(withdrawn_at=timezone.now())
    page.goto("/committee/matching/match/")
    page.get_by_text("Not taking part").wait_for()
    accessible(page)
    page.set_viewport_size(PHONE)
    # What is empty takes no line of its own.
    assert page.locator("#result_list td:empty").count()
    assert not page.locator("#result_list td:empty:visible").count()
    page.set_viewport_size(DESK)
    page.get_by_role("link", name="Ada Lund").click()
    page.get_by_role("heading", name="Ada Lund & Ben Ost Draft").wait_for()
    accessible(page)
    page.goto("/committee/matching/proposal/")
    accessible(page)
