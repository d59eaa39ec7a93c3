"""Deciding on a wish not to meet somebody, from the dashboard to the proposal."""

import pytest

from tests.conftest import PHONE, fits
from tests.factories import (
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def program():
    program = ProgramFactory()
    for name, mentee, wish in (
        ("Ben Ordinary", False, ""),
        ("Benita Ost", False, ""),
        ("Ada Lund", False, "anybody from Far College"),
        ("Wanda Wisher", True, "Ben, after last year"),
        ("Dee Ng", True, "Ada Lund"),
        ("Flo Faraway", True, ""),
    ):
        affiliation = "Far College" if name.startswith("Flo") else ""
        person = ParticipantFactory(
            program=program, name=name, mentee=mentee, affiliation=affiliation
        )
        SurveyResponseFactory(participant=person, rather_not_meet=wish)
    return program


@pytest.mark.slow
def test_a_wish_is_settled_before_matches_are_proposed(open_page, program, accessible):
    page = open_page(user=MembershipFactory(program=program).user, viewport=PHONE)
    page.goto("/committee/board/propose/")
    page.get_by_text("1 wish not to be matched with somebody needs a decision first").wait_for()
    accessible(page)
    assert fits(page)

    page.get_by_label("Somebody else").fill("benita")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("checkbox", name="Ben Ordinary").check()
    page.get_by_role("button", name="Do not match with the people checked").click()

    page.get_by_text("Wanda Wisher will not be matched with Ben Ordinary.").wait_for()
    page.get_by_text("No wish needs a decision.").wait_for()
    accessible(page)
    page.goto("/committee/board/propose/")
    page.get_by_role("button", name="Save as drafts").wait_for()
