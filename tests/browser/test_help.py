"""An evening of help: a rematch, undone and chosen anew; by the keyboard; without script."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from matching.models import ConcernEntry, Match
from notifications.models import EmailLog, Rematch
from tests.conftest import PHONE, fits
from tests.notifications.support.evening import everything, make_evening, member

pytestmark = pytest.mark.django_db(transaction=True)


def live():
    names = Match.objects.live().values_list("mentor__short_name", "mentee__short_name", "status")
    return sorted(names)


def queued():
    """Return the emails of the newest rematch, as the outbox has them."""
    emails = Rematch.objects.first().batch.emails.order_by("pk")
    return [(m.subject, ", ".join(m.recipients), m.text_body, m.html_body) for m in emails]


def shown(page):
    """Return the emails that the assistant shows, each whole."""
    return [
        (
            email.locator("h3").inner_text(),
            email.locator("h3 + p").inner_text().partition(" to ")[2],
            email.locator("pre").evaluate("pre => pre.textContent"),
            email.locator("iframe").get_attribute("srcdoc"),
        )
        for email in page.locator(".hr-email").all()
    ]


@pytest.mark.slow
def test_an_evening_of_help(open_page, looks_right, picture):
    evening = make_evening()
    marek = member(evening.program, "Marek")
    page = open_page(user=member(evening.program))
    page.goto("/committee/matching/concern/")
    page.get_by_role("link", name="Chi Okafor").click()
    page.get_by_text("Two emails, no answer").first.wait_for()

    # Somebody else has taken it meanwhile: what was typed stays, and what happened is said.
    ConcernEntry.objects.create(concern=evening.concern, by=marek, did="took this request")
    page.get_by_label("A note, or how it was settled").fill("They met at lunch")
    page.get_by_role("button", name="Settle").click()
    expect(page.get_by_role("alert")).to_contain_text("Meanwhile: Marek took this request")
    expect(page.get_by_label("A note, or how it was settled")).to_have_value("They met at lunch")
    page.get_by_label("A note, or how it was settled").fill("Dee’s phone is off")
    page.get_by_role("button", name="Save note").click()
    page.get_by_role("button", name="I’ll take care of it").click()
    expect(page.get_by_text("You take care of this request.")).to_be_visible()
    picture(page, "help-request")

    # The first choice is undone within two minutes, the second stays.
    before = everything()
    page.get_by_role("link", name="See who is possible").click()
    page.get_by_role("link", name="See the emails: Flo Ray").click()
    page.get_by_role("heading", name="Chi Okafor with Flo Ray").wait_for()
    picture(page, "rematch")
    looks_right(page)
    assert everything() == before
    emails = shown(page)
    page.get_by_label("Settle the request, too").uncheck()
    page.get_by_role("button", name="Rematch and send 3 emails").click()
    page.get_by_role("heading", name="Sending starts in").wait_for()
    assert emails == queued()
    assert live() == [("Eve", "Gus", "draft"), ("Flo", "Chi", "announced")]
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone: 3 emails will not be sent.").wait_for()
    after = everything()
    assert {row["state"] for row in after["emails"][len(before["emails"]) :]} == {"cancelled"}
    after["emails"] = after["emails"][: len(before["emails"])]
    assert after == before
    looks_right(page)

    # The same by the keyboard alone.
    page.get_by_role("link", name="See who is possible").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Chi Okafor with Eve Fox").wait_for()
    emails = shown(page)
    page.get_by_role("button", name="Rematch and send 3 emails").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sending starts in").wait_for()
    assert emails == queued()
    assert live() == [("Eve", "Chi", "announced"), ("Flo", "Gus", "draft")]
    page.get_by_text("You settled it").wait_for()
    page.get_by_role("link", name="All open help requests").click()
    page.get_by_role("heading", name="No help requests found").wait_for()
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("link", name="Chi Okafor").wait_for()
    looks_right(page)


@pytest.mark.slow
def test_without_script_on_a_phone(open_page):
    evening = make_evening()
    page = open_page(user=member(evening.program), viewport=PHONE, javascript=False)
    page.goto(reverse("help_request", args=[evening.concern.pk]))
    page.get_by_role("link", name="See who is possible").click()
    rematch = page.get_by_role("button", name="Rematch and send 3 emails")
    rematch.wait_for()
    assert fits(page)
    rematch.click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone: 3 emails will not be sent.").wait_for()
    assert live() == [("Dee", "Chi", "announced"), ("Flo", "Gus", "draft")]
    assert EmailLog.objects.filter(state="queued").exclude(kind="problem_received").count() == 0
