"""Pages of one's account and of people's data: readable, on a phone and in the dark too."""

import os
from pathlib import Path

import pytest
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from mentorship.domain.programs import second_factor
from mentorship.domain.programs.data_log import log_access
from tests.conftest import COLOR_RULES, PHONE, fits
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chair():
    program = ProgramFactory(
        name="Conf 2026",
        starts_on="2026-07-01",
        ends_on="2026-07-05",
        kept_months=1,
        anonymises_itself=True,
    )
    return MembershipFactory(program=program, level="chair", user__username="cora").user


def look(page, name):
    """Keep a picture if somebody wants to look: PICTURES names the folder."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_pages_can_be_read(open_page, chair, violations, dark):
    program = chair.memberships.get().program
    ada = ParticipantFactory(program=program, name="Ada Lovelace")
    log_access(program, chair, "exported", "people", 85)
    log_access(program, chair, "changed", "a person", about=ada.pk)
    log_access(program, None, "imported", "sign-ups")
    paths = {
        "account": reverse("own_account"),
        "set-up": reverse("set_up_app"),
        "erase": reverse("erase_person", args=[ada.pk]),
        "anonymise": reverse("anonymise_program", args=[program.slug]),
        "data-log": reverse("admin:mentorship_dataaccess_changelist"),
    }
    for viewport in ({"width": 1440, "height": 900}, PHONE):
        page = open_page(viewport=viewport, user=chair, dark=dark)
        for name, path in paths.items():
            page.goto(path)
            assert violations(page, COLOR_RULES if dark else None) == [], name
            assert fits(page), name
            look(page, f"{name}-{viewport['width']}-{'dark' if dark else 'light'}")


@pytest.mark.slow
def test_two_step_sign_in_from_the_first_code_to_the_next_sign_in(open_page, chair, violations):
    page = open_page(user=chair)
    page.goto(reverse("own_account"))
    page.get_by_role("link", name="Turn on").click()
    page.get_by_role("textbox", name="Code").fill("000000")
    page.get_by_role("button", name="Turn on two-step sign-in").click()
    page.get_by_text(second_factor.WRONG).wait_for()
    device = TOTPDevice.objects.get()
    device.throttle_reset()
    page.get_by_role("textbox", name="Code").fill(code_of(device))
    page.get_by_role("button", name="Turn on two-step sign-in").click()
    page.get_by_role("heading", name="Keep these where you find them").wait_for()
    codes = page.locator(".ac-codes code").all_inner_texts()
    assert len(codes) == 10
    assert violations(page) == []
    look(page, "codes")
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_text("10 recovery codes left").wait_for()
    look(page, "account-on")

    again = open_page(viewport=PHONE, user=chair)
    again.goto(reverse("own_account"))
    again.get_by_role("textbox", name="Code").wait_for()
    assert violations(again) == []
    look(again, "second-step")
    again.get_by_role("textbox", name="Code").fill(codes[3])
    again.get_by_role("button", name="Sign in").click()
    again.get_by_text("9 recovery codes left").wait_for()
    page.reload()
    page.get_by_role("button", name="Sign out everywhere else").click()
    page.get_by_text("Signed out everywhere else (1).").wait_for()


def code_of(device):
    from binascii import unhexlify

    from django_otp.oath import totp

    return f"{totp(unhexlify(device.key)):06d}"
