"""The sheets in the browser: who reaches them, what is refused, and what the button does."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile

from matching.domain.matches.changes import announce, create_match
from matching.models import Match
from mentorship.models import Import
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import EmailLog
from tests.factories import MatchFactory, MembershipFactory, ParticipantFactory, UserFactory

pytestmark = pytest.mark.django_db

DEMO = Path(__file__).parents[3] / "mentorship" / "demo"
SHEETS, BACK, CONFIRM, CHECK, BOARD = (
    f"/committee/{path}"
    for path in ("sheets/", "sheets/back/", "sheets/confirm/", "sheets/check/", "board/")
)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }


@pytest.fixture
def match(program):
    return MatchFactory(program=program, mentor__name="Ann A", mentee__name="Bo B")


@pytest.fixture
def free(program):
    return ParticipantFactory(program=program, name="Ed E")


def book_with(client, **matches):
    """Return the downloaded workbook, with these mentors written for mentees, by first name."""
    book = openpyxl.load_workbook(io.BytesIO(client.get(SHEETS).content))
    for row in book["Mentees"].iter_rows(min_row=2):
        if (first := row[1].value.split()[0]) in matches:
            row[2].value = matches[first]
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def upload(client, content):
    return client.post(BACK, {"file": SimpleUploadedFile("in.xlsx", content)})


def draft_of(response):
    return re.search(r'name="draft" value="([^"]+)"', response.content.decode())[1]


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def groups(response):
    return [(group.slug, group.lines) for group in response.context["groups"]]


def test_the_workbook_is_downloaded_under_the_programs_name(signed_in, program):
    answer = signed_in.get(SHEETS)
    assert answer["Content-Disposition"] == f'attachment; filename="matches-{program.slug}.xlsx"'
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames[0] == "Mentors"


def test_from_the_upload_to_the_button(signed_in, program, member, match, free):
    preview = upload(signed_in, book_with(signed_in, Bo="Ed E"))
    assert groups(preview) == [("moved", [("Ed E", "Bo B", "was with Ann A")])]
    assert Match.objects.get().mentor == match.mentor

    answer = signed_in.post(CONFIRM, {"draft": draft_of(preview)})

    assert (answer.url, said(answer)) == (BOARD, ["Saved: 1 moved."])
    moved = Match.objects.get()
    assert (moved.mentor, moved.history.first().history_user) == (free, member)
    assert not Import.objects.exists()
    again = signed_in.post(CONFIRM, {"draft": draft_of(preview)})
    assert said(again)[-1] == "This workbook was already saved or discarded."


def test_a_change_between_preview_and_button_is_refused_and_shown(signed_in, match, free):
    preview = upload(signed_in, book_with(signed_in, Bo="Ed E"))
    other = ParticipantFactory(program=match.program, name="Flo F", mentee=True)
    create_match(free, other)
    answer = signed_in.post(CONFIRM, {"draft": draft_of(preview)})
    assert said(answer) == [
        "Something changed here after you opened the preview, so nothing was saved. Review the "
        "changes again."
    ]
    assert [slug for slug, _ in groups(answer)] == ["mentor_over_capacity", "moved"]
    assert b'name="draft"' not in answer.content
    match.refresh_from_db()
    assert match.mentor.name == "Ann A"


def test_warnings_have_to_be_read_and_queued_mail_of_the_pair_is_cancelled(
    signed_in, program, match, free
):
    announce([match])
    queue_mail(program, "match")
    preview = upload(signed_in, book_with(signed_in, Bo="Ed E"))
    told = "Bo B and Ann A have already been introduced to each other."
    assert groups(preview)[0] == ("announced", [("Ann A", "Bo B", told)])

    unread = signed_in.post(CONFIRM, {"draft": draft_of(preview)})
    assert said(unread) == ["Nothing was saved. Read the warnings, then check the box."]
    assert list(EmailLog.objects.values_list("state", flat=True)) == ["queued"]

    answer = signed_in.post(CONFIRM, {"draft": draft_of(unread), "read": "yes"})
    assert said(answer)[-1] == (
        "Saved: 1 moved. Some of these pairs were announced. Announce the new ones."
    )
    assert list(EmailLog.objects.values_list("state", flat=True)) == ["cancelled"]
    assert sorted(Match.objects.values_list("mentor__name", "status")) == [
        ("Ann A", "dissolved"),
        ("Ed E", "draft"),
    ]


def test_with_conflicts_there_is_no_button(signed_in, match):
    preview = upload(signed_in, book_with(signed_in, Bo="<b>Zed</b>"))
    assert [slug for slug, _ in groups(preview)] == ["name_not_in_mentor_sheet"]
    assert b'name="draft"' not in preview.content
    assert b"&lt;b&gt;Zed&lt;/b&gt;" in preview.content


def test_nobody_else_can_press_somebodys_button(client, signed_in, program, match, free):
    token = draft_of(upload(signed_in, book_with(signed_in, Bo="Ed E")))
    for user in (MembershipFactory(program=program).user, MembershipFactory().user, UserFactory()):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        client.post(CONFIRM, {"draft": token, "read": "yes"})
    assert Match.objects.get().mentor == match.mentor


@pytest.mark.parametrize("url", [SHEETS, BACK, CHECK])
def test_signed_out_is_asked_to_sign_in(client, url):
    assert client.get(url).url == f"/committee/login/?next={url}"


@pytest.mark.parametrize("url", [SHEETS, BACK])
def test_without_a_program_there_is_nothing(client, url):
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(url).url == "/committee/"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "in.xlsx is empty."),
        (b"Name\nAnn\n", "This file has no sheet “Mentors” and no sheet “Mentees”."),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(signed_in, content, sentence):
    answer = upload(signed_in, content)
    assert answer.status_code == 400
    assert answer.context["form"].errors["file"][0].startswith(sentence)


def check(client, *files):
    return client.post(CHECK, {"sheets": [SimpleUploadedFile(*file) for file in files]})


def test_two_files_are_checked_in_either_order(signed_in):
    files = [(name, (DEMO / name).read_bytes())
             for name in ("sheet-mentees-2026.csv", "sheet-mentors-2026.csv")]  # fmt: skip
    answer = check(signed_in, *files)
    assert [(slug, [line[:2] for line in lines]) for slug, lines in groups(answer)] == [
        ("mentee_with_two_mentors", [("Ismael Ugarte", "Renato Prat")]),
        ("mentor_over_capacity", [("Vera Salom", ""), ("Ismael Ugarte", "")]),
        ("sheets_disagree", [("Nuria Porta", "Alexandra Huertas")]),
        ("mentee_not_in_mentor_sheet", [("Manola Patiño", "Primitivo Abril")]),
        ("name_not_in_mentee_sheet", [("Vera Salom", "Nobody Known")]),
    ]
    assert groups(check(signed_in, *reversed(files))) == groups(answer)


def test_one_workbook_with_both_sheets_is_enough(signed_in, match):
    answer = check(signed_in, ("both.xlsx", book_with(signed_in)))
    assert (groups(answer), len(answer.context["check"].pairs)) == ([], 1)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([], "Choose the files first."),
        ([("a.csv", b"Name\nA")] * 3, "You chose 3 files. Choose two at most."),
        (
            [("a.csv", b"Name,Mentee match\nA,B")],
            "We need two sheets with names: mentors, with a column “Mentee match”, and mentees, "
            "with a column “Mentor match”. Columns found: a.csv: “Name”, “Mentee match”.",
        ),
    ],
)
def test_files_that_cannot_be_checked_are_refused_in_a_sentence(signed_in, files, sentence):
    answer = check(signed_in, *files)
    assert (answer.status_code, answer.context["form"].errors["sheets"]) == (400, [sentence])


def test_the_board_and_the_list_lead_to_the_sheets(signed_in, program, match):
    for page in (BOARD, "/committee/matching/match/"):
        content = signed_in.get(page).content.decode()
        assert f'href="{SHEETS}"' in content
        assert f'href="{BACK}"' in content
