"""A committee member brings people in: chooses a file, reads what would change, says so."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from mentorship.domain.files.spreadsheets import read_file
from mentorship.domain.imports.signups import import_signups
from mentorship.models import Import, Participant, SurveyResponse
from tests.conftest import DESK, PHONE, fits
from tests.factories import MembershipFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)

DEMO = Path(__file__).parents[3] / "mentorship" / "demo"
FIRST, SECOND = DEMO / "signups-2027-06-12.csv", DEMO / "signups-2027-07-01.csv"
LOOK = "Preview changes"


@pytest.fixture
def program():
    return ProgramFactory(name="SciPy 2027")


@pytest.fixture
def member(program):
    return MembershipFactory(program=program).user


def choose(page, kind: str, path: Path) -> None:
    page.goto("/committee/mentorship/participant/")
    link = page.get_by_role("link", name=f"Import {kind}")
    if not link.is_visible():
        page.get_by_role("link", name="more_horiz").click()
    link.click()
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name=LOOK).click()


def section(page, slug: str) -> list[str]:
    """Return the lines of a part of the preview, each as one text, once it is there as a whole."""
    page.wait_for_load_state("load")
    lines = page.locator(f"#{slug} li").all_text_contents()
    return [" ".join(line.split()) for line in lines]


def numbers(page) -> dict[str, str]:
    page.wait_for_load_state("load")
    pairs = page.locator(".cm-numbers div")
    return {
        pair.locator("dt").text_content(): pair.locator("dd").text_content() for pair in pairs.all()
    }


@pytest.mark.slow
@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_sign_ups_come_in(open_page, accessible, picture, program, member, viewport):
    page = open_page(viewport=viewport, user=member)
    choose(page, "sign-ups", FIRST)
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    assert numbers(page) == {
        "rows in the file": "102",
        "new": "77",
        "changed": "0",
        "unchanged": "0",
        "not taking part": "21",
        "to decide on": "1",
        "repeated row": "1",
        "refused": "2",
    }
    assert section(page, "refused") == [
        "row 22 (blank) no address",
        "row 33 not-an-address invalid address",
    ]
    [undecided] = section(page, "undecided")
    assert (undecided[:7], undecided[-8:]) == ("row 42 ", "“Maybe?”")
    assert not Participant.objects.exists()
    accessible(page)

    page.get_by_role("button", name="Import these sign-ups").click()
    expect(
        page.get_by_text("Imported signups-2027-06-12.csv: 102 rows in the file")
    ).to_be_visible()
    assert Participant.objects.filter(program=program).count() == 77

    choose(page, "sign-ups", SECOND)
    assert section(page, "missing") == ["Azaan Baral azaan.baral53@freemail.example"]
    assert section(page, "tickets") == [
        "row 22 Beatriz Monteiro beatriz.monteiro20@freemail.example "
        "attendance from in person arrow_forward to virtual "
        "ticket from In-Person – Student arrow_forward to Virtual - General"
    ]
    assert len(section(page, "changed")) == 62
    accessible(page)
    if viewport == DESK:
        picture(page, "import-words")
        page.get_by_role("heading", name="What the words were taken for").click()
        picture(page, "import-preview")
    # Nothing is wider than the window, which on a phone would have to be pushed about.
    assert fits(page)

    page.get_by_role("button", name="Import these sign-ups").click()
    expect(page.get_by_text("Imported signups-2027-07-01.csv")).to_be_visible()
    assert Participant.objects.filter(program=program).count() == 85
    accessible(page)
    page.get_by_role("button", name="Keep Azaan Baral").click()
    expect(
        page.get_by_text("Azaan Baral stays registered, whatever the next export says.")
    ).to_be_visible()
    expect(page.get_by_text("Withdraw or keep?")).to_have_count(0)

    choose(page, "sign-ups", SECOND)
    expect(page.get_by_text("Everything in this file is already here")).to_be_visible()
    assert numbers(page)["unchanged"] == "84"


@pytest.mark.slow
def test_survey_answers_come_in(open_page, accessible, picture, program, member):
    import_signups(program, read_file(FIRST))
    import_signups(program, read_file(SECOND))
    page = open_page(user=member)
    choose(page, "responses", DEMO / "survey-2027.csv")
    assert numbers(page) == {
        "rows in the file": "71",
        "people answered": "69",
        "new responses": "70",
        "replaced by a newer one": "1",
        "people with nothing new": "0",
        "unknown address": "1",
        "refused": "0",
    }
    assert len(section(page, "unknown")) == 1
    assert section(page, "doubts") == [
        "row 5 jack.narang4@freemail.example capacity: “as many as you need!”"
    ]
    assert section(page, "roles") == [
        "row 2 Stuart Willis stuart.willis0@freemail.example "
        "role from mentor arrow_forward to mentee"
    ]
    accessible(page)
    page.get_by_role("button", name="Import these responses").click()
    expect(page.get_by_text("Imported survey-2027.csv: 71 rows in the file")).to_be_visible()
    assert SurveyResponse.objects.count() == 70

    accessible(page)
    whose = page.get_by_label("Email address of the person in the program")
    whose.fill("azaan.baral53@freemail.example")
    page.get_by_role("button", name="Attach the response from never.registered2027").click()
    expect(page.get_by_text("Saved as the response of Azaan Baral.")).to_be_visible()
    assert SurveyResponse.objects.count() == 71

    choose(page, "responses", DEMO / "survey-2027.csv")
    expect(page.get_by_text("There is nothing to import.")).to_be_visible()
    expect(page.get_by_role("button", name="Import these responses")).to_have_count(0)


@pytest.mark.slow
def test_one_column_is_corrected_and_the_import_is_undone(
    open_page, accessible, picture, program, member, tmp_path
):
    file = tmp_path / "people.csv"
    file.write_text(
        "Who,Contact,Ticket,Mentorship\n"
        "Zoë Müller,zoe@freemail.example,Online,mentor\n"
        "Ann Ash,ann@freemail.example,In person,mentee\n"
    )
    page = open_page(user=member)
    choose(page, "sign-ups", file)
    # The addresses are known by what they are, which nobody has confirmed yet.
    address = page.get_by_label("Contact")
    assert address.input_value() == "address"
    expect(page.get_by_text("Zoë Müller")).to_be_visible()
    accessible(page)
    picture(page, "import-columns")
    page.get_by_label("Who").select_option("email address")
    page.get_by_role("button", name=LOOK).click()
    expect(page.get_by_role("alert")).to_have_text(
        "error Two columns are taken for the email address. Leave one."
    )
    page.get_by_label("Who").select_option("name")
    page.get_by_role("button", name=LOOK).click()
    assert section(page, "new") == [
        "row 2 Zoë Müller zoe@freemail.example mentor, virtual",
        "row 3 Ann Ash ann@freemail.example mentee, in person",
    ]
    page.get_by_role("button", name="Import these sign-ups").click()
    expect(page.get_by_text("Imported people.csv: 2 rows in the file and 2 new.")).to_be_visible()
    assert Participant.objects.filter(program=program).count() == 2

    # What was chosen is remembered, and the very file is known again.
    choose(page, "sign-ups", file)
    expect(page.get_by_text("Everything in this file is already here")).to_be_visible()
    expect(page.get_by_text("This same file was imported on")).to_be_visible()

    page.goto("/committee/mentorship/import/")
    page.get_by_role("link", name="people.csv").click()
    expect(page.get_by_role("button", name="Undo this import")).to_be_visible()
    assert len(section(page, "new")) == 2
    accessible(page)
    picture(page, "import-done")
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("Undone: people.csv.")).to_be_visible()
    expect(page.get_by_text("It was already undone.")).to_be_visible()
    assert not Participant.objects.exists()


def test_hostile_cells_are_shown_as_text(open_page, member, tmp_path):
    file = tmp_path / "<img src=x onerror=alert(1)>.csv"
    file.write_text(
        "Name,Email,Ticket,Mentorship\n"
        "<script>alert(1)</script>,zoe@freemail.example,=1+1,mentor\n"
        "Zed,<b>bold</b>,Online,mentor\n"
    )
    page = open_page(user=member)
    page.on("dialog", lambda dialog: pytest.fail("a script in a cell has run"))
    choose(page, "sign-ups", file)
    assert section(page, "new") == ["row 2 <script>alert(1)</script> zoe@freemail.example mentor"]
    assert section(page, "refused") == ["row 3 <b>bold</b> invalid address"]
    expect(page.get_by_role("heading", name=f"{file.name} for")).to_be_visible()


ASKING = """Order,Name,Email,Status,Ticket,Mentorship
A1,Ada Quist,ada@a.example,paid,In person,I can mentor
A2,Ben Orr,ben@b.example,paid,Conference + tutorials (hybrid),I would like a mentor
A3,Cai Lee,cai@c.example,paid,Conference + tutorials (hybrid),Wherever you put me
A4,Dot May,dot@d.example,paid,Virtual,Both
A5,Eve Ng,eve@e.example,refunded,Virtual,I can mentor
A6,Fay Roe,fay@f.example,paid,T-shirt,I can mentor
"""


@pytest.mark.slow
@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_what_can_be_read_in_two_ways_is_asked_and_remembered(
    open_page, accessible, program, member, tmp_path, viewport
):
    file = tmp_path / "tickets.csv"
    file.write_text(ASKING)
    page = open_page(viewport=viewport, user=member)
    choose(page, "sign-ups", file)
    expect(page.get_by_role("heading", name="2 questions about this file")).to_be_visible()
    assert section(page, "left-out") == [
        "row 6 Eve Ng eve@e.example refunded",
        "row 7 Fay Roe fay@f.example T-shirt: admits nobody",
    ]
    assert section(page, "undecided") == ["row 5 Dot May dot@d.example “Both”"]
    accessible(page)
    assert fits(page)
    page.get_by_label("2 rows say “Conference + tutorials (hybrid)”").select_option("in person")
    page.get_by_label("1 row says “Wherever you put me”").select_option("mentee")
    page.get_by_role("button", name="Save answers").click()

    expect(page.get_by_role("heading", name="about this file")).to_have_count(0)
    page.get_by_text("What the words were taken for").click()
    expect(page.get_by_label("Wherever you put me")).to_have_value("mentee")
    accessible(page)
    assert fits(page)
    page.get_by_role("button", name="Import these sign-ups").click()
    expect(page.get_by_text("Imported tickets.csv: 6 rows in the file, 3 new")).to_be_visible()
    people = Participant.objects.filter(program=program).order_by("email")
    assert list(people.values_list("email", "role", "attendance")) == [
        ("ada@a.example", "mentor", "in_person"),
        ("ben@b.example", "mentee", "in_person"),
        ("cai@c.example", "mentee", "in_person"),
    ]
    accessible(page)
    page.get_by_role("button", name="Dot May: mentee").click()
    expect(page.get_by_text("Saved for Dot May.")).to_be_visible()
    assert people.get(email="dot@d.example").role == "mentee"

    choose(page, "sign-ups", file)
    expect(page.get_by_role("heading", name="about this file")).to_have_count(0)
    expect(page.get_by_text("The rest of this file is already here.")).to_be_visible()
    page.goto("/committee/mentorship/valuemeaning/")
    expect(page.get_by_text("Wherever you put me")).to_be_visible()
    accessible(page)

    done = Import.objects.get(state="done")
    page.goto(f"/committee/mentorship/import/{done.pk}/change/")
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("Undone: tickets.csv")).to_be_visible()
    assert not people.exists()
