"""The participant's pages in a real browser: phone and desk, with a script and without."""

import datetime

import pytest
from playwright.sync_api import expect

from mentorship.models import Question
from tests.conftest import DESK, PHONE, fits
from tests.factories import ParticipantFactory, ProgramFactory, QuestionFactory

pytestmark = pytest.mark.django_db(transaction=True)
THUMB = 44  # pixels


@pytest.fixture
def program():
    program = ProgramFactory(
        name="Conf 2090",
        starts_on=datetime.date(2090, 7, 10),
        ends_on=datetime.date(2090, 7, 16),
        announce_on=datetime.date(2090, 7, 6),
    )
    QuestionFactory(program=program, text="Have you been a mentor before?", role="mentor")
    QuestionFactory(
        program=program,
        text="Which languages do you speak?",
        kind=Question.Kind.MULTIPLE,
        choices=["English", "Hindi"],
        required=True,
    )
    return program


@pytest.fixture
def ana(program):
    return ParticipantFactory(program=program, name="Ana Lima", short_name="Ana", mentee=True)


def asked(page) -> list[str]:
    """The questions that can be seen, in their order."""
    names = page.locator("section > div").filter(visible=True).locator("legend, label.form-label")
    return [" ".join(text.rstrip(" *\n").split()) for text in names.all_text_contents()]


@pytest.mark.slow
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_somebody_answers(open_page, accessible, picture, ana, viewport, javascript):
    page = open_page(viewport=viewport, javascript=javascript)
    page.goto(ana.personal_path)
    expect(page.get_by_role("heading", name="Hi Ana, a few questions about you")).to_be_visible()
    expect(page.get_by_label("a mentee", exact=True)).to_be_checked()
    if javascript:
        accessible(page)
        if viewport == PHONE:
            picture(page, "intake")
    page.get_by_label("a mentor", exact=True).check()
    page.get_by_label("virtually", exact=True).check()
    page.get_by_label("Meteorology/Geology/Oceanography/Petrology").check()
    page.get_by_label("Where do you work or study").fill("Harbor Lab <b>&")
    page.get_by_label("how many mentees could you take").fill("two")
    page.get_by_label("what could you talk about").fill("Packaging")
    page.get_by_label("9 AM to noon").check()
    page.get_by_label("Your time zone").select_option("Asia/Tokyo")
    page.get_by_label("Hindi").check()
    page.get_by_label("rather not be matched with").fill("My boss")
    page.get_by_role("button", name="Save my answers").click()

    expect(page.get_by_role("heading", name="Not saved yet: 2 answers to check")).to_be_visible()
    summary = page.locator("#problems")
    expect(summary.get_by_role("link")).to_have_text(
        ["Employment sector", "If you’re a mentor: how many mentees could you take?"]
    )
    expect(page.get_by_label("Where do you work or study")).to_have_value("Harbor Lab <b>&")
    if javascript:
        accessible(page)
        expect(summary).to_be_focused()
    summary.get_by_role("link", name="Employment sector").click()
    expect(page.get_by_label("Employment sector")).to_be_in_viewport()
    page.get_by_label("Employment sector").select_option("Industry")
    page.get_by_label("how many mentees could you take").fill("2")
    page.get_by_role("button", name="Save my answers").click()

    expect(page.get_by_role("heading", name="Thank you, Ana")).to_be_visible()
    expect(page.get_by_text("You’re taking part as a mentor, virtually.")).to_be_visible()
    if javascript:
        accessible(page)
    ana.refresh_from_db()
    response = ana.responses.get()
    assert {
        "role": ana.role,
        "attendance": ana.attendance,
        "fields": [str(field) for field in ana.fields.all()],
        "sector": str(ana.sector),
        "affiliation": ana.affiliation,
        "capacity": ana.capacity,
        "topics_offered": ana.topics_offered,
        "time_zone": ana.time_zone,
        "free_hours": response.free_hours,
        "rather_not_meet": response.rather_not_meet,
        "other_answers": list(response.other_answers.values()),
    } == {
        "role": "mentor",
        "attendance": "virtual",
        "fields": ["Meteorology/Geology/Oceanography/Petrology"],
        "sector": "Industry",
        "affiliation": "Harbor Lab <b>&",
        "capacity": 2,
        "topics_offered": "Packaging",
        "time_zone": "Asia/Tokyo",
        "free_hours": [9, 10, 11],
        "rather_not_meet": "My boss",
        "other_answers": [["Hindi"]],
    }


@pytest.mark.slow
def test_only_what_is_asked_of_the_chosen_role_is_shown(phone, ana):
    everyone = [
        "My fields",
        "Employment sector",
        "Career stage",
        "Where do you work or study?",
    ]
    rest = ["Anything else that helps match you?", "Which languages do you speak?"]
    wishes = [
        "Is there someone you’d like to meet?",
        "Is there someone you’d rather not be matched with?",
    ]
    hopes = ["If you’re a mentee: what would you like to talk about?"]
    phone.goto(ana.personal_path)
    names = ["Your name", "What should we call you?"]
    take_part = ["I’d like to take part as"]
    other = "Could you take the other role if there are too few people in it?"
    when = ["When could you meet?", "On which days?"]
    assert asked(phone) == [
        *(*names, *take_part, other, "I’m attending"),
        *(*everyone, *hopes, *rest, *when, *wishes),
    ]
    expect(phone.locator("#answered")).to_have_text("5 of 16")

    phone.get_by_label("a mentor", exact=True).check()
    phone.get_by_label("virtually", exact=True).check()
    offers = [
        "If you’re a mentor: how many mentees could you take?",
        "If you’re a mentor: what could you talk about?",
    ]
    before = ["If you’re a mentor: have you been a mentor before?"]
    call = ["Your time zone during the conference", *when]
    assert asked(phone) == [
        *(*names, *take_part, other, "I’m attending", *everyone, *offers),
        *(rest[0], *before, rest[1], *call, *wishes),
    ]
    here = phone.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    expect(phone.get_by_label("Your time zone")).to_have_value(here)

    phone.get_by_label("either: where I help most").check()
    assert asked(phone) == [
        *(*names, *take_part, "I’m attending", *everyone, *offers, *hopes),
        *(rest[0], *before, rest[1], *call, *wishes),
    ]

    phone.get_by_label("I can’t take part after all").check()
    assert asked(phone) == take_part
    phone.get_by_role("button", name="Save my answers").click()
    expect(phone.get_by_role("heading", name="You’re off the list")).to_be_visible()


@pytest.mark.slow
def test_everything_is_asked_where_no_script_runs(open_page, ana):
    page = open_page(viewport=PHONE, javascript=False)
    page.goto(ana.personal_path)
    assert len(asked(page)) == 20


@pytest.mark.slow
def test_the_form_fits_a_phone_and_a_thumb(phone, ana):
    phone.goto(ana.personal_path)
    phone.get_by_label("virtually", exact=True).check()
    assert fits(phone)
    targets = phone.locator("form .form-check-label, form button, form input.form-control, select")
    boxes = [target.bounding_box() for target in targets.filter(visible=True).all()]
    assert len(boxes) > 20
    assert [box for box in boxes if box["height"] < THUMB] == []


def test_the_form_can_be_filled_in_with_the_keyboard_alone(page, ana):
    page.goto(ana.personal_path)
    keys = page.keyboard
    page.get_by_label("a mentee", exact=True).focus()
    keys.press("ArrowUp")
    expect(page.get_by_label("a mentor", exact=True)).to_be_checked()
    for _ in range(3):
        keys.press("Tab")
    keys.press("Space")
    expect(page.get_by_label("Physics/Astro/Chemistry")).to_be_checked()
    for _ in range(7):
        keys.press("Tab")
    keys.type("Ind")
    for _ in range(3):
        keys.press("Tab")
    keys.type("1")
    expect(page.get_by_label("Employment sector")).to_have_value(
        str(ana.program.sectors.get(name="Industry").pk)
    )
    page.get_by_label("English").focus()
    keys.press("Space")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Thank you, Ana")).to_be_visible()
    assert ana.responses.get().capacity == 1


@pytest.mark.slow
def test_somebody_leaves_and_comes_back(phone, accessible, ana):
    phone.goto(ana.personal_path)
    phone.get_by_role("button", name="I can’t take part after all").click()
    expect(phone.get_by_role("heading", name="You can’t take part after all?")).to_be_visible()
    accessible(phone)
    phone.get_by_label("Is there anything the committee should know?").fill("Ill")
    phone.get_by_role("button", name="Take me off the list").click()
    expect(phone.get_by_role("heading", name="You’re off the list")).to_be_visible()
    accessible(phone)
    ana.refresh_from_db()
    assert (ana.takes_part, ana.withdrawn_why) == (False, "Ill")
    phone.get_by_role("link", name="I can take part after all").click()
    phone.get_by_label("a mentee", exact=True).check()
    phone.get_by_label("in person").check()
    phone.get_by_label("Other", exact=True).check()
    phone.get_by_label("Employment sector").select_option("Student")
    phone.get_by_label("English").check()
    phone.get_by_role("button", name="Save my answers").click()
    expect(phone.get_by_role("heading", name="Thank you, Ana")).to_be_visible()
    ana.refresh_from_db()
    assert (ana.takes_part, ana.withdrawn_why) == (True, "")


@pytest.mark.slow
def test_what_is_stored_can_be_read_and_downloaded(phone, ana):
    phone.goto(ana.personal_path)
    phone.get_by_role("link", name="What is stored about me").click()
    expect(phone.get_by_text(ana.email)).to_be_visible()
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Download as a file").click()
    assert download.value.suggested_filename == f"{ana.program.slug}-my-data.json"
