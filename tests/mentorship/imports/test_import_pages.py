"""The import pages' edges: who may import, what is refused, and what becomes of the upload."""

import datetime
import hashlib
import io
from pathlib import Path

import openpyxl
import pytest
from celery import current_app
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from mentorship import tasks
from mentorship.domain.files.layout import EMPTY
from mentorship.domain.files.spreadsheets import read_file
from mentorship.domain.imports import drafts, jobs, records
from mentorship.domain.imports.signups import import_signups
from mentorship.interfaces.imports import uploads
from mentorship.models import Import, Participant
from tests.factories import (
    ImportFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

DEMO = Path(__file__).parents[3] / "mentorship" / "demo"
SHEET = b"Email,Name,Ticket,Mentorship\nzoe@freemail.example,Zo\xc3\xab,Online,mentor\n"
SIGNUPS = "/committee/people/import-signups/"


@pytest.fixture
def program():
    return ProgramFactory()


@pytest.fixture
def member(client, program):
    user = MembershipFactory(program=program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def upload(client, content=SHEET, name="people.csv", url=SIGNUPS):
    return client.post(url, {"file": SimpleUploadedFile(name, content)}, follow=True)


def confirm(client, draft=None):
    pk = (draft or Import.objects.latest("pk")).pk
    return client.post(f"/committee/people/imports/{pk}/confirm")


def errors(response) -> list[str]:
    return [str(error) for error in response.context["form"].errors["file"]]


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_the_upload_waits_as_a_draft_from_preview_to_import(client, program, member):
    response = upload(client)
    draft = Import.objects.get()
    assert (draft.state, bytes(draft.content)) == ("draft", SHEET)
    assert response.context["preview"]["numbers"][:2] == [[1, "row in the file"], [1, "new"]]
    assert not Participant.objects.exists()
    response = confirm(client)
    assert response.url == f"/committee/mentorship/import/{draft.pk}/change/"
    assert said(response) == ["Imported people.csv: 1 row in the file and 1 new."]
    person = Participant.objects.get()
    assert (person.program, person.name) == (program, "Zoë")
    assert person.history.get().history_user == member
    draft.refresh_from_db()
    assert (draft.state, draft.content, draft.created_by) == ("done", None, member)
    assert draft.sha256 == hashlib.sha256(SHEET).hexdigest()


def test_pressing_the_button_again_imports_nothing_more(client, member):
    upload(client)
    first = confirm(client).url
    assert confirm(client).url == first
    assert (Participant.objects.count(), Import.objects.count()) == (1, 1)


def test_a_preview_is_imported_into_its_own_program_and_no_other(client, program, member):
    upload(client)
    other = MembershipFactory(user=member).program
    client.get(f"/committee/look-at/{other.slug}/")
    draft = Import.objects.get()
    assert client.post(f"/committee/people/imports/{draft.pk}/confirm").status_code == 404
    assert not Participant.objects.exists()

    client.get(f"/committee/look-at/{program.slug}/")
    confirm(client)
    assert Participant.objects.get().program == program


def test_what_changed_since_the_preview_is_shown_before_it_counts(client, program, member):
    upload(client)
    ParticipantFactory(program=program, email="zoe@freemail.example")
    response = confirm(client)
    assert said(response) == [
        "The program changed after you opened the preview, so nothing was imported. Review the "
        "changes again."
    ]
    assert client.get(response.url).context["preview"]["numbers"][1:3] == [
        [0, "new"],
        [1, "changed"],
    ]
    assert Import.objects.get().state == "draft"
    confirm(client)
    assert Participant.objects.get().ticket == "Online"


def test_nobody_else_can_use_somebodys_draft(client, program, member):
    upload(client)
    draft = Import.objects.get()
    page = f"/committee/people/imports/{draft.pk}/"
    client.force_login(
        MembershipFactory(program=program).user, "django.contrib.auth.backends.ModelBackend"
    )
    assert confirm(client).url == client.get(page).url == "/committee/mentorship/import/"
    client.force_login(MembershipFactory().user, "django.contrib.auth.backends.ModelBackend")
    for answer in (confirm(client), client.get(page), client.get(page + "progress")):
        assert answer.status_code == 404
    assert not Participant.objects.exists()


@pytest.mark.parametrize("action", ["undo", "attach"])
def test_another_programs_import_is_not_touched(client, member, action):
    done = ImportFactory(unattached=[{"value": "x@y.example"}])
    answer = client.post(
        f"/committee/people/imports/{done.pk}/{action}", {"unknown": "x@y.example"}
    )
    done.refresh_from_db()
    assert (answer.status_code, done.state, len(done.unattached)) == (404, "done", 1)


@pytest.mark.parametrize("url", [SIGNUPS, "/committee/people/import-responses/"])
def test_outsiders_reach_no_import(client, program, url):
    assert client.get(url).url == f"/committee/login/?next={url}"
    outsider = UserFactory()
    client.force_login(outsider, backend="django.contrib.auth.backends.ModelBackend")
    assert upload(client, url=url).redirect_chain == [("/committee/", 302)]
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", EMPTY.format("empty.csv")),
        (
            "holiday.csv",
            b"\x89PNG\r\n\x1a\n" + bytes(100),
            "holiday.csv is a picture, not a spreadsheet that can be read here. Export the list as "
            "CSV or XLSX where it comes from, and choose that file.",
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
    assert (response.status_code, errors(response)) == (400, [sentence])
    assert not Import.objects.exists()


def test_what_a_database_cannot_hold_is_shown_as_pictures(client, member):
    content = SHEET + b"a\0@b.example,Ann\0,On\0line,men\0tor\nTotal\x01,,,\n"
    response = upload(client, content)
    assert response.status_code == 200
    assert "a character that no text can hold (NUL)" in response.text
    assert "a␀@b.example" in response.text


def test_an_address_with_a_slip_leaves_its_column_one_of_addresses(client, member):
    rows = "".join(f"P{n},p{n}@a.example,Online,mentor\n" for n in range(4))
    response = upload(
        client, f"Name,Contact,Ticket,Mentorship\n{rows}Q,q@nowhere,Online,mentor".encode()
    )
    keys = [column["key"] for column in response.context["draft"].columns]
    assert keys == ["name", "address", "ticket", "answer"]


def test_a_large_file_is_refused_and_not_kept(client, member):
    response = upload(client, SHEET + b"\n" * uploads.UPLOAD_AT_MOST)
    assert (response.status_code, Import.objects.exists()) == (400, False)
    assert [error.replace("\xa0", " ") for error in errors(response)] == [
        "people.csv is 10.0 MB. The limit is 10.0 MB. Leave out columns that you don’t need, or "
        "use the command."
    ]


@pytest.mark.slow
def test_whoever_is_gone_is_withdrawn_or_kept_on_the_imports_page(client, program, member):
    import_signups(program, read_file(DEMO / "signups-2027-06-12.csv"))
    upload(client)
    page = confirm(client).url
    missing = list(client.get(page).context["missing"])
    assert len(missing) == 77
    for person, do in zip(missing, ("withdraw", "keep"), strict=False):
        decision = {"do": do, "value": "No longer registered", "next": page}
        answer = client.post(f"/committee/people/{person.pk}/decide/", decision)
        assert answer.url == page
        person.refresh_from_db()
    assert (missing[0].withdrawn_why, missing[1].missing_since) == ("No longer registered", None)
    assert len(client.get(page).context["missing"]) == 75

    action = {"action": "withdraw_missing", "_selected_action": [p.pk for p in missing]}
    client.post("/committee/mentorship/participant/", action)
    assert Participant.objects.taking_part().count() == 2
    assert len(client.get(page).context["missing"]) == 0
    # And nobody is sent to another site.
    elsewhere = client.post(
        f"/committee/people/{missing[0].pk}/decide/", {"do": "rejoin", "next": "//evil.example"}
    )
    assert elsewhere.url == f"/committee/mentorship/participant/{missing[0].pk}/change/"


def test_an_imports_page_takes_a_constant_number_of_queries(
    client, program, member, django_assert_max_num_queries
):
    upload(client, (DEMO / "signups-2027-06-12.csv").read_bytes())
    page = confirm(client).url
    with django_assert_max_num_queries(52):
        client.get(page)


def test_a_body_that_is_far_too_large_is_refused_before_it_is_read(client, member, settings):
    settings.BODY_AT_MOST = 1000
    response = upload(client, SHEET + b"\n" * 2000)
    assert response.status_code == 413
    assert "The limit is 1000\xa0bytes. Nothing was saved." in response.content.decode()
    assert not Import.objects.exists()
    assert client.get(SIGNUPS).status_code == 200


def test_a_choice_that_is_incomplete_or_of_another_file_is_not_taken(client, program, member):
    # Either of two columns could be the answer.
    upload(client, b"Email,Name,Ticket,Who,What\nzoe@freemail.example,Zoe,Online,mentor,mentee\n")
    draft = Import.objects.get()
    page = f"/committee/people/imports/{draft.pk}/"
    answer = "Say which column is the mentorship question."
    assert client.get(page).context["faults"] == [answer]
    # Nothing was shown, so nothing can be imported yet.
    assert confirm(client).url == page
    for keys, faults in (
        (["address", "name", "ticket", "", ""], [answer]),
        (["address", "name"], [
            "The columns of this page are not those of the file. Choose the file again."
        ]),
        (["address", "<b>", "ticket", "", ""], [
            answer, "There is no such thing as “<b>” to take a column for."
        ]),
    ):  # fmt: skip
        posted = client.post(page, {"column": keys})
        assert (posted.status_code, posted.context["faults"]) == (400, faults)
    assert client.post(page, {"column": ["address", "name", "ticket", "answer", ""]}).url == page
    confirm(client)
    program.refresh_from_db()
    assert program.import_columns == {"signups": {"who": "answer"}}
    assert Participant.objects.get().role == "mentor"


def test_a_large_file_is_left_to_a_worker_and_the_page_says_how_far_it_is(
    client, member, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(jobs, "ROWS_AT_ONCE", 1)
    sheet = SHEET + b"bo@freemail.example,Bo,Online,mentor\n"
    sent = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, **_: sent.append((name, *args))
    )
    with django_capture_on_commit_callbacks(execute=True):
        page = upload(client, sheet)
    draft = Import.objects.get()
    progress = f"/committee/people/imports/{draft.pk}/progress"
    assert sent == [("mentorship.tasks.preview_import", draft.pk)]
    assert b"Reading people.csv" in page.content
    assert client.get(progress).status_code == 200

    tasks.preview_import(draft.pk)
    assert client.get(progress).headers["HX-Redirect"] == f"/committee/people/imports/{draft.pk}/"
    with django_capture_on_commit_callbacks(execute=True):
        confirm(client)
    assert sent[1:] == [("mentorship.tasks.run_import", draft.pk)]
    assert not Participant.objects.exists()
    tasks.run_import(draft.pk)
    done = f"/committee/mentorship/import/{draft.pk}/change/"
    assert client.get(progress).headers["HX-Redirect"] == done
    assert Participant.history.filter(history_user=member).count() == 2
    # A second press, or a task that comes twice, finds nothing left to do.
    tasks.run_import(draft.pk)
    assert Participant.objects.count() == 2

    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/committee/people/imports/{draft.pk}/undo")
    assert sent[2:] == [("mentorship.tasks.undo_import", draft.pk)]
    assert b"Undoing the import of people.csv" in client.get(done).content
    tasks.undo_import(draft.pk)
    draft.refresh_from_db()
    assert (draft.state, draft.undone_by, draft.progress) == ("undone", member, {})
    assert Participant.history.filter(history_user=member, history_type="-").count() == 2
    assert not Participant.objects.exists()


def test_nothing_is_imported_for_somebody_who_has_left_the_committee(client, program, member):
    upload(client)
    draft = Import.objects.get()
    Import.objects.update(progress={"rows": 1, "job": "run_import", "at": "2020-06-01T00:00Z"})
    member.memberships.update(level="reader")

    tasks.run_import(draft.pk)

    draft.refresh_from_db()
    assert (draft.state, Participant.objects.count()) == ("draft", 0)
    assert draft.progress["error"] == (
        f"Nothing was done: {member} asked for it, and does not work on {program} any more."
    )


def test_what_a_worker_cannot_do_is_said_on_the_page(client, program, member, monkeypatch):
    upload(client)
    draft = Import.objects.get()
    ParticipantFactory(program=program, email="zoe@freemail.example")
    # No other test has this moment: how far its job was is kept where no rollback reaches it.
    Import.objects.update(progress={"rows": 1, "job": "run_import", "at": "2020-06-02T00:00Z"})
    page = f"/committee/people/imports/{draft.pk}/"
    assert b"ask your host whether the worker is running" in client.get(page).content
    tasks.run_import(draft.pk)
    context = client.get(page).context
    assert context["error"] == drafts.CHANGED_MEANWHILE
    assert context["preview"]["numbers"][2] == [1, "changed"]


@pytest.mark.parametrize(
    ("kind", "needed", "used"),
    [
        (
            "signups",
            "email address and mentorship question",
            "time of registration, order number, whether the ticket is valid, ticket and "
            "affiliation",
        ),
        (
            "responses",
            "email address and mentor or mentee",
            "time of the answer, how many mentees, topics offered, topics wanted, still taking "
            "part (yes or no), "
            "attendance, fields of expertise, "
            "employment sector, career stage, affiliation, time zone and notes",
        ),
    ],
)
def test_the_page_names_the_columns_that_it_reads(client, member, kind, needed, used):
    context = client.get(f"/committee/people/import-{kind}/").context
    assert (context["needed"], context["used"]) == (needed, used)


def test_without_a_file_it_asks_for_one(client, member):
    assert errors(client.post(SIGNUPS)) == ["Choose a file first."]


def test_forgotten_drafts_are_thrown_away(client, program, member):
    old, fresh, done = (ImportFactory(program=program) for _ in range(3))
    drafts = Import.objects.filter(pk__in=[old.pk, fresh.pk])
    drafts.update(state="draft", imported_at=None)
    past = timezone.now() - records.KEPT_FOR - datetime.timedelta(minutes=1)
    Import.objects.exclude(pk=fresh.pk).update(created_at=past)
    upload(client)
    left = Import.objects.exclude(file_name="people.csv").values_list("pk", flat=True)
    assert sorted(left) == [fresh.pk, done.pk]


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
    with django_assert_max_num_queries(35):
        upload(client, content)


def test_the_list_of_imports_is_filtered_by_the_kinds_that_are_kept(client, member, program):
    page = reverse("admin:mentorship_import_changelist")
    ImportFactory(program=program)
    responses = ImportFactory(program=program, kind="responses")

    shown = client.get(page, {"kind": "responses"})

    assert list(shown.context["cl"].queryset) == [responses]
    assert "edited match sheets" not in shown.content.decode()


def test_the_page_says_which_tool_and_sheet_and_lets_another_be_chosen(client, program, member):
    luma = ["api_id", "name", "email", "approval_status", "ticket_name", "Mentorship"]
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["Call", "the venue"])
    for title, address in (("Guests", "zoe@a.example"), ("Late", "ann@a.example")):
        sheet = book.create_sheet(title)
        sheet.append(luma)
        sheet.append(["gst-1", "Zoë", address, "approved", "Virtual", "Mentor"])
    saved = io.BytesIO()
    book.save(saved)

    page = upload(client, saved.getvalue(), "guests.xlsx").content.decode()
    assert "Looks like a Luma guest list." in page
    assert "Only the sheet “Guests” is read; not “Notes”, “Late”." in page
    draft = Import.objects.get()
    assert draft.read_as["sheets"] == ["Notes", "Guests", "Late"]

    url = reverse("import_draft", args=[draft.pk])
    assert client.post(url, {"sheet": "Late"}, follow=True).context["draft"].sheet == "Late"
    confirm(client)
    assert Participant.objects.get().email == "ann@a.example"


def test_a_sheet_that_is_not_there_is_refused_and_the_draft_stays(client, member):
    upload(client)
    draft = Import.objects.get()
    response = client.post(reverse("import_draft", args=[draft.pk]), {"sheet": ""})
    assert response.status_code == 400
    assert Import.objects.get().report == draft.report
