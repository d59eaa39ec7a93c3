"""A large program's proposal is made by a worker, while two members look on."""

import datetime
from io import BytesIO

import pytest
from celery import current_app
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from matching.domain.proposals import runs
from matching.models import Match, ProposalRun
from mentorship.domain import jobs
from tests.browser.held import Held
from tests.conftest import DESK, PHONE
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def program(monkeypatch):
    """A program that counts as large; its tasks go nowhere, and the test is the worker."""
    monkeypatch.setattr(runs, "PEOPLE_AT_ONCE", 1)
    monkeypatch.setattr(current_app, "send_task", lambda *args, **kwargs: None)
    program = ProgramFactory(name="SciPy 2027")
    for name in ("Ada Moe", "Cy Ng"):
        ParticipantFactory(program=program, name=name)
    for name in ("Ben Lund", "Di Ost", "Flo Ek"):
        ParticipantFactory(program=program, name=name, mentee=True)
    return program


def member(program, first_name):
    return MembershipFactory(
        program=program, user__first_name=first_name, user__last_name="Lee"
    ).user


def at_work():
    return ProposalRun.objects.get(ended_at=None)


@pytest.mark.slow
def test_a_proposal_is_watched_saved_and_cancelled(open_page, looks_right, program):
    ann = open_page(user=member(program, "Ann"))
    ann.goto("/committee/board/")
    ann.get_by_role("link", name="Propose matches").click()
    expect(ann.get_by_text("Waiting for a worker.")).to_be_visible()
    # Nothing moves for who wants no motion; a bar of one color would look empty, or full.
    bar = Image.open(BytesIO(ann.get_by_role("progressbar").screenshot())).convert("RGB")
    middle = bar.crop((10, bar.height // 2, bar.width - 10, bar.height // 2 + 1))
    assert len({color for number, color in middle.getcolors() if number > 20}) == 2
    looks_right(ann)
    ann.reload()
    run = at_work()
    bob = open_page(user=member(program, "Bob"))
    bob.goto("/committee/board/propose/")
    expect(bob.get_by_text("Ann Lee started this at")).to_be_visible()

    # The page says each step where a reader of a screen hears it, and leaves the focus alone.
    ann.get_by_role("button", name="Cancel").focus()
    ProposalRun.objects.update(taken_at=timezone.now())
    jobs.show_progress(f"proposal:{run.pk}", 200, 400, "Step 3 of 4: Finding the best pairs")
    spoken = ann.locator("[aria-live=polite]").filter(has_text="Step 3 of 4: Finding")
    expect(spoken).to_have_attribute("id", "progress")
    expect(ann.get_by_role("progressbar")).to_have_attribute("value", "50")
    expect(ann.get_by_role("button", name="Cancel")).to_be_focused()

    ProposalRun.objects.update(taken_at=None)
    runs.work_on(run.pk)
    for page in (ann, bob):
        expect(page.get_by_text("2 pairs from 2 mentors and 3 mentees")).to_be_visible()
    looks_right(ann)
    ann.get_by_role("link", name="Show the reasons").click()
    expect(ann.get_by_role("heading", name="Mentors needed")).to_be_visible()

    ann.get_by_role("button", name="Save as drafts").click()
    expect(ann.get_by_role("heading", name="Saving the proposal", level=2)).to_be_visible()
    bob.goto("/committee/board/propose/")
    bob.get_by_role("button", name="Cancel").click()
    expect(bob.get_by_text("You canceled this proposal at")).to_be_visible()
    expect(ann.get_by_text("Bob Lee canceled this proposal at")).to_be_visible()
    assert not Match.objects.exists()

    ann.get_by_role("link", name="See the preview again").click()
    ann.get_by_role("button", name="Save as drafts").click()
    expect(ann.get_by_role("heading", name="Saving the proposal", level=2)).to_be_visible()
    runs.work_on(at_work().pk)
    expect(ann.get_by_text("Saved 2 pairs. 1 mentee is unmatched.")).to_be_visible()
    assert Match.objects.live().count() == 2


@pytest.mark.slow
def test_a_page_goes_on_once_however_long_the_next_one_takes(open_page, program):
    page = open_page(user=member(program, "Ann"))
    page.goto("/committee/board/propose/")
    run = at_work()
    next_one = Held(page, f"**/propose/{run.pk}/")
    runs.work_on(run.pk)
    asked = next_one.first()
    for _ in range(2):
        with page.expect_response("**/progress*"):
            pass
    assert next_one.routes == [asked]
    asked.continue_()
    expect(page.get_by_text("2 pairs from 2 mentors and 3 mentees")).to_be_visible()


@pytest.mark.slow
def test_it_works_without_a_script(open_page, program):
    page = open_page(user=member(program, "Ann"), javascript=False)
    page.goto("/committee/board/propose/")
    runs.work_on(at_work().pk)
    page.get_by_role("link", name="Refresh").click()
    page.get_by_role("button", name="Save as drafts").click()
    runs.work_on(at_work().pk)
    page.get_by_role("link", name="Refresh").click()
    expect(page.get_by_text("Saved 2 pairs. 1 mentee is unmatched.")).to_be_visible()


@pytest.mark.slow
def test_a_worker_that_stopped_is_said_on_an_open_page(open_page, looks_right, program):
    page = open_page(user=member(program, "Ann"))
    page.goto("/committee/board/propose/")
    expect(page.get_by_text("Waiting for a worker.")).to_be_visible()
    first = at_work()
    ProposalRun.objects.update(taken_at=timezone.now() - datetime.timedelta(seconds=61))
    expect(page.get_by_role("heading", name="The worker has stopped")).to_be_visible()
    looks_right(page)

    # What it hears of the first one while it waits for the next does not lead back there.
    next_one = Held(page, "**/repeat")
    with page.expect_response("**/progress*"):
        page.locator("form[action$=repeat]").evaluate("form => form.requestSubmit()")
    asked = next_one.first()
    answer = asked.fetch(max_redirects=0)
    with page.expect_response("**/progress*"):
        pass
    asked.fulfill(response=answer)
    expect(page.get_by_text("Waiting for a worker.")).to_be_visible()
    assert at_work() != first


@pytest.mark.slow
def test_the_list_of_proposals_and_the_switch_of_programs_can_be_read(
    open_page, looks_right, program, monkeypatch
):
    monkeypatch.setattr(runs, "PEOPLE_AT_ONCE", 100)
    ann = member(program, "Ann")
    MembershipFactory(program=ProgramFactory(name="SciPy 2026 in a city of long names"), user=ann)
    runs.work_on(runs.start_run(program, ann, saves=True)[0].pk)
    page = open_page(user=ann)
    page.goto(reverse("switch_program", args=[program.slug]))
    page.goto(reverse("admin:matching_proposal_changelist"))
    page.get_by_text("2 from 3 mentees, 2 mentors").wait_for()
    looks_right(page)

    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        page.reload()
        if viewport is PHONE:
            page.locator("[x-on\\:click*=sidebarMobileOpen]:visible").first.click()
        page.get_by_text("SciPy 2027").locator("visible=true").first.click()
        expect(page.get_by_role("link", name="SciPy 2026 in a city")).to_be_visible()
        looks_right(page)
