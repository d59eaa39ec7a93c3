"""The research sheet: taken out, filled in, brought back, and what counts more than it."""

import datetime
import io

import openpyxl
import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile

from mentorship.domain.files.spreadsheets import read_table
from mentorship.domain.imports.research import import_research
from mentorship.domain.people.decisions import save_details
from mentorship.domain.survey.answers import Answers
from mentorship.interfaces.exports.research_sheet import research_sheet
from mentorship.interfaces.research.searches import SEARCHES, search_links
from mentorship.models import Participant
from tests.factories import (
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
    UserFactory,
    record_response,
)

pytestmark = pytest.mark.django_db

PAGE, SHEET, IMPORT, CONFIRM = (
    f"/committee/people/{path}/"
    for path in ("research", "research/sheet", "import-research", "import-research/confirm")
)


@pytest.fixture
def program():
    return ProgramFactory()


@pytest.fixture
def ann(program):
    return ParticipantFactory(
        program=program, name="Ann A", email="ann@a.example", affiliation="Eastport"
    )


@pytest.fixture
def member(client, program):
    user = MembershipFactory(program=program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


class Sheet:
    """The program's research sheet, filled in and brought back."""

    def __init__(self, program):
        self.program = program
        self.book = openpyxl.load_workbook(io.BytesIO(research_sheet(program)))
        self.headings = [cell.value for cell in self.book["Research"][1]]

    def fill_in(self, email, **texts):
        sheet = self.book["Research"]
        row = next(r for r in sheet.iter_rows(min_row=2) if r[1].value == email)
        for heading, text in texts.items():
            row[self.headings.index(heading.replace("_", " "))].value = text

    def content(self):
        content = io.BytesIO()
        self.book.save(content)
        return content.getvalue()

    def back(self, **options):
        return import_research(self.program, read_table(self.content(), "r.xlsx"), **options)


def answer(person, **answers):
    moment = datetime.datetime(2027, 6, 20, tzinfo=datetime.UTC)
    return record_response(person, Answers(**answers), submitted_at=moment, origin="form")


def told(changes):
    return [(change.row, change.email, change.fields) for change in changes]


def test_it_lists_who_has_not_answered_with_what_is_known_and_where_to_look(program, ann):
    ParticipantFactory(program=program, withdrawn_at="2027-06-01T00:00Z")
    SurveyResponseFactory(participant__program=program)
    ParticipantFactory()
    sheet = Sheet(program).book["Research"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == (
        "Name", "Email", "Role", "Attending", "Search the web", "LinkedIn", "Papers",
        "Affiliation", "Fields", "Sector", "Career stage", "Notes", "Known when taken out",
    )  # fmt: skip
    assert [row[:12] for row in rows[1:]] == [
        ("Ann A", "ann@a.example", "mentor", "in person", "Search the web", "LinkedIn", "Papers",
         "Eastport", None, None, None, None),
    ]  # fmt: skip
    assert [sheet.cell(2, column).hyperlink.target for column in (5, 6, 7)] == [
        search_links(ann)[title] for title in SEARCHES
    ]
    assert search_links(ann)["Search the web"] == "https://duckduckgo.com/?q=%22Ann+A%22+Eastport"
    assert sheet.column_dimensions["M"].hidden
    offered = [(str(v.sqref), v.errorStyle) for v in sheet.data_validations.dataValidation]
    assert offered == [("I2", "warning"), ("J2", "stop"), ("K2", "stop")]


def test_hostile_names_stay_within_the_link(program):
    hostile = ParticipantFactory(
        program=program, name='=HYPERLINK("x")&a=b#c 😀', affiliation="é" * 200
    )
    links = list(search_links(hostile).values())
    assert links[0].startswith(
        "https://duckduckgo.com/?q=%22%3DHYPERLINK%28%22x%22%29%26a%3Db%23c+%F0%9F%98%80%22+%C3%A9"
    )
    assert max(map(len, links)) < 2079
    cells = [cell for row in Sheet(program).book["Research"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}


def test_what_was_filled_in_counts_as_research(program, ann):
    sheet = Sheet(program)
    sheet.fill_in(
        "ann@a.example",
        Fields="Biology/Health; CompSci/DS/ML",
        Sector="Academia",
        Career_stage="Mid career",
        Notes="Works on\nfish",
        Affiliation="Eastport Labs",
    )
    report = sheet.back(dry_run=True)
    ann.refresh_from_db()
    assert (ann.detail_sources, ann.fields.count()) == ({}, 0)

    assert sheet.back() == report
    assert told(report.changed) == [
        (
            2,
            "ann@a.example",
            {
                "affiliation": ("Eastport", "Eastport Labs"),
                "fields": ("", "Biology/Health; CompSci/DS/ML"),
                "sector": ("", "Academia"),
                "career stage": ("", "Mid career"),
                "notes": ("", "Works on\nfish"),
            },
        )
    ]
    ann.refresh_from_db()
    assert [f.name for f in ann.fields.all()] == ["Biology/Health", "CompSci/DS/ML"]
    assert (ann.affiliation, ann.sector.name, ann.career_stage, ann.notes) == (
        "Eastport Labs", "Academia", "mid", "Works on\nfish",
    )  # fmt: skip
    assert set(ann.detail_sources.values()) == {"research"}
    again = sheet.back()
    assert (again.unchanged, again.changed) == (1, [])


def test_an_answer_that_came_meanwhile_counts_and_the_row_is_listed(program, ann):
    quiet = ParticipantFactory(program=program, email="bo@b.example")
    sheet = Sheet(program)
    sheet.fill_in("ann@a.example", Notes="From research")
    answer(ann, notes="From Ann")
    answer(quiet)
    report = sheet.back()
    assert told(report.answered) == [(2, "ann@a.example", {"notes": ("From Ann", "From research")})]
    assert (report.changed, report.unchanged) == ([], 1)
    ann.refresh_from_db()
    assert (ann.notes, ann.detail_sources["notes"]) == ("From Ann", "survey")


def test_an_answer_replaces_the_research(program, ann):
    sheet = Sheet(program)
    sheet.fill_in("ann@a.example", Notes="From research")
    sheet.back()
    answer(Participant.objects.get(pk=ann.pk), notes="From Ann")
    ann.refresh_from_db()
    assert (ann.notes, ann.detail_sources["notes"]) == ("From Ann", "survey")


def test_what_was_filled_in_here_meanwhile_stays_and_is_listed(program, ann):
    sheet = Sheet(program)
    sheet.fill_in("ann@a.example", Notes="From the sheet", Sector="Industry")
    ann.notes, ann.affiliation = "From the page", "Westport"
    save_details(ann, ["notes", "affiliation"])
    report = sheet.back()
    assert told(report.conflicts) == [
        (2, "ann@a.example", {"notes": ("From the page", "From the sheet")})
    ]
    assert told(report.changed) == [(2, "ann@a.example", {"sector": ("", "Industry")})]
    ann.refresh_from_db()
    assert (ann.notes, ann.affiliation, ann.sector.name) == (
        "From the page", "Westport", "Industry",
    )  # fmt: skip


def test_what_cannot_be_is_a_doubt_or_refused_with_its_row(program, ann):
    ParticipantFactory(program=program, name="Bo B", email="bo@b.example")
    sheet = Sheet(program)
    sheet.fill_in("ann@a.example", Fields="Biology/Health; Alchemy", Sector="Circus")
    sheet.fill_in("bo@b.example", Affiliation="x" * 201)
    for email, affiliation in (
        ("nobody@b.example", "x"),
        ("no address", "x"),
        ("ann@a.example", "x"),
    ):
        sheet.book["Research"].append([None, email, *[None] * 5, affiliation])
    report = sheet.back()
    assert [(d.row, d.field, d.value) for d in report.doubts] == [
        (2, "Fields", "Alchemy"),
        (2, "Sector", "Circus"),
    ]
    assert told(report.changed) == [(2, "ann@a.example", {"fields": ("", "Biology/Health")})]
    assert [(r.row, r.value[:20], r.why) for r in report.refused] == [
        (3, "x" * 20, "affiliation longer than 200 characters"),
        (4, "nobody@b.example", "nobody in this program has this address"),
        (5, "no address", "invalid address"),
        (6, "ann@a.example", "the same person as in row 2"),
    ]


def test_a_sheet_of_another_origin_may_be_csv(program, ann):
    table = read_table(b"Email,Notes\nANN@a.example,Fish\nbo@b.example,a\x00b\n", "r.csv")
    report = import_research(program, table)
    assert told(report.changed) == [(2, "ann@a.example", {"notes": ("", "Fish")})]
    assert [(r.row, r.value, r.why) for r in report.refused] == [
        (3, "a␀b", "a character that no text can hold (NUL)")
    ]


def test_the_page_leads_from_the_sheet_to_the_button(client, member, program, ann):
    page = client.get(PAGE)
    assert page.context["silent"] == 1
    assert SHEET in page.content.decode()
    answer_ = client.get(SHEET)
    name = f'attachment; filename="research-{program.slug}.xlsx"'
    assert answer_["Content-Disposition"] == name

    sheet = Sheet(program)
    sheet.fill_in("ann@a.example", Notes="<b>Fish</b>")
    upload = SimpleUploadedFile("r.xlsx", sheet.content())
    preview = client.post(IMPORT, {"file": upload}, follow=True)
    assert [s["slug"] for s in preview.context["preview"]["sections"]] == ["changed"]
    assert b"&lt;b&gt;Fish&lt;/b&gt;" in preview.content
    draft = preview.context["draft"]
    done = client.post(f"/committee/people/imports/{draft.pk}/confirm")
    assert [str(m) for m in get_messages(done.wsgi_request)] == [
        "Imported r.xlsx: 1 row in the file and 1 filled in."
    ]
    ann.refresh_from_db()
    assert ann.notes == "<b>Fish</b>"
    assert ann.history.first().history_user == member
    client.post(f"/committee/people/imports/{draft.pk}/undo")
    ann.refresh_from_db()
    assert (ann.notes, ann.detail_sources.get("notes")) == ("", None)


@pytest.mark.parametrize("url", [PAGE, SHEET, IMPORT])
def test_outsiders_reach_nothing(client, program, ann, url):
    assert client.get(url).url == f"/committee/login/?next={url}"
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(url).url == "/committee/"


def test_the_sheet_takes_a_constant_number_of_queries(program, django_assert_num_queries):
    ParticipantFactory.create_batch(5, program=program)
    with django_assert_num_queries(4):
        research_sheet(program)
