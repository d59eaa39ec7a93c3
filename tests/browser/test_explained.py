"""What the matcher says of its pairs, in a real browser, at a desk and on a phone."""

import pytest

from matching.domain.proposals.propose import propose
from matching.models import Match
from tests.conftest import PHONE, fits
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)
GEOLOGY, BIOLOGY = "Meteorology/Geology/Oceanography/Petrology", "Biology/Health"


@pytest.fixture
def program():
    program = ProgramFactory()
    people = [
        ("Ada Lund", False, {"fields": [GEOLOGY], "notes": "Ocean models"}),
        ("Cy Ng", False, {"fields": [BIOLOGY], "capacity": 2}),
        ("Eve Roy", False, {"virtual": True, "fields": [BIOLOGY]}),
        ("Ben Ost", True, {"fields": [GEOLOGY], "notes": "Ocean currents"}),
        ("Di Moe", True, {"fields": [BIOLOGY]}),
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
    return list(live.values_list("mentor__name", "mentee__name", "locked"))


@pytest.mark.slow
@pytest.mark.parametrize("viewport", [None, PHONE])
def test_the_next_best_mentors_come_by_themselves_and_one_is_taken(
    open_page, program, member, accessible, viewport
):
    propose(program)
    page = open_page(user=member, **({"viewport": viewport} if viewport else {}))
    page.goto("/committee/board/")
    page.get_by_role("link", name="Ben Ost").click()
    page.get_by_text("Ada Lund is Ben Ost’s mentor in the best matching.").wait_for()
    accessible(page)
    if viewport:
        assert fits(page)
    page.get_by_role("button", name="Move Ben Ost to Cy Ng").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Ben Ost is now matched with Cy Ng.").wait_for()
    page.get_by_text("The best matching pairs Ben Ost with Ada Lund.").wait_for()
    assert pairs() == [("Cy Ng", "Ben Ost", False), ("Cy Ng", "Di Moe", False)]


@pytest.mark.slow
@pytest.mark.parametrize("viewport", [None, PHONE])
def test_the_proposal_explains_itself_and_answers_what_if(
    open_page, program, member, accessible, viewport
):
    ParticipantFactory.create_batch(2, program=program, mentee=True)
    page = open_page(user=member, **({"viewport": viewport} if viewport else {}))
    ParticipantFactory(program=program, name="Gus Lee", mentee=True)
    page.goto("/committee/board/propose/")
    page.get_by_text("would be enough").wait_for()
    page.get_by_text("costs nothing").first.wait_for()
    page.get_by_label("Mentor", exact=True).select_option(label="Cy Ng (2 now)")
    page.get_by_label("New capacity").fill("3")
    page.keyboard.press("Enter")
    page.get_by_text("1 fewer unmatched mentee").first.wait_for()
    accessible(page)
    if viewport:
        assert fits(page)
    assert pairs() == []
