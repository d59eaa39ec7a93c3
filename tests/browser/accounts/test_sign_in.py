import re

import pytest
from playwright.sync_api import expect

from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_member_signs_in_with_a_password(page, accessible):
    MembershipFactory(user__username="chair")

    page.goto("/committee/")
    expect(page).to_have_title("Sign in · Mentorship")
    accessible(page)
    page.get_by_label("Username").fill("chair")
    page.get_by_label("Password").fill("a long enough secret")
    page.get_by_role("button", name="Sign in").click()

    expect(page).to_have_url(re.compile("/committee/$"))


def test_sign_in_says_what_is_wrong(page):
    page.goto("/committee/")
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()

    expect(
        page.get_by_text("This username and password don’t match an account on a committee.")
    ).to_be_visible()
