"""A chair connects the shop, disconnects it, and follows a sheet whose columns need a word."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from mentorship.models import ImportSource
from tests.factories import MembershipFactory, ProgramFactory
from tests.mentorship.sources.conftest import people, read, web  # noqa: F401
from tests.mentorship.sources.test_pretix import TOKEN, Replay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
def test_a_shop_and_a_sheet_from_connecting_to_disconnecting(
    open_page,
    looks_right,
    web,  # noqa: F811
):
    program = ProgramFactory(starts_on="2090-07-10", ends_on="2090-07-16")
    page = open_page(user=MembershipFactory(program=program, level="chair").user)
    web.pages = Replay("bought")

    page.goto(reverse("sources"))
    page.get_by_role("link", name="Connect pretix").click()
    page.locator("input[name=address]").fill(f"{web.url}/control/event/sci/con/orders/")
    page.locator("input[name=token]").fill(TOKEN)
    page.get_by_role("button", name="Connect").click()
    page.get_by_role("heading", name="What the shop asks").wait_for()
    page.get_by_role("button", name="Save and read the orders").click()
    page.get_by_text("Nothing is imported yet.").wait_for()
    source = ImportSource.objects.get()
    read(source)
    page.get_by_role("link", name="Review the changes").click()
    page.get_by_role("button", name="Import these sign-ups").click()
    page.get_by_text("Imported con, orders from pretix").wait_for()
    assert len(people(program)) == 6

    page.goto(reverse("source", args=[source.pk]))
    looks_right(page)
    page.get_by_text("Remove this source").click()
    page.get_by_role("button", name="Remove permanently").click()
    page.get_by_role("heading", name="Nothing is read automatically yet").wait_for()

    web.pages = {}
    address = web.serve(
        "/list.csv", "Who,Contact,Ticket,Mentorship\nZoe,zoe@a.example,In person,mentor\n"
    )
    page.get_by_role("link", name="Follow a sheet").click()
    page.locator("input[name=address]").fill(address)
    page.get_by_role("button", name="Follow this sheet").click()
    page.get_by_text("Nothing is imported yet.").wait_for()
    read(ImportSource.objects.get())
    page.get_by_role("link", name="Review the changes").click()
    page.get_by_label("Who").select_option("name")
    page.get_by_role("button", name="Preview changes").click()
    expect(page.locator("#new li")).to_have_text(["row 2 Zoe zoe@a.example mentor, in person"])
    page.get_by_role("button", name="Import these sign-ups").click()
    page.get_by_text("Imported 127.0.0.1: list.csv").wait_for()
    assert people(program)["zoe@a.example"] == ("Zoe", "mentor", "in_person")
