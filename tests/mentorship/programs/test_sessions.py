"""How long a sign-in lasts, what asks for the password once more, and what the log says of it."""

import datetime
import logging
import os
import subprocess
import sys

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mentorship.domain.programs import signed_in
from tests.factories import ProgramFactory, UserFactory
from tests.services import ROOT

pytestmark = pytest.mark.django_db
SECRET = "a long enough secret"
FIRST, OWN = reverse("admin:index"), reverse("own_account")
CONFIRM = reverse("confirm_password")
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def signed(client, chair):
    client.force_login(chair, backend=MODEL_BACKEND)
    return client


def put_back(client, **moments):
    """Let what a session has noted have been so long ago."""
    session = client.session
    for name, ago in moments.items():
        session[name] = (timezone.now() - ago).isoformat()
    session.save()


def goes_to(client, path, **how):
    answer = client.get(path, **how)
    return answer.headers.get("Location", answer.status_code)


class TestHowLong:
    def test_a_session_ends_a_day_after_its_last_use(self, signed):
        put_back(signed, signed_in_at=datetime.timedelta(hours=20))
        Session.objects.update(expire_date=timezone.now() + datetime.timedelta(hours=4))
        assert goes_to(signed, FIRST) == 200
        left = Session.objects.get().expire_date - timezone.now()
        assert datetime.timedelta(hours=23, minutes=59) < left <= datetime.timedelta(hours=24)
        Session.objects.update(expire_date=timezone.now() - datetime.timedelta(seconds=1))
        assert goes_to(signed, FIRST).startswith(reverse("admin:login"))

    def test_what_a_page_asks_for_by_itself_is_no_use(self, signed):
        put_back(signed, signed_in_at=datetime.timedelta(hours=20))
        signed.get(reverse("board_changes"), headers={"Sec-Fetch-Mode": "cors"})
        assert "used_at" not in signed.session
        signed.get(FIRST, headers={"Sec-Fetch-Mode": "navigate"})
        assert "used_at" in signed.session

    def test_it_ends_after_a_week_however_much_it_is_used(self, signed):
        put_back(signed, signed_in_at=signed_in.AT_MOST + datetime.timedelta(seconds=1))
        assert goes_to(signed, OWN) == f"{reverse('admin:login')}?next=%2Fcommittee%2Faccount%2F"
        assert Session.objects.count() == 0

    def test_another_password_ends_the_others_and_a_closed_account_all(self, signed, chair):
        other = Client()
        other.force_login(chair, backend=MODEL_BACKEND)
        new = "another long secret"
        answer = signed.post(
            reverse("admin:password_change"),
            {"old_password": SECRET, "new_password1": new, "new_password2": new},
        )
        assert answer.status_code == 302
        assert goes_to(other, FIRST).startswith(reverse("admin:login"))
        assert goes_to(signed, FIRST) == 200
        User.objects.update(is_active=False)
        assert goes_to(signed, FIRST).startswith(reverse("admin:login"))

    def test_signing_out_ends_it_on_the_server_and_empties_the_cache(self, signed):
        key = signed.session.session_key
        answer = signed.post(reverse("admin:logout"))
        assert answer["Clear-Site-Data"] == '"cache"'
        assert not Session.objects.filter(session_key=key).exists()

    def test_a_host_signs_somebody_out_everywhere(self, signed, chair):
        User.objects.filter(pk=chair.pk).update(is_superuser=True)
        eve, browser = UserFactory(is_staff=True), Client()
        browser.force_login(eve, backend=MODEL_BACKEND)
        action = {"action": "sign_out", "_selected_action": [eve.pk, chair.pk]}
        signed.post(reverse("admin:auth_user_changelist"), action)
        assert goes_to(browser, FIRST).startswith(reverse("admin:login"))
        assert goes_to(signed, FIRST) == 200


class TestPasswordAgain:
    @pytest.fixture
    def old(self, signed):
        put_back(signed, signed_in_at=signed_in.FRESH_FOR + datetime.timedelta(seconds=1))
        return signed

    def test_it_is_asked_before_somebody_changes_how_they_sign_in(self, old, chair):
        User.objects.filter(pk=chair.pk).update(is_superuser=True)
        assert goes_to(old, FIRST) == 200
        for name in ("own_account", "set_up_app", "admin:password_change"):
            path = reverse(name)
            assert goes_to(old, path).startswith(f"{CONFIRM}?next="), name
        person = reverse("admin:auth_user_change", args=[chair.pk])
        assert goes_to(old, person).startswith(f"{CONFIRM}?next=")
        for path in (reverse("end_session"), reverse("change_app"), person):
            answer = old.post(path, {"email": "eve@mail.example"})
            assert answer["Location"] == f"{CONFIRM}?next=%2Fcommittee%2Faccount%2F"
        assert User.objects.get(pk=chair.pk).email == chair.email

    def test_the_right_one_leads_on_with_another_key(self, old):
        key = old.session.session_key
        wrong = old.post(CONFIRM, {"password": "wrong", "next": OWN})
        assert wrong.status_code == 400
        assert "This is not your password." in wrong.content.decode()
        right = old.post(CONFIRM, {"password": SECRET, "next": OWN})
        assert right["Location"] == OWN
        assert goes_to(old, OWN) == 200
        assert old.session.session_key != key
        assert not Session.objects.filter(session_key=key).exists()

    def test_it_leads_to_no_other_site_and_cannot_be_guessed(self, old, chair):
        for _ in range(7):
            assert old.post(CONFIRM, {"password": "wrong"}).status_code == 400
        assert old.post(CONFIRM, {"password": "wrong"}).status_code == 429
        assert old.post(CONFIRM, {"password": SECRET}).status_code == 429
        put_back(old, signed_in_at=datetime.timedelta(0))
        assert old.get(CONFIRM, {"next": "https://evil.example/"})["Location"] == FIRST


class TestPasswords:
    @pytest.mark.parametrize(
        "password",
        [
            "scipy-2090!!",
            "Mentors.example",
            "mentorship2090",
            "SciPyMentors1",
            "short",
            "q1w2e3r4t5",
        ],
    )
    def test_what_is_easily_guessed_is_refused(self, settings, password):
        settings.SITE_URL = "https://mentors.example"
        ProgramFactory(name="SciPy 2090", slug="scipy-2090")
        with pytest.raises(ValidationError):
            validate_password(password)

    @pytest.mark.parametrize(
        "password",
        [
            "correct horse",
            "scipy plus a wombat",
            "日本語のパスワードです。",
            "0918273645",
            "x y" * 60,
        ],
    )
    def test_any_others_are_taken_as_they_are(self, client, chair, password):
        ProgramFactory(name="SciPy 2090", slug="scipy-2090")
        validate_password(password)
        chair.set_password(password)
        chair.save()
        said = {"username": "cora", "password": password, "next": FIRST}
        login = reverse("admin:login")
        assert client.post(login, {**said, "password": f"{password} "}).status_code == 200
        assert client.post(login, said)["Location"] == FIRST


def test_signing_in_is_logged_without_names(client, chair, caplog):
    caplog.set_level(logging.INFO)
    login = reverse("admin:login")
    client.post(login, {"username": "Zzyzx", "password": "Quux1"})
    for _ in range(8):
        client.post(login, {"username": "cora", "password": "Quux1"})
    other = Client(REMOTE_ADDR="203.0.113.9")
    other.post(login, {"username": "cora", "password": SECRET, "next": FIRST})
    other.get(reverse("set_up_app"))
    other.post(reverse("set_up_app"), {"code": "000000"})
    other.post(reverse("change_app"), {"code": "000000"})
    other.post(reverse("admin:logout"))
    chair.set_password("another long secret")
    chair.save()

    lines = [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name == "mentorship.security"
    ]
    who = f"account {chair.pk}"
    assert lines == [
        ("WARNING", "wrong password, no account"),
        *[("WARNING", f"wrong password, {who}")] * 7,
        ("WARNING", f"locked out after too many wrong passwords, {who}"),
        ("WARNING", f"wrong password, {who}"),
        ("INFO", f"signed in with the password, {who}"),
        *[("WARNING", f"wrong code, {who}")] * 2,
        ("INFO", f"signed out, {who}"),
        ("INFO", f"password set, {who}"),
    ]
    told = [record.getMessage() for record in caplog.records]
    assert [line for line in told if "cora" in line or "Zzyzx" in line or "Quux" in line] == []


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
def test_a_method_of_no_page_is_refused(client, method):
    answer = client.generic(method, "/")
    assert (answer.status_code, "TRACE" in answer["Allow"]) == (405, False)


def test_with_https_cookies_are_this_hosts_alone(tmp_path):
    names = ("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY",
             "SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE",
             "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_SAMESITE", "SESSION_COOKIE_PATH",
             "SESSION_COOKIE_DOMAIN")  # fmt: skip
    code = f"from django.conf import settings as s; print([getattr(s, n) for n in {names}])"
    variables = {"SITE_URL": "https://mentors.example", "VAR_DIR": str(tmp_path)}
    variables["DJANGO_SETTINGS_MODULE"] = "mentorship.settings"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | variables,
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.strip() == str(
        ["__Host-sessionid", True, True, "Lax", "__Host-csrftoken", True, True, "Lax", "/", None]
    )
