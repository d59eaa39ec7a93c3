"""Moving mentees on the board by mouse, by keyboard and by touch; two members; a lost network."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from matching.domain.board.actions import move
from matching.models import Match
from tests.browser.board.boards import (
    BIOLOGY,
    drag,
    make_people,
    pairs,
    pairs_on,
    row_of,
    waiting_on,
)
from tests.conftest import PHONE, fits
from tests.factories import MembershipFactory, ProgramFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def program():
    return ProgramFactory()


@pytest.fixture
def people(program):
    return make_people(program)


@pytest.fixture
def sofia(program):
    return MembershipFactory(program=program, user__first_name="Sofia").user


@pytest.fixture
def board(open_page, sofia, people):
    def board(**kwargs):
        page = open_page(user=kwargs.pop("user", sofia), **kwargs)
        page.goto("/committee/board/")
        page.locator(".mb-has-script").wait_for()
        return page

    return board


def says(page, words):
    expect(page.locator("#board-said")).to_contain_text(words)


@pytest.mark.slow
def test_by_mouse_a_mentee_is_dragged_swapped_unmatched_and_all_is_undone(board, accessible):
    page = board()
    drag(page, "Ben Ost", row_of(page, "Ada Lund"))
    says(page, "Ben Ost is now matched with Ada Lund.")
    assert (pairs(), pairs_on(page), waiting_on(page)) == (
        ["Ada Ben"], ["Ada Ben"], ["Di", "Eve"],
    )  # fmt: skip
    expect(page.locator("#board-tiles strong").first).to_have_text("2")
    drag(page, "Di Moe", row_of(page, "Cy Ng"))
    says(page, "Di Moe is now matched with Cy Ng.")

    # While a card is in the air, each mentor says what a drop there would do.
    ben = page.locator("a[data-mentee]:text-is('Ben Ost')").bounding_box()
    page.mouse.move(ben["x"] + 5, ben["y"] + 5)
    page.mouse.down()
    page.mouse.move(ben["x"] + 40, ben["y"] + 40, steps=4)
    expect(row_of(page, "Flo Ray").locator(".mb-says")).to_contain_text("Mixed attendance")
    expect(row_of(page, "Cy Ng").locator(".mb-says")).to_contain_text("full: drop to swap")
    page.keyboard.press("Escape")
    page.mouse.move(5, 5)
    page.mouse.up()

    drag(page, "Ben Ost", row_of(page, "Cy Ng"))
    page.get_by_role("heading", name="Cy Ng has no free place").wait_for()
    accessible(page)
    page.get_by_role("button", name="Swap with Di Moe").click()
    says(page, "Ben Ost is now matched with Cy Ng, in place of Di Moe.")
    assert pairs() == pairs_on(page) == ["Ada Di", "Cy Ben"]
    drag(page, "Ben Ost", page.locator("#waiting"))
    says(page, "Ben Ost is now unmatched.")
    assert (pairs(), waiting_on(page)) == (["Ada Di"], ["Ben", "Eve"])
    accessible(page)

    for _ in range(4):
        told = page.locator("#board-said").text_content()
        page.keyboard.press("Control+z")
        expect(page.locator("#board-said")).not_to_have_text(told)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    assert (pairs(), pairs_on(page), Match.objects.count()) == ([], [], 0)
    page.get_by_role("button", name="Redo").click()
    says(page, "Redone: You matched Ben Ost with Ada Lund.")
    page.reload()
    assert pairs_on(page) == ["Ada Ben"]
    page.get_by_role("button", name="Undo").click()
    says(page, "Undone: You matched Ben Ost with Ada Lund.")


def test_by_keyboard_alone(board, accessible):
    page = board()
    page.get_by_role("link", name="Ben Ost").focus()
    page.keyboard.press("m")
    spoken = page.locator("#board-spoken")
    expect(spoken).to_contain_text("Unmatched mentees")
    page.keyboard.press("ArrowUp")
    accessible(page)
    for _ in range(9):
        if (spoken.text_content() or "").startswith("Ada Lund"):
            break
        page.keyboard.press("ArrowUp")
    expect(spoken).to_contain_text("Ada Lund, 2 of 2 free: costs the best matching nothing")
    page.keyboard.press("Enter")
    says(page, "Ben Ost is now matched with Ada Lund.")
    expect(page.locator("a[data-mentee]:focus")).to_have_text("Ben Ost")
    page.keyboard.press("l")
    page.get_by_role("button", name="Unlock Ada Lund & Ben Ost").wait_for()
    assert pairs() == pairs_on(page) == ["Ada Ben locked"]
    page.keyboard.press("m")
    page.keyboard.press("Escape")
    expect(spoken).to_have_text("Left where it was.")
    page.keyboard.press("Control+z")
    says(page, "Undone: You locked Ada Lund & Ben Ost.")
    page.keyboard.press("Control+Shift+z")
    says(page, "Redone: You locked Ada Lund & Ben Ost.")
    page.keyboard.press("/")
    page.keyboard.type("flo")
    expect(page.locator(".mb-row")).to_have_count(1)
    assert page.locator("#waiting-list a").count() == 0


@pytest.mark.slow
def test_by_touch_on_a_phone(board, accessible):
    page = board(viewport=PHONE, touch=True)
    client = page.context.new_cdp_session(page)
    page.locator("#waiting").scroll_into_view_if_needed()
    card = page.get_by_role("link", name="Eve Fox").bounding_box()
    x, y = card["x"] + 10, card["y"] + card["height"] / 2

    def touch(kind, *points):
        touches = [{"x": x, "y": y} for x, y in points]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    place = row_of(page, "Flo Ray").bounding_box()
    touch("touchStart", (x, y))
    page.wait_for_selector(".sortable-chosen")
    touch("touchMove", (x + 10, y - 10))
    touch("touchMove", (place["x"] + 60, place["y"] + 20))
    page.locator(".mb-target").wait_for()
    touch("touchEnd")
    says(page, "Eve Fox is now matched with Flo Ray.")
    assert pairs() == pairs_on(page) == ["Flo Eve"]
    assert fits(page)
    accessible(page)


@pytest.mark.slow
def test_two_members_see_each_other_and_undo_only_what_nobody_built_on(board, program):
    marek = MembershipFactory(program=program, user__first_name="Marek").user
    page, other = board(), board(user=marek, own_clock=True)
    other.clock.pause_at(timezone.now() + datetime.timedelta(minutes=1))
    drag(page, "Ben Ost", row_of(page, "Ada Lund"))
    says(page, "Ben Ost is now matched with Ada Lund.")
    # By the page's own clock, not by that of a machine that has a lot to do.
    other.clock.run_for(3000)
    expect(other.locator("#board-said")).to_have_text("Sofia matched Ben Ost with Ada Lund.")
    other.clock.resume()
    assert pairs_on(other) == ["Ada Ben"]
    drag(other, "Ben Ost", other.locator(f"summary[data-words='{BIOLOGY}']"))
    says(other, "Moved Ada Lund & Ben Ost to Biology/Health.")
    says(page, "Marek moved Ada Lund & Ben Ost to Biology/Health.")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("dialog")).to_contain_text(
        "Marek has since moved Ada Lund & Ben Ost to Biology/Health"
    )


@pytest.mark.slow
def test_a_stale_edit_is_refused_and_can_be_applied_again(board, people):
    page = board()
    page.route("**/board/changes/**", lambda route: route.fulfill(status=304))
    move(people["Ben"], people["Ada"], by=UserFactory(first_name="Marek"))
    drag(page, "Ben Ost", row_of(page, "Cy Ng"))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Marek matched Ben Ost with Ada Lund")
    assert pairs() == pairs_on(page) == ["Ada Ben"]
    dialog.get_by_role("button", name="Apply again").click()
    says(page, "Ben Ost is now matched with Cy Ng.")
    assert pairs() == pairs_on(page) == ["Cy Ben"]


@pytest.mark.slow
def test_a_lost_connection_is_told_and_nothing_is_queued(board):
    page = board(may_lose=True)
    page.context.set_offline(True)
    drag(page, "Ben Ost", row_of(page, "Ada Lund"))
    lost = page.get_by_role("alert").filter(has_text="The connection is lost.")
    lost.wait_for()
    assert (pairs_on(page), waiting_on(page)) == ([], ["Ben", "Di", "Eve"])
    page.context.set_offline(False)
    says(page, "Connected again.")
    assert (pairs(), pairs_on(page)) == ([], [])

    # An answer that is lost on its way: the server has done it, and the board catches up.
    def lose_answer(route):
        route.fetch()
        route.abort()

    page.route("**/board/move/", lose_answer)
    drag(page, "Ben Ost", row_of(page, "Ada Lund"))
    expect(page.locator("#groups .mb-chip")).to_have_count(1)
    assert pairs() == pairs_on(page) == ["Ada Ben"]


@pytest.mark.slow
def test_several_pairs_are_locked_and_moved_at_once(board, program, people, accessible):
    for mentee, mentor in (("Ben", "Ada"), ("Di", "Ada"), ("Eve", "Flo")):
        move(people[mentee], people[mentor], by=UserFactory())
    page = board()
    page.get_by_role("button", name="Select several").click()
    page.get_by_label("Select Ada Lund & Ben Ost").check()
    page.get_by_label("Select Flo Ray & Eve Fox").check()
    expect(page.locator("#several-number")).to_have_text("2 selected")
    accessible(page)
    page.get_by_role("button", name="Lock", exact=True).click()
    says(page, "Locked 2 pairs.")
    assert pairs() == pairs_on(page) == ["Ada Ben locked", "Ada Di", "Flo Eve locked"]
    page.get_by_label("Select Ada Lund & Ben Ost").check()
    page.get_by_label("Bin for the selected pairs").select_option(BIOLOGY)
    page.get_by_role("button", name="Move to bin").click()
    says(page, "Moved Ada Lund & Ben Ost to Biology/Health.")
    assert Match.objects.get(mentee=people["Ben"]).bin.name == BIOLOGY


@pytest.mark.slow
def test_without_a_script_everything_works_by_forms(open_page, sofia, people, accessible):
    page = open_page(user=sofia, javascript=False)
    page.goto("/committee/board/")
    page.get_by_role("link", name="Ben Ost").click()
    page.get_by_label("Choose a mentor").select_option(label="Cy Ng (1 of 1 free)")
    page.get_by_role("button", name="Match with this mentor").click()
    page.get_by_text("Ben Ost is now matched with Cy Ng.").wait_for()
    page.goto(f"/committee/board/?mentee={people['Di'].pk}&to={people['Cy'].pk}")
    page.get_by_role("button", name="Swap with Ben Ost").click()
    page.get_by_text("Di Moe is now matched with Cy Ng, in place of Ben Ost.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone: You swapped").wait_for()
    assert pairs() == ["Cy Ben"]
    page.get_by_label("Free places").check()
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".mb-row")).to_have_count(2)
