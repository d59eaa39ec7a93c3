"""The import pages' edges: who may import, what is refused, and what becomes of the upload."""

import datetime
import os
import re
from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from mentorship.domain.signups import import_signups
from mentorship.domain.spreadsheets import read_file
from mentorship.interfaces import import_files
from mentorship.models import Participant
from tests.factories import MembershipFactory, ProgramFactory, UserFactory

pytestmark = pytest.mark.django_db

DEMO = Path(__file__).parents[2] / "mentorship" / "demo"
SHEET = b"Email,Name,Ticket,Mentorship\nzoe@freemail.example,Zo\xc3\xab,Online,mentor\n"
SIGNUPS, CONFIRM = "/committee/people/import-signups/", "/committee/people/import-signups/confirm/"
PEOPLE = "/committee/mentorship/participant/"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }


@pytest.fixture
def program():
    return ProgramFactory()


@pytest.fixture
def member(client, program):
    user = MembershipFactory(program=program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def upload(client, content=SHEET, name="people.csv", url=SIGNUPS):
    return client.post(url, {"file": SimpleUploadedFile(name, content)})


def token_of(response) -> str:
    return re.search(r'name="token" value="([^"]+)"', response.content.decode())[1]


def errors(response) -> list[str]:
    return [str(error) for error in response.context["form"].errors["file"]]


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def kept() -> list[str]:
    if not default_storage.exists("imports"):
        return []
    return default_storage.listdir("imports")[1]


def test_the_upload_is_kept_from_preview_to_import(client, program, member):
    response = upload(client)
    assert len(kept()) == 1
    assert not Participant.objects.exists()
    response = client.post(CONFIRM, {"token": token_of(response)})
    assert (response.url, kept()) == (PEOPLE, [])
    assert said(response) == ["Imported people.csv: 1 row in the file and 1 new."]
    person = Participant.objects.get()
    assert (person.program, person.name) == (program, "Zoë")
    assert person.history.get().history_user == member


def test_pressing_the_button_again_imports_nothing_more(client, member):
    token = token_of(upload(client))
    client.post(CONFIRM, {"token": token})
    response = client.post(CONFIRM, {"token": token})
    assert response.url == PEOPLE
    assert said(response)[-1] == "This file has been imported already, or was given up."
    assert Participant.objects.count() == 1


def test_the_program_of_the_preview_counts_whichever_is_looked_at_later(client, program, member):
    token = token_of(upload(client))
    other = MembershipFactory(user=member).program
    client.get(f"/committee/look-at/{other.slug}/")
    client.post(CONFIRM, {"token": token})
    assert Participant.objects.get().program == program


@pytest.mark.parametrize("sent", ["old", "forged", "", "x:y:z"])
def test_a_forged_or_old_token_imports_nothing(client, member, monkeypatch, sent):
    token = token_of(upload(client))
    if sent == "old":
        monkeypatch.setattr(import_files, "KEPT_FOR", datetime.timedelta(seconds=-1))
        sent = token
    elif sent == "forged":
        sent = token[:-1] + ("A" if token[-1] != "A" else "B")
    response = client.post(CONFIRM, {"token": sent})
    assert (response.url, said(response)) == (
        SIGNUPS,
        ["This preview is too old. Choose the file again."],
    )
    assert not Participant.objects.exists()


def test_nobody_else_can_use_somebodys_preview(client, program, member):
    token = token_of(upload(client))
    for other in (MembershipFactory(program=program).user, MembershipFactory().user):
        client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
        client.post(CONFIRM, {"token": token})
    assert not Participant.objects.exists()


@pytest.mark.parametrize("url", [SIGNUPS, "/committee/people/import-responses/"])
def test_outsiders_reach_no_import(client, program, url):
    assert client.get(url).url == f"/committee/login/?next={url}"
    outsider = UserFactory()
    client.force_login(outsider, backend="django.contrib.auth.backends.ModelBackend")
    assert upload(client, url=url).url == "/committee/"
    assert kept() == []


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "empty.csv is empty."),
        (
            "holiday.csv",
            b"\x89PNG\r\n\x1a\n" + bytes(100),
            "holiday.csv is a picture, not a spreadsheet that can be read here. Save it as CSV or "
            "XLSX and try again.",
        ),
        (
            "people.csv",
            b"Email,Name,Ticket,Mentorship\n",
            "people.csv has headings, but no rows under them.",
        ),
    ],
)
def test_a_wrong_file_is_refused_and_not_kept(client, member, name, content, sentence):
    response = upload(client, content, name)
    assert (response.status_code, errors(response), kept()) == (400, [sentence], [])


def test_a_large_file_is_refused_and_not_kept(client, member):
    response = upload(client, SHEET + b"\n" * import_files.UPLOAD_AT_MOST)
    assert (response.status_code, kept()) == (400, [])
    assert [error.replace("\xa0", " ") for error in errors(response)] == [
        "people.csv has 10.0 MB. At most 10.0 MB can be imported at a time: leave out columns that "
        "are not needed, or use the command."
    ]


@pytest.mark.parametrize(
    ("kind", "needed", "used"),
    [
        (
            "signups",
            "mail address, name (or first and last name), mentorship question and ticket",
            "time of registration, order number and affiliation",
        ),
        (
            "responses",
            "mail address, time of the answer and mentor or mentee",
            "how many mentees, topics offered, topics wanted, attendance, fields of expertise, "
            "employment sector, career stage, affiliation, time zone and notes",
        ),
    ],
)
def test_the_page_names_the_columns_that_it_reads(client, member, kind, needed, used):
    context = client.get(f"/committee/people/import-{kind}/").context
    assert (context["needed"], context["used"]) == (needed, used)


def test_without_a_file_it_asks_for_one(client, member):
    assert errors(client.post(SIGNUPS)) == ["Choose a file first."]


def test_forgotten_uploads_are_thrown_away(client, member):
    for name in ("imports/old", "imports/fresh"):
        default_storage.save(name, ContentFile(b"x"))
    past = datetime.datetime.now().timestamp() - import_files.KEPT_FOR.total_seconds() - 60
    os.utime(default_storage.path("imports/old"), (past, past))
    upload(client)
    assert "fresh" in kept()
    assert len(kept()) == 2


def test_long_lists_are_cut_and_say_so(client, program, member):
    rows = b"".join(b"p%d@freemail.example,P,Online,mentor\n" % n for n in range(1201))
    page = upload(client, SHEET.split(b"\n")[0] + b"\n" + rows).content.decode()
    assert page.count("<strong>P</strong>") == 200
    assert "and 1,001 more" in page


def test_a_preview_takes_a_constant_number_of_queries(
    client, program, member, django_assert_max_num_queries
):
    import_signups(program, read_file(DEMO / "signups-2027-06-12.csv"))
    content = (DEMO / "signups-2027-07-01.csv").read_bytes()
    with django_assert_max_num_queries(30):
        upload(client, content)
