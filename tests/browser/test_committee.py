"""The committee's site as its members use it: at a desk, on a phone, and by keyboard."""

import datetime
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from mentorship.domain.heartbeat import beat
from mentorship.models import Field, Participant
from tests.conftest import DESK, PHONE, fits
from tests.factories import (
    NEXT_SUMMER,
    YEAR,
    ConcernFactory,
    EmailLogFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime.datetime(YEAR, 6, 20, 12, tzinfo=datetime.UTC)
VIEWPORTS = pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
LONG = "Meteorology/Geology/Oceanography/Petrology"


@pytest.fixture
def program():
    return ProgramFactory(
        **NEXT_SUMMER,
        place="Tacoma",
        survey_opens_on=datetime.date(YEAR, 6, 14),
        survey_closes_on=datetime.date(YEAR, 7, 4),
        announce_on=datetime.date(YEAR, 7, 8),
    )


@pytest.fixture
def chair(program):
    return MembershipFactory(program=program, level="chair", user__username="chair").user


@pytest.fixture
def people(program):
    """A dozen people, of whom Kristýna needs decisions."""
    for number in range(12):
        person = ParticipantFactory(
            program=program,
            mentee=number % 2 == 0,
            virtual=number % 3 == 0,
            affiliation="University of Eastport",
            fields=["Biology/Health", LONG] if number % 4 == 0 else ["CompSci/DS/ML"],
        )
        if number > 3:
            SurveyResponseFactory(participant=person)
    kristyna = ParticipantFactory(
        program=program,
        name="Kristýna Čermáková",
        email="kristyna.cermakova@cs.tall-pines.example",
        survey_role="mentee",
        missing_since=NOON,
        fields=[LONG],
        detail_sources={"notes": "survey", "fields": "survey"},
        notes="Happy to talk about careers.",
    )
    SurveyResponseFactory(participant=kristyna, role="mentor", submitted_at=NOON)
    SurveyResponseFactory(
        participant=kristyna,
        role="mentee",
        notes="Happy to talk about careers.",
        capacity_as_typed="as many as you need!",
        doubts=[{"field": "capacity", "value": "as many as you need!"}],
        submitted_at=NOON + datetime.timedelta(days=1),
    )
    MatchFactory(program=program)
    EmailLogFactory(program=program, state="failed", state_reason="mailbox full")
    ConcernFactory(participant=kristyna)
    return kristyna


def listed(page):
    """Return the names in the people list, each of them in its link."""
    return page.locator("#result_list .field-who a strong")


def person_page(person):
    return reverse("admin:mentorship_participant_change", args=[person.pk])


@pytest.mark.slow
@VIEWPORTS
def test_dashboard(open_page, accessible, picture, chair, people, viewport):
    beat()
    page = open_page(viewport=viewport, user=chair)
    page.goto(reverse("admin:index"))

    expect(page.get_by_role("heading", name="Sign-ups", exact=True)).to_be_visible()
    expect(page.get_by_text("Role unclear for 1 person").first).to_be_visible()
    accessible(page)
    assert fits(page)
    if viewport == DESK:
        search = page.get_by_role("searchbox", name="Find a page")
        expect(search).to_have_attribute("placeholder", "Find a page")
        picture(page, "dashboard")

    decide, steps = page.locator(".db-decide").bounding_box(), page.locator("ol.cm-steps")
    beside = decide["x"] > steps.bounding_box()["x"]
    assert beside == (viewport == DESK)
    assert beside or decide["y"] < steps.bounding_box()["y"]
    kind = page.locator(".cm-kind").filter(has_text="Role unclear for 1 person")
    expect(kind.get_by_role("listitem")).to_have_count(1)
    kind.get_by_role("link", name="Kristýna Čermáková").click()
    expect(page).to_have_url(re.compile(re.escape(person_page(people)) + "$"))


@pytest.mark.slow
def test_every_page_is_accessible_and_fits(open_page, looks_right, chair, people, program):
    page = open_page(user=chair)
    answer = people.responses.first()
    names = ["participant", "surveyresponse", "question", "field", "program", "membership"]
    addresses = [
        reverse("admin:index"),
        *(reverse(f"admin:mentorship_{name}_changelist") for name in names),
        person_page(people),
        reverse("admin:mentorship_participant_add"),
        reverse("admin:mentorship_participant_export"),
        reverse("admin:mentorship_participant_history", args=[people.pk]),
        reverse("admin:mentorship_surveyresponse_change", args=[answer.pk]),
        reverse("admin:mentorship_program_change", args=[program.pk]),
        reverse("admin:mentorship_question_add"),
        reverse("admin:mentorship_membership_add"),
    ]
    for address in addresses:
        page.goto(address)
        expect(page.locator("main")).to_have_count(1)
        looks_right(page)


@pytest.mark.slow
def test_the_report_and_the_guide_that_helps_with_it(open_page, looks_right, chair, people):
    page = open_page(user=chair)
    page.goto(reverse("report"))
    looks_right(page)

    with page.expect_popup() as tab:
        page.get_by_role("link", name="Help for this page, in a new tab").click()

    guide = tab.value
    expect(guide).to_have_url(re.compile(r"/committee/guide/#the-report$"))
    expect(guide.get_by_role("heading", name="The report", exact=True)).to_be_in_viewport()
    looks_right(guide)


@pytest.mark.slow
def test_decides_a_role_and_sees_that_it_is_decided(open_page, chair, people, picture):
    page = open_page(user=chair)
    page.goto(person_page(people))
    expect(page.get_by_text("signed up as mentor, answered as mentee")).to_be_visible()
    expect(page.get_by_text("From the survey.").first).to_be_visible()
    picture(page, "person")

    page.get_by_label("Role decided").select_option("mentor")
    page.get_by_role("button", name="Decide role").click()

    expect(page.get_by_text("Role: mentor.")).to_be_visible()
    expect(page.get_by_text("signed up as mentor, answered as mentee")).to_have_count(0)
    people.refresh_from_db()
    assert people.role == "mentor"


@pytest.mark.slow
def test_researches_people_one_after_another_by_keyboard(
    open_page, chair, people, program, picture, accessible
):
    page = open_page(user=chair)
    page.goto(reverse("admin:index"))
    page.get_by_role("navigation").get_by_role("link", name="Research").click()
    first, second, third = program.participants.left_to_research()[:3]
    page.get_by_role("button", name="Look up the next person").click()
    expect(page.locator("#who")).to_have_text(str(first))
    accessible(page)

    page.get_by_label("Affiliation").fill("Tall Pines College, not to skip")
    page.get_by_label("Software Engineering").check()
    picture(page, "research")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#who")).to_have_text(str(second))
    page.wait_for_load_state()  # the keys are the script's
    page.keyboard.press("s")
    expect(page.locator("#who")).to_have_text(str(third))
    # Somebody switches the keys off; then they do nothing.
    page.get_by_label("Keys:").uncheck()
    page.keyboard.press("n")
    page.get_by_role("button", name="Nothing found").click()
    expect(page.get_by_text(f"{third} is out of the queue")).to_be_visible()

    first.refresh_from_db()
    assert first.affiliation == "Tall Pines College, not to skip"
    assert first.detail_sources == {"affiliation": "research", "fields": "research"}
    outcomes = program.research_turns.order_by("pk").values_list("participant", "outcome")
    assert list(outcomes[:3]) == [(first.pk, "found"), (second.pk, ""), (third.pk, "nothing")]


def test_withdraws_by_keyboard(open_page, chair, people):
    page = open_page(user=chair)
    page.goto(person_page(people))

    page.get_by_label("Reason for withdrawing").focus()
    page.keyboard.type("No ticket any more")
    page.keyboard.press("Enter")

    expect(page.get_by_text("has withdrawn.")).to_be_visible()
    people.refresh_from_db()
    assert people.withdrawn_why == "No ticket any more"


def test_copies_the_personal_link(open_page, chair, people, live_server):
    page = open_page(user=chair)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(person_page(people))

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == live_server.url + people.personal_path


@pytest.mark.slow
def test_every_column_of_the_people_list_is_in_view(open_page, chair, people):
    ParticipantFactory(
        program=people.program,
        name="Alžběta Procházka",
        email="alzbeta.prochazka@mail.blue-heron-health.example",
        affiliation="Harbor National Laboratory",
        fields=["Biology/Health", LONG],
    )
    page = open_page(viewport=DESK, user=chair)
    page.goto(reverse("admin:mentorship_participant_changelist"))

    in_view = """table => {
        const edge = table.closest(".simplebar-content-wrapper").getBoundingClientRect().right;
        return [...table.querySelectorAll("tbody td:last-child")].filter(
            cell => cell.getBoundingClientRect().right > edge + 1).length
    }"""
    assert page.locator("#result_list").evaluate(in_view) == 0
    heights = page.locator("#result_list .field-shown_attendance .cm-word").evaluate_all(
        "words => words.map(word => Math.round(word.getBoundingClientRect().height))"
    )
    assert len(set(heights)) == 1
    assert heights[0] < 30


@pytest.mark.slow
def test_empty_lists_say_whether_nothing_is_there_or_nothing_fits(open_page, chair, program):
    page = open_page(viewport=DESK, user=chair)
    page.goto(reverse("admin:notifications_emaillog_changelist"))
    expect(page.get_by_role("heading", name="No emails yet")).to_be_visible()
    expect(page.get_by_role("link", name="Show all")).to_have_count(0)

    page.goto(reverse("admin:notifications_emaillog_changelist") + "?q=nobody")
    expect(page.get_by_role("heading", name="No emails found")).to_be_visible()
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_role("heading", name="No emails yet")).to_be_visible()


@pytest.mark.slow
@VIEWPORTS
def test_people_list_filters_and_exports(open_page, chair, people, picture, viewport):
    page = open_page(viewport=viewport, user=chair)
    page.goto(reverse("admin:mentorship_participant_changelist"))
    if viewport == DESK:
        picture(page, "people")

    page.get_by_text("Filters").first.click()
    page.get_by_label("By role").select_option("doubt")
    page.get_by_role("button", name="Apply Filters").click()

    expect(listed(page)).to_have_text(["Kristýna Čermáková"])
    if viewport == PHONE:
        page.get_by_role("link", name="more_horiz").click()
    page.get_by_role("link", name="Export").click()
    page.get_by_label("Format").select_option(label="csv")
    with page.expect_download() as download:
        page.get_by_role("button", name="Submit").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["Name", "Kristýna Čermáková"]


@pytest.mark.slow
def test_switches_between_programs(open_page, chair, program):
    second = MembershipFactory(user=chair, program__name="JuliaCon").program
    page = open_page(user=chair)
    page.goto(reverse("switch_program", args=[second.slug]))
    expect(page.locator("#site-name")).to_have_text("JuliaCon")

    page.locator("#site-name").click()
    page.get_by_role("link", name=program.name).click()

    expect(page.locator("#site-name")).to_have_text(program.name)


@pytest.mark.slow
def test_a_page_of_one_program_changes_nothing_in_another(open_page, chair, program):
    second = MembershipFactory(user=chair, program__name="JuliaCon").program
    add = reverse("admin:mentorship_field_add")
    page = open_page(user=chair)
    page.goto(reverse("switch_program", args=[program.slug]))
    page.goto(add)
    page.get_by_label("Name").fill("For SciPy only")
    other_tab = page.context.new_page()
    other_tab.goto(reverse("switch_program", args=[second.slug]))

    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("Nothing was saved.")).to_contain_text(
        f"That page was for {program.slug}, and another tab has switched to {second.slug} since."
    )
    assert not Field.objects.filter(name="For SciPy only").exists()

    page.goto(reverse("switch_program", args=[program.slug]))
    page.goto(add)
    page.get_by_label("Name").fill("For SciPy only")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert Field.objects.get(name="For SciPy only").program == program


@pytest.mark.slow
@VIEWPORTS
def test_who_is_on_no_committee_gets_a_friendly_page(open_page, accessible, viewport):
    page = open_page(viewport=viewport, user=UserFactory(username="newcomer"))
    page.goto(reverse("admin:index"))

    expect(page.get_by_text("You’re not on a committee yet")).to_be_visible()
    accessible(page)
    assert fits(page)


@pytest.mark.slow
@VIEWPORTS
def test_a_fresh_program_starts_with_the_import(open_page, accessible, chair, viewport):
    page = open_page(viewport=viewport, user=chair)
    page.goto(reverse("admin:index"))

    expect(page.get_by_text("Nobody is in the program yet")).to_be_visible()
    assert Participant.objects.count() == 0
    accessible(page)
    assert fits(page)
