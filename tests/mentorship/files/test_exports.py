"""People and answers as files, from their list pages."""

import csv
import datetime
import io
import json
import tracemalloc

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mentorship.interfaces.exports.formats import CSV, JSON, XLSX, Rows
from mentorship.models import Question
from tests.factories import (
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    QuestionFactory,
    SurveyResponseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PEOPLE = reverse("admin:mentorship_participant_export")
ANSWERS = reverse("admin:mentorship_surveyresponse_export")
FORMATS = ["csv", "xlsx", "json"]
NOON = datetime.datetime(2083, 6, 20, 12, tzinfo=datetime.UTC)
HOSTILE = ["=1+1", "@SUM(A1)", "\t=1", " =1+1", "\uff1d1", "'=1", "-1+1"]


@pytest.fixture
def program():
    return ProgramFactory(name="Conf", slug="conf")


@pytest.fixture
def member(client, program):
    user = MembershipFactory(program=program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def export(client, address, form="csv"):
    return client.post(address, {"format": FORMATS.index(form), "resource": "0"})


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


@pytest.mark.each
class TestPeople:
    def test_the_page_offers_three_formats_and_says_what_is_in_them(self, client, member):
        page = client.get(PEOPLE)

        formats = page.context["form"].fields["format"].choices
        assert [label for _, label in formats if label in FORMATS] == FORMATS
        assert page.context["fields_list"][0][1][:3] == ["Name", "Email", "Role"]

    def test_one_row_a_person_of_this_program(self, client, member, program):
        ParticipantFactory()
        ParticipantFactory(
            program=program,
            name="Kristýna Čermáková",
            email="k@conf.example",
            survey_role="mentee",
            fields=["Biology/Health", "Other"],
            topics_offered="papers, “talks”",
            registered_at=NOON,
        )

        answer = export(client, PEOPLE)

        text = answer.getvalue().decode("utf-8")
        assert text.startswith(
            "\ufeffName,Email,Role,Role unclear,Could take the other role,Attending,"
        )
        assert text.splitlines()[1:] == [
            'Kristýna Čermáková,k@conf.example,mentee,"signed up as mentor, answered as mentee",'
            ',in person,,,,Biology/Health; Other,1,,"papers, “talks”",,,,,,,,'
            "2083-06-20 05:00:00 UTC-07:00,mentor"
        ]
        assert answer["Content-Disposition"] == 'attachment; filename="people-conf.csv"'

    def test_no_cell_of_a_spreadsheet_starts_a_formula(self, client, member, program):
        for number, text in enumerate([*HOSTILE, "+1 555 0100", "-5"]):
            ParticipantFactory(program=program, name=f"P{number}", notes=text)

        notes = [row["Notes"] for row in rows(export(client, PEOPLE))]
        book = openpyxl.load_workbook(io.BytesIO(export(client, PEOPLE, "xlsx").getvalue()))

        cells = list(book.active.iter_rows())
        column = [cell.value for cell in cells[0]].index("Notes")
        expected = [*(f"'{text}" for text in HOSTILE), "+1 555 0100", "-5"]
        assert notes == expected
        assert [row[column].value for row in cells[1:]] == expected
        assert {row[column].data_type for row in cells[1:]} == {"s"}

    def test_json_has_what_people_wrote(self, client, member, program):
        ParticipantFactory(program=program, notes="=1+1\r\n\x01", registered_at=NOON)

        person = json.loads(export(client, PEOPLE, "json").getvalue())[0]

        assert (person["Notes"], person["Fields"], person["Capacity"], person["Registered"]) == (
            "=1+1\r\n\x01",
            [],
            1,
            "2083-06-20T05:00:00-07:00",
        )

    def test_follows_the_lists_filters_search_and_order(self, client, member, program):
        for name in ("Ada Mentor", "Zoe Mentor", "Bo Mentor"):
            ParticipantFactory(program=program, name=name)
        ParticipantFactory(program=program, name="Zoe Mentee", mentee=True)

        answer = export(client, f"{PEOPLE}?role=mentor&q=o&o=-1")

        assert [row["Name"] for row in rows(answer)] == ["Zoe Mentor", "Bo Mentor", "Ada Mentor"]

    def test_an_empty_list_is_an_empty_file(self, client, member):
        assert rows(export(client, PEOPLE, "csv")) == []
        assert json.loads(export(client, PEOPLE, "json").getvalue()) == []

    def test_a_filter_that_no_list_has_leads_back_to_the_list(self, client, member):
        answer = client.get(f"{PEOPLE}?shoe_size=43")

        changelist = reverse("admin:mentorship_participant_changelist")
        assert (answer.status_code, answer.url) == (302, changelist)

    def test_holds_no_secret(self, client, member, program):
        person = ParticipantFactory(program=program)

        for form in ("csv", "json"):
            content = export(client, PEOPLE, form).getvalue().decode()
            assert person.email in content
            assert person.link_key not in content

    @pytest.mark.parametrize("address", [PEOPLE, ANSWERS])
    def test_is_for_members(self, client, program, address):
        client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")

        assert export(client, address).status_code == 403

    @pytest.mark.parametrize("address", [PEOPLE, ANSWERS])
    def test_number_of_queries_does_not_grow(self, client, member, program, address):
        def queries():
            with CaptureQueriesContext(
                connection,
            ) as captured:
                export(client, address).getvalue()
            return len(captured)

        def fill(number):
            for _ in range(number):
                person = ParticipantFactory(program=program, fields=["Other"])
                SurveyResponseFactory(participant=person).fields.set(person.fields.all())

        fill(2)
        few = queries()
        fill(10)

        assert queries() == few


@pytest.mark.each
class TestAnswers:
    def test_has_a_column_for_each_question_of_the_committees(self, client, member, program):
        music = QuestionFactory(
            program=program, text="Music?", kind=Question.Kind.MULTIPLE, choices=["jazz", "folk"]
        )
        notes = QuestionFactory(program=program, text="Notes")
        person = ParticipantFactory(program=program, name="Ada", email="ada@conf.example")
        SurveyResponseFactory(
            participant=person,
            submitted_at=NOON.replace(microsecond=123456),
            role="mentor",
            capacity=2,
            capacity_as_typed="up to 2",
            notes="mine",
            free_hours=[9, 10],
            other_answers={str(music.pk): ["jazz", "folk"], str(notes.pk): "+49 30 1234"},
        )
        SurveyResponseFactory(
            participant=person, submitted_at=NOON - datetime.timedelta(days=1), taking_part=False
        )

        first, second = rows(export(client, ANSWERS))

        said = {heading: text for heading, text in first.items() if text}
        assert said == {
            "Submitted at": "2083-06-20 05:00:00 UTC-07:00",
            "Name": "Ada",
            "Email": "ada@conf.example",
            "Role": "mentor",
            "Capacity": "up to 2",
            "Notes": "mine",
            "Free hours": "9:00; 10:00",
            "Sent through": "the form here",
            "Music?": "jazz; folk",
            "Question: Notes": "+49 30 1234",
        }
        assert second["Role"] == "no"

    def test_another_programs_answers_are_not_in_it(self, client, member):
        SurveyResponseFactory()

        assert rows(export(client, ANSWERS)) == []


class TestFormats:
    def test_a_workbook_holds_what_xml_cannot(self):
        texts = ["\x01\ufffe<&>\"'", "a\r\nb\rc", "_x000D_", "#N/A", " x ", "😀", "x" * 40_000]
        texts.append("<r><t>rich</t></r>")

        file = XLSX().export_data(Rows(["=Heading", "Yes"], [[text, True] for text in texts]))

        sheet = openpyxl.load_workbook(io.BytesIO(file.read())).active
        cells = list(sheet.iter_rows(values_only=True))
        assert cells[0] == ("'=Heading", "Yes")
        assert [unescaped for unescaped, _ in cells[1:]] == [
            "_x0001__xFFFE_<&>\"'",
            "a_x000D_\nb_x000D_c",
            "_x005F_x000D_",
            "'#N/A",
            " x ",
            "😀",
            "x" * 32_766 + "…",
            "<r><t>rich</t></r>",
        ]
        assert {yes for _, yes in cells[1:]} == {"yes"}
        assert sheet.freeze_panes == "A2"

    @pytest.mark.slow
    @pytest.mark.parametrize("form", [CSV, XLSX, JSON])
    def test_memory_does_not_grow_with_the_rows(self, form):
        def peak(number):
            tracemalloc.start()
            rows = (["Ada Lovelace", n, "words " * 20] for n in range(number))
            form().export_data(Rows(["Name", "Number", "Notes"], rows)).close()
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return most

        # Beyond what a file may hold in memory before it goes to the disk.
        assert peak(15_000) < peak(5_000) + 1_500_000
