import re

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from playwright.sync_api import expect

from mentorship.domain.programs import accounts
from tests.factories import MembershipFactory, UserFactory

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


SECRET = "a long enough secret"


def test_the_first_chair_sets_up_the_program(page):
    page.goto(reverse("first_chair", args=[accounts.first_chair_token()]))
    page.locator("[name=name]").fill("SciPy 2027")
    page.get_by_label("First day").fill("2027-07-12")
    page.get_by_label("Last day").fill("2027-07-18")
    page.get_by_label("Your username").fill("ada")
    page.get_by_label("Your email address").fill("ada@one.example")
    page.locator("[name=password]").fill(SECRET)
    page.get_by_label("Your password again").fill(SECRET)
    page.get_by_role("button", name="Set up the program").click()

    expect(page).to_have_title(re.compile("Dashboard"))


def test_somebody_invited_sets_their_own_password(page):
    user = UserFactory(username="bo", email="bo@two.example")
    key = urlsafe_base64_encode(force_bytes(user.pk))

    page.goto(reverse("set_password", args=[key, default_token_generator.make_token(user)]))
    for field in page.locator("input[type=password]").all():
        field.fill(SECRET)
    page.get_by_role("button", name="Set password").click()

    expect(page.get_by_text("Your password is set. Sign in with it.")).to_be_visible()


def test_a_forgotten_password_can_be_asked_for(page):
    cache.clear()

    page.goto(reverse("forgotten_password"))
    page.get_by_label("Email address").fill("nobody@two.example")
    page.get_by_role("button", name="Send the link").click()

    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
