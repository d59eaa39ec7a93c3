"""The pages around the board: what to settle first, comparing, the history; how they look."""

import re

import pytest
from playwright.sync_api import expect

from matching.domain.proposals.propose import propose
from mentorship.models import Participant
from tests.browser.board.boards import make_people
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
def test_from_what_to_settle_first_to_the_history(open_page, looks_right):
    program = ProgramFactory()
    people = make_people(program)
    # Each kind of matter to settle: a role, a mentor who takes nobody, a person nobody knows.
    Participant.objects.filter(pk=people["Cy"].pk).update(survey_role="mentee")
    Participant.objects.filter(pk=people["Flo"].pk).update(capacity=0)
    ParticipantFactory(program=program, name="Gil Unknown", mentee=True)
    page = open_page(user=MembershipFactory(program=program, user__first_name="Sofia").user)

    page.goto("/committee/board/")
    page.locator(".mb-has-script").wait_for()
    matters = page.locator("#readiness summary")
    expect(matters.first).to_be_visible()
    for number in range(matters.count()):
        matters.nth(number).click()
    looks_right(page)
    page.get_by_role("link", name="Gil Unknown").first.click()
    expect(page).to_have_url(re.compile("/participant/"))

    Participant.objects.filter(pk=people["Eve"].pk).update(other_role="either")
    page.goto("/committee/roles/")
    expect(page.get_by_role("link", name="Eve Fox")).to_be_visible()
    looks_right(page)

    propose(program)
    Participant.objects.filter(pk=people["Flo"].pk).update(capacity=2)
    page.goto("/committee/board/propose/")
    looks_right(page)
    page.get_by_role("button", name="Save as drafts").click()
    page.goto("/committee/board/compare/")
    expect(page.get_by_role("heading", name="First: the board now")).to_be_visible()
    looks_right(page)

    page.goto(f"/committee/board/?mentee={people['Ben'].pk}")
    page.get_by_role("button", name="Lock").first.click()
    page.goto("/committee/board/history/")
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()
    looks_right(page)
