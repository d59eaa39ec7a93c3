"""The matching criteria in a real browser: sliders and an order that answer at once, and a save."""

import pytest

from matching.domain.proposals.criteria import criteria_of
from mentorship.models import CareerStage, Membership
from tests.conftest import PHONE, fits
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def program():
    """By sector Ben goes to Ada and Di to Cy; by seniority Ben to Cy and Di to Ada."""
    program = ProgramFactory(name="SciPy 2027", affinity_weights={"sector": 20, "seniority": 10})
    academia, industry = program.sectors.all()[:2]
    first, second, third, _ = CareerStage.values
    for name, sector, stage, mentee in [
        ("Ada Lund", academia, second, False),
        ("Cy Ng", industry, third, False),
        ("Ben Ost", academia, second, True),
        ("Di Moe", industry, first, True),
    ]:
        email = f"{name.split()[0].lower()}@freemail.example"
        ParticipantFactory(
            program=program, name=name, email=email, mentee=mentee, sector=sector,
            career_stage=stage,
        )  # fmt: skip
    return program


def order_of(page):
    return page.locator(".wc-words").all_inner_texts()


@pytest.mark.slow
def test_try_by_keyboard_and_by_dragging_then_save(open_page, program, accessible, picture):
    chair = MembershipFactory(program=program, level=Membership.Level.CHAIR).user
    page = open_page(user=chair)
    page.goto("/committee/what-counts/")
    page.get_by_text("None of 2 proposed pairs would change.").wait_for()
    accessible(page)

    page.get_by_label("Seniority").focus()
    page.keyboard.press("End")
    page.get_by_text("2 of 2 proposed pairs would change.").wait_for()
    picture(page, "what-counts")
    moves = page.locator(".wc-moves li").all_inner_texts()
    assert [" ".join(move.split()) for move in moves] == [
        "Ben Ost from Ada Lund arrow_forward to Cy Ng",
        "Di Moe from Cy Ng arrow_forward to Ada Lund",
    ]

    page.get_by_role("button", name="Move “Avoid low-affinity pairs” up").focus()
    for _ in range(5):
        page.keyboard.press("Enter")
    page.get_by_text("“Avoid low-affinity pairs” is now priority 1 of 7.").wait_for()
    assert order_of(page)[:2] == ["Avoid low-affinity pairs", "Give every mentee a mentor"]
    focused = "document.activeElement.innerText.trim().split('\\n').pop()"
    assert page.evaluate(focused) == "Move “Avoid low-affinity pairs” down"
    page.locator(".wc-grip").first.drag_to(page.locator(".wc-aim").nth(3))
    page.get_by_text("Unsaved changes").wait_for()
    assert order_of(page)[3] == "Avoid low-affinity pairs"
    accessible(page)

    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="Proposals").click()
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Save criteria").click()
    page.get_by_text("Saved. No matches changed.").wait_for()
    program.refresh_from_db()
    assert criteria_of(program).weights["seniority"] == 100
    assert criteria_of(program).priorities[3] == "weak"

    page.get_by_role("button", name="Restore defaults").click()
    page.get_by_text("Unsaved changes").wait_for()
    assert page.get_by_label("Seniority").input_value() == "10"
    assert order_of(page)[0] == "Give every mentee a mentor"


@pytest.mark.slow
def test_on_a_phone_the_answer_stays_in_view(open_page, program, accessible):
    member = MembershipFactory(program=program).user
    page = open_page(user=member, viewport=PHONE, dark=True)
    page.goto("/committee/what-counts/")
    page.get_by_text("None of 2 proposed pairs would change.").wait_for()
    page.get_by_label("Seniority").fill("100")
    verdict = page.get_by_text("2 of 2 proposed pairs would change.")
    verdict.wait_for()
    box = verdict.bounding_box()
    assert 0 < box["y"] < PHONE["height"] - box["height"]
    assert fits(page)
    page.get_by_text("Only a chair can save it.").wait_for()
    accessible(page)
