"""The email schedule in a real browser: turn a schedule on, skip a day, undo that."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.schedule_defaults import schedule_of
from notifications.models import EmailLog, ScheduleRun
from tests.conftest import PHONE, fits
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory, ScheduleFactory

pytestmark = pytest.mark.django_db(transaction=True)


def days(number):
    return datetime.timedelta(days=number)


@pytest.fixture
def program():
    """A survey that 9 people were sent three days ago, and 3 people who signed up since."""
    program = ProgramFactory(name="SciPy 2027")
    now = program.local(timezone.now())
    today = now.date()
    program.survey_opens_on, program.survey_closes_on = today - days(3), today + days(12)
    program.announce_on = today + days(16)
    program.starts_on, program.ends_on = today + days(20), today + days(26)
    program.save()
    ParticipantFactory.create_batch(9, program=program)
    sent = now.replace(hour=12) - days(3)
    queue_mail(program, "survey", rest_seconds=0, now=sent)
    EmailLog.objects.update(state="sent", sent_at=sent)
    ParticipantFactory.create_batch(3, program=program)
    ScheduleFactory(
        program=program, kind="survey", is_on=True, anchor="survey_opens_on", after_days=None,
        at_most=None, from_hour=0, to_hour=24,
    )  # fmt: skip
    return program


@pytest.mark.slow
def test_turns_reminders_on_skips_a_day_and_takes_that_back(
    open_page, accessible, picture, program
):
    member = MembershipFactory(program=program).user
    page = open_page(user=member)
    page.goto("/committee/")
    expect(page.get_by_text("Survey invitation to up to 3 people within minutes")).to_be_visible()
    page.get_by_role("link", name="Open the email schedule").click()
    page.get_by_role("link", name="Change or turn on: Survey reminder").click()
    preview = page.locator("#preview")
    expect(preview.get_by_text("to up to 9 people")).to_have_count(2)
    page.get_by_label("Most reminders per person").fill("1")
    expect(preview.get_by_text("to up to 9 people")).to_have_count(1)
    accessible(page)
    page.get_by_role("button", name="Save and turn on").click()
    expect(page.get_by_text("Survey reminder is scheduled from now on.")).to_be_visible()
    assert schedule_of(program, "reminder").at_most == 1

    day = program.local(timezone.now()).date() + days(2)
    words = f"Survey reminder on {program.formats.day(day)}"
    page.get_by_role("button", name=f"Skip: {words}").press("Enter")
    undo = page.get_by_role("button", name="Undo: Survey reminder is skipped on")
    expect(undo).to_be_visible()
    assert ScheduleRun.objects.get().day == day
    accessible(page)
    picture(page, "calendar")

    page.set_viewport_size(PHONE)
    accessible(page)
    assert fits(page)
    undo.press("Enter")
    expect(page.get_by_role("button", name=f"Skip: {words}")).to_be_visible()
    assert not ScheduleRun.objects.exists()
