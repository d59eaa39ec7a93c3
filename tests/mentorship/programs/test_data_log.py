"""The data log: who of the committee read, downloaded or changed what, for the chairs alone."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from mentorship.domain.imports.undo import undo_import
from mentorship.models import DataAccess, Import
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db
PEOPLE = "admin:mentorship_participant"


@pytest.fixture
def program():
    return ProgramFactory(time_zone="Asia/Tokyo")


@pytest.fixture
def member(client, program):
    return signed_in(client, program, "member", "mia")


def signed_in(client, program, level, name):
    user = MembershipFactory(program=program, level=level, user__username=name).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def log():
    rows = DataAccess.objects.order_by("pk")
    return list(rows.values_list("user__username", "what", "which", "number", "about"))


def test_a_list_is_noted_once_a_day(client, member, program):
    for _ in range(2):
        client.get(reverse(f"{PEOPLE}_changelist"))
        client.get(reverse("matching_board"))

    assert log() == [
        ("mia", "read", "people", None, None),
        ("mia", "read", "matching board", None, None),
    ]


def test_a_download_is_noted_with_its_rows(client, member, program):
    person = ParticipantFactory(program=program)
    ParticipantFactory(program=program)

    client.post(reverse(f"{PEOPLE}_export"), {"format": "0"})
    client.get(reverse("download_person_data", args=[person.pk]))
    client.get(reverse("download_research_sheet"))
    client.get(reverse("download_sheets"))

    assert log() == [
        ("mia", "exported", "people", 2, None),
        ("mia", "exported", "all data of a person", None, person.pk),
        ("mia", "exported", "research sheet", None, None),
        ("mia", "exported", "match sheets", None, None),
    ]


def test_a_change_by_a_member_is_noted_and_none_by_the_person(client, member, program):
    person = ParticipantFactory(program=program)
    client.post(reverse("decide_on_person", args=[person.pk]), {"do": "role", "value": "mentee"})
    client.logout()
    client.post(f"{person.personal_path}goodbye/", {"why": "ill"})

    person.refresh_from_db()
    assert person.withdrawn_at is not None
    assert log() == [("mia", "changed", "a person", None, person.pk)]


def test_an_import_and_its_undo_are_noted(member, program, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("Name,Email,Mentor or mentee?\nAda,ada@one.example,mentor\n")
    call_command("import_signups", str(file), "--program", program.slug, "--attendance", "ask")
    undo_import(Import.objects.get(), member)

    assert log() == [
        (None, "imported", "sign-ups", None, None),
        ("mia", "undid", "sign-ups", None, None),
    ]


def test_chairs_read_it_and_members_do_not(client, member, program):
    path = reverse("admin:mentorship_dataaccess_changelist")
    client.get(reverse(f"{PEOPLE}_changelist"))
    assert client.get(path).status_code == 403
    assert path not in client.get(reverse("admin:index")).content.decode()

    signed_in(client, program, "chair", "cora")
    page = client.get(path).content.decode()

    assert path in client.get(reverse("admin:index")).content.decode()
    assert "Opened a list" in page
    assert "mia" in page
    entry = DataAccess.objects.first()
    for name in ("change", "delete"):
        answer = client.post(reverse(f"admin:mentorship_dataaccess_{name}", args=[entry.pk]), {})
        assert answer.status_code in (403, 405), name
    assert client.get(reverse("admin:mentorship_dataaccess_add")).status_code == 403
