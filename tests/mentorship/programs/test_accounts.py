"""Accounts: the first chair, invitations by email, and passwords that people set themselves."""

import re
import threading

import pytest
from celery.exceptions import Retry
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from mentorship.domain.programs import accounts
from mentorship.models import Membership, Program
from mentorship.tasks import email_password_link
from tests.factories import MembershipFactory, ProgramFactory, UserFactory

pytestmark = pytest.mark.django_db

SECRET = "a long enough secret"
USERS = get_user_model().objects


@pytest.fixture(autouse=True)
def memory(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_URL = "https://mentors.example"


def typed(**changes):
    return {
        "name": "SciPy 2027",
        "starts_on": "2027-07-12",
        "ends_on": "2027-07-18",
        "time_zone": "America/Los_Angeles",
        "username": "ada",
        "email": "ada@one.example",
        "password": SECRET,
        "again": SECRET,
        **changes,
    }


def first_page():
    return reverse("first_chair", args=[accounts.first_chair_token()])


def link_in(message):
    return re.search(r"https://mentors\.example(/\S+)", message.body).group(1)


class TestFirstChair:
    def test_the_link_that_is_printed_makes_the_chair_and_the_program_once(self, client, capsys):
        call_command("first_chair")
        printed = capsys.readouterr().out
        assert printed == f"Make the first chair: https://mentors.example{first_page()}\n"
        login = client.get(reverse("admin:login")).content.decode()
        assert "Nobody has an account here yet." in login

        back = client.post(first_page(), typed())

        assert back.url == reverse("admin:index")
        program = Program.objects.get()
        user = USERS.get()
        assert (program.slug, program.name, program.fields.count()) == (
            "scipy-2027",
            "SciPy 2027",
            7,
        )
        assert (user.username, user.is_superuser, user.check_password(SECRET)) == (
            "ada",
            True,
            True,
        )
        assert Membership.objects.get().level == "chair"
        assert client.get(back.url).context["dashboard"].program == program
        assert client.post(first_page(), typed(username="eve")).status_code == 404
        assert USERS.count() == 1
        call_command("first_chair")
        assert capsys.readouterr().out == "There are accounts already.\n"

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"ends_on": "2027-07-01"}, "The last day is before the first day."),
            ({"time_zone": "Mars"}, "is not a time zone."),
            ({"again": "another long secret"}, "The two passwords differ."),
            ({"password": "short", "again": "short"}, "This password is too short."),
            ({"email": "ada"}, "Enter a valid email address."),
        ],
    )
    def test_a_mistake_is_named_and_nothing_is_saved(self, client, changes, error):
        page = client.post(first_page(), typed(**changes))

        assert page.status_code == 400
        assert error in page.content.decode()
        assert 'value="SciPy 2027"' in page.content.decode()
        assert (USERS.count(), Program.objects.count()) == (0, 0)

    def test_nobody_gets_in_by_guessing(self, client):
        path = reverse("first_chair", args=["0" * 40])

        assert client.get(path).status_code == 404
        assert client.post(path, typed()).status_code == 404
        assert USERS.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_first_chairs_at_once_one_is_refused():
    start, results = threading.Barrier(2), []

    def make(name):
        start.wait(10)
        try:
            accounts.make_first_chair(
                accounts.NewChair(name, f"{name}@one.example", SECRET),
                name=name,
                slug=name,
                starts_on="2027-07-12",
                ends_on="2027-07-18",
                time_zone="UTC",
            )
            results.append("made")
        except ValidationError as error:
            results.append(error.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=make, args=[name]) for name in ("ada", "bo")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(results) == ["There is an account already. Sign in with it.", "made"]
    assert (USERS.count(), Program.objects.count()) == (1, 1)


class TestInvitations:
    @pytest.fixture
    def program(self):
        return ProgramFactory(name="SciPy 2027")

    @pytest.fixture
    def chair(self, client, program):
        user = MembershipFactory(program=program, level="chair", user__username="chair").user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return user

    def add(self, client, account):
        path = reverse("admin:mentorship_membership_add")
        return client.post(path, {"account": account, "level": "member"})

    def test_a_new_member_sets_their_own_password_by_email(self, client, chair, program):
        assert self.add(client, "bo@two.example").status_code == 302

        user = USERS.get(email="bo@two.example")
        assert user.has_usable_password() is False
        assert Membership.objects.get(user=user).program == program
        (message,) = mail.outbox
        assert (message.to, message.subject) == (
            ["bo@two.example"],
            "You’re on the mentorship committee of SciPy 2027",
        )
        assert message.body.startswith(
            "Hello,\n\nchair has added you to the mentorship committee of SciPy 2027."
        )
        client.logout()
        path = link_in(message)
        assert (
            "For the account <strong>bo@two.example</strong>" in client.get(path).content.decode()
        )
        back = client.post(path, {"new_password1": SECRET, "new_password2": SECRET})
        assert back.url == reverse("admin:login")
        assert client.get(path).status_code == 404
        user.refresh_from_db()
        assert user.check_password(SECRET)
        assert client.login(username="bo@two.example", password=SECRET, request=back.wsgi_request)

    def test_who_has_an_account_is_told_and_keeps_their_password(self, client, chair, program):
        other = UserFactory(username="bo", email="bo@two.example")

        self.add(client, "Bo@two.example")

        assert Membership.objects.get(user=other).program == program
        assert "Sign in with your account bo: https://mentors.example/committee/" in (
            mail.outbox[0].body
        )

    def test_a_host_adds_an_account_without_a_password(self, client, chair):
        USERS.filter(pk=chair.pk).update(is_superuser=True)

        page = client.get(reverse("admin:auth_user_add")).content.decode()
        client.post(reverse("admin:auth_user_add"), {"email": "bo@two.example"})

        assert 'type="password"' not in page
        user = USERS.get(email="bo@two.example")
        assert (user.is_staff, user.has_usable_password()) == (True, False)
        assert len(mail.outbox) == 1
        assert client.get(f"/committee/auth/user/{user.pk}/password/").status_code != 200

    def test_what_is_no_address_invites_nobody(self, client, chair):
        page = self.add(client, "bo")

        assert "Type an email address to invite somebody." in page.content.decode()
        assert mail.outbox == []


@pytest.mark.usefixtures("queued")
class TestForgotten:
    @pytest.fixture(autouse=True)
    def no_link_was_sent_lately(self):
        """A test before this one may have asked for an account of the same number."""
        cache.clear()

    def ask(self, client, address):
        return client.post(reverse("forgotten_password"), {"email": address})

    def test_the_answer_is_the_same_and_only_the_owner_gets_a_link(self, client, queued):
        user = UserFactory(username="bo", email="bo@two.example")
        assert reverse("forgotten_password") in client.get(reverse("admin:login")).content.decode()

        known = self.ask(client, "BO@two.example").content.decode()
        unknown = self.ask(client, "eve@two.example").content.decode()

        assert known.replace("BO@", "") == unknown.replace("eve@", "")
        assert mail.outbox == []  # a mail server takes its time, which would tell
        queued.work()
        (message,) = mail.outbox
        assert (message.to, message.subject) == (["bo@two.example"], "Set a new password")
        new = "another long enough secret"
        client.post(link_in(message), {"new_password1": new, "new_password2": new})
        user.refresh_from_db()
        assert user.check_password(new)

    def test_a_mail_server_that_is_away_tells_nothing_and_is_tried_again(
        self, client, settings, queued
    ):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        user = UserFactory(username="bo", email="bo@two.example")

        answers = [self.ask(client, f"{name}@two.example") for name in ("bo", "eve")]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert queued == [(email_password_link.name, user.pk)]
        with pytest.raises(Retry):
            email_password_link.apply(args=[user.pk], throw=True, retries=0)

    def test_a_second_link_right_after_is_not_sent(self, client, queued):
        user = UserFactory(username="cy", email="cy@two.example")

        self.ask(client, "cy@two.example")
        self.ask(client, "cy@two.example")

        assert queued == [(email_password_link.name, user.pk)]

    @pytest.mark.usefixtures("no_queue")
    def test_a_link_is_sent_while_redis_is_away(self, client, settings):
        redis = settings.CACHES["default"]
        settings.CACHES = {"default": redis | {"LOCATION": "redis://127.0.0.1:1/0"}}
        UserFactory(username="cy", email="cy@two.example")

        assert self.ask(client, "cy@two.example").status_code == 200

        assert len(mail.outbox) == 1

    @pytest.mark.parametrize("key", ["x", "OTk5OTk5OTk5", "MQ"])
    def test_a_made_up_link_is_over(self, client, key):
        UserFactory()

        assert client.get(reverse("set_password", args=[key, "abc-def"])).status_code == 404

    def test_a_trial_sends_these_to_its_one_address_too(self, client, settings, queued):
        settings.MAIL_REDIRECT_TO = "trial@one.example"
        UserFactory(username="di", email="di@two.example")

        self.ask(client, "di@two.example")
        queued.work()

        assert mail.outbox[0].to == ["trial@one.example"]
