import datetime
import io
import json

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from committee.domain.numbers import count
from mentorship.domain.programs.copy import copy_program, next_edition
from mentorship.interfaces.commands import Refused
from mentorship.management.commands import serve
from mentorship.models import Participant, Program, SurveyResponse
from notifications.models import EmailLog
from tests.factories import ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db
PACKAGES = ["auth", "mentorship", "matching", "notifications"]


@pytest.fixture(autouse=True)
def winter():
    """Let it be the winter before the conference of the samples, unless a test says otherwise."""
    with time_machine.travel("2027-01-10T12:00Z"):
        yield


def load():
    printed = io.StringIO()
    call_command("load_demo", json=True, stdout=printed)
    return json.loads(printed.getvalue())


def every_row():
    tables = [table for name in PACKAGES for table in apps.get_app_config(name).get_models()]
    return {
        table._meta.label: list(table._default_manager.order_by("pk").values()) for table in tables
    }


def test_loads_the_samples_and_says_how_to_get_in(client, settings):
    settings.SITE_URL = "https://mentors.conf.example"

    demo = load()

    assert list(demo) == ["program", "users", "links"]
    assert demo["program"] == "scipy-2027"
    program = Program.objects.get()
    assert (program.name, program.time_zone) == ("SciPy 2027", "America/Los_Angeles")
    assert (str(program.starts_on), str(program.ends_on)) == ("2027-07-12", "2027-07-18")
    assert [(m.user.username, m.level) for m in program.memberships.order_by("pk")] == [
        ("chair", "chair"),
        ("member", "member"),
    ]
    numbers = count(program)
    assert (numbers.people + numbers.withdrawn, numbers.answered) == (85, 69)
    assert SurveyResponse.objects.count() == 70
    assert EmailLog.objects.count() == len(mail.outbox) == 0

    assert demo["links"]["cockpit"] == "https://mentors.conf.example/committee/"
    path = demo["links"]["intake"].removeprefix("https://mentors.conf.example")
    person = Participant.objects.get(link_key=path.split("/")[2])
    assert not person.responses.exists()
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("today", "year"),
    [("2027-07-18", 2027), ("2027-07-19", 2028), ("2028-02-29", 2028), ("2030-12-31", 2031)],
)
def test_is_of_the_next_conference_that_is_not_over(today, year):
    with time_machine.travel(f"{today}T12:00Z"):
        assert load()["program"] == f"scipy-{year}"
        program = Program.objects.get()
        assert not program.is_over(timezone.now())
        assert count(program).answered == 69
    assert (program.name, program.committee_name) == (
        f"SciPy {year}",
        f"SciPy {year} Activities Committee",
    )
    assert (program.announce_on, program.ends_on) == (
        datetime.date(year, 7, 8),
        datetime.date(year, 7, 18),
    )
    answered = SurveyResponse.objects.values_list("submitted_at", flat=True)
    signed_up = Participant.objects.values_list("registered_at", flat=True)
    assert {moment.year for moment in answered} == {moment.year for moment in signed_up} == {year}


def test_both_can_sign_in_and_see_the_dashboard(client):
    for user in load()["users"]:
        answer = client.post("/committee/login/", {**user, "next": "/committee/"}, follow=True)
        assert answer.context["dashboard"].program.slug == "scipy-2027"


def test_a_second_run_changes_nothing_and_prints_the_same():
    first, before = load(), every_row()

    assert load() == first
    assert every_row() == before


def test_a_password_that_was_changed_is_not_told():
    load()
    chair = get_user_model().objects.get(username="chair")
    chair.set_password("my own long secret")
    chair.save()

    users = {user["username"]: user["password"] for user in load()["users"]}

    assert users["chair"] is None
    assert get_user_model().objects.get(username="member").check_password(users["member"])


def test_another_installation_has_other_passwords(settings):
    first = load()["users"]
    Program.objects.all().delete()
    get_user_model().objects.all().delete()
    settings.SECRET_KEY = "another"

    assert load()["users"] != first


def test_takes_over_nobodys_account():
    get_user_model().objects.create_user("member")

    with pytest.raises(Refused, match="There is already an account “member”"):
        load()

    assert (Program.objects.count(), get_user_model().objects.count()) == (0, 1)


def test_a_real_program_of_that_name_is_not_taken_for_the_demo(settings):
    """README's own line, and then `serve`: nobody's link is printed and nothing breaks."""
    call_command(
        "create_program",
        "scipy-2027",
        name="SciPy 2027",
        start="2027-07-12",
        end="2027-07-18",
        timezone="America/Los_Angeles",
        stdout=io.StringIO(),
    )
    assert "A participant" not in serve.Command().welcome()
    person = ParticipantFactory(program=Program.objects.get(), email="ada@university.example")

    assert person.link_key not in serve.Command().welcome()
    with pytest.raises(Refused, match="There is already a program “scipy-2027”"):
        load()
    assert (Program.objects.count(), get_user_model().objects.count()) == (1, 0)


def test_serve_prints_the_demo_and_stops_once_there_is_a_real_program():
    first = serve.Command().welcome()
    users = {user["username"]: user["password"] for user in load()["users"]}
    assert f"  Chair: user chair, password {users['chair']}" in first.splitlines()
    assert load()["links"]["intake"] in first
    assert serve.Command().welcome() == first

    ProgramFactory()
    assert "password" not in serve.Command().welcome()


def test_prints_the_link_of_an_invented_person_alone():
    load()
    program = Program.objects.get()
    program.participants.all().delete()
    assert load()["links"]["intake"] is None
    ParticipantFactory(program=program, email="ada@university.edu")
    assert load()["links"]["intake"] is None
    assert "A participant" not in serve.Command().welcome()


def test_a_copy_of_the_demo_is_no_demo():
    load()
    program = Program.objects.get()
    values = next_edition(program)
    assert (program.is_demo, copy_program(program, **values).program.is_demo) == (True, False)
