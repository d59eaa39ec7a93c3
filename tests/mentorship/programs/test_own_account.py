"""One's own account: the second step of signing in, and the sessions."""

import threading
import time
from binascii import unhexlify
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from mentorship.domain.programs import second_factor
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
SECRET = "a long enough secret"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FIRST = reverse("admin:index")
STEP = reverse("second_step")
SET_UP = reverse("set_up_app")
OWN = reverse("own_account")


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    """Hash recovery codes in no time."""
    monkeypatch.setattr(second_factor, "ROUNDS", 1)


def sign_in(client, name="cora", password=SECRET, **extra):
    login = reverse("admin:login")
    return client.post(login, {"username": name, "password": password, "next": FIRST}, **extra)


def code_of(user, ahead=0):
    """Return the code that the user's app shows, `ahead` half minutes from now."""
    device = TOTPDevice.objects.get(user=user)
    totp = TOTP(unhexlify(device.key))
    totp.time = time.time() + 30 * ahead
    return f"{totp.token():06d}"


def turn_on(client, user):
    client.get(SET_UP)
    return client.post(SET_UP, {"code": code_of(user)}).context["codes"]


def goes_to(client, path):
    answer = client.get(path)
    return answer.headers.get("Location", answer.status_code)


class TestSecondStep:
    def test_password_alone_opens_nothing_once_it_is_on(self, client, chair):
        sign_in(client)
        assert goes_to(client, FIRST) == 200
        codes = turn_on(client, chair)
        assert len(set(codes)) == 10
        client.post(reverse("admin:logout"))

        sign_in(client)

        asked = f"{STEP}?next=%2Fcommittee%2Faccount%2F"
        assert goes_to(client, OWN) == asked
        for name in ("matching_board", "report_csv", "admin:mentorship_participant_changelist",
                     "set_up_app", "admin:password_change", "guide"):  # fmt: skip
            assert goes_to(client, reverse(name)).startswith(f"{STEP}?next="), name
        htmx = client.get(reverse("board_changes"), HTTP_HX_REQUEST="true")
        assert htmx.headers["HX-Redirect"].startswith(STEP)
        posted = client.post(reverse("end_session"))
        assert posted.headers["Location"].startswith(STEP)
        assert client.post(STEP, {"code": "000000"}).status_code == 400
        assert goes_to(client, FIRST).startswith(STEP)

    def test_a_code_opens_it_and_leads_on(self, client, chair):
        sign_in(client)
        turn_on(client, chair)
        client.post(reverse("admin:logout"))
        sign_in(client)
        key = client.session.session_key

        answer = client.post(STEP, {"code": code_of(chair, ahead=1), "next": OWN})

        assert answer.headers["Location"] == OWN
        assert goes_to(client, FIRST) == 200
        assert client.session.session_key != key

    def test_no_code_leads_to_another_site(self, client, chair):
        sign_in(client)
        turn_on(client, chair)
        client.post(reverse("admin:logout"))
        sign_in(client)
        wanted = "https://evil.example/"
        answer = client.post(STEP, {"code": code_of(chair, ahead=1), "next": wanted})
        assert answer.headers["Location"] == FIRST

    def test_a_recovery_code_works_once(self, client, chair):
        sign_in(client)
        codes = turn_on(client, chair)
        for expected in (302, 400):
            client.post(reverse("admin:logout"))
            sign_in(client)
            assert client.post(STEP, {"code": codes[0].upper()}).status_code == expected
        assert second_factor.codes_left(chair) == 9

    def test_no_recovery_code_can_be_read_from_the_database(self, client, chair):
        sign_in(client)
        codes = turn_on(client, chair)
        kept = StaticToken.objects.values_list("token", flat=True)
        salt = StaticDevice.objects.get(user=chair).name
        assert not set(kept) & set(codes)
        assert sorted(kept) == sorted(second_factor.hash_code(code, salt) for code in codes)
        other = UserFactory()
        renewed = second_factor._new_codes(other)
        assert StaticDevice.objects.get(user=other).name != salt
        assert len(set(renewed)) == second_factor.codes_left(other) == 10

    def test_who_may_not_try_costs_no_hash(self, client, chair, monkeypatch):
        sign_in(client)
        codes = turn_on(client, chair)
        client.post(reverse("change_app"), {"do": "codes", "code": "nonsense"})
        monkeypatch.setattr(second_factor, "pbkdf2", None)
        answer = client.post(reverse("change_app"), {"do": "codes", "code": codes[0]})
        assert (answer.status_code, second_factor.codes_left(chair)) == (400, 10)

    def test_the_same_code_does_not_work_twice(self, client, chair):
        sign_in(client)
        turn_on(client, chair)
        client.post(reverse("admin:logout"))
        code = code_of(chair, ahead=1)
        sign_in(client)
        assert client.post(STEP, {"code": code}).status_code == 302
        client.post(reverse("admin:logout"))
        sign_in(client)
        assert client.post(STEP, {"code": code}).status_code == 400

    def test_who_guesses_is_slowed_down_and_the_owner_gets_in_again(self, client, chair):
        sign_in(client)
        turn_on(client, chair)
        client.post(reverse("admin:logout"))
        sign_in(client)
        for _ in range(3):
            client.post(STEP, {"code": "000000"})
        right = code_of(chair, ahead=1)
        assert client.post(STEP, {"code": right}).status_code == 400, "four seconds are not over"
        TOTPDevice.objects.update(throttling_failure_timestamp=None)
        assert client.post(STEP, {"code": right}).status_code == 302

    def test_a_wrong_first_code_turns_nothing_on(self, client, chair):
        sign_in(client)
        secret = client.get(SET_UP).context["secret"]
        assert client.post(SET_UP, {"code": "000000"}).status_code == 400
        assert second_factor.has_app(chair) is False
        assert client.get(SET_UP).context["secret"] == secret

    def test_other_sessions_end_when_it_is_turned_on(self, client, chair):
        other = Client()
        sign_in(other)
        sign_in(client)
        turn_on(client, chair)
        assert goes_to(other, OWN).startswith(reverse("admin:login"))
        assert goes_to(client, OWN) == 200

    def test_off_and_new_codes_need_a_code(self, client, chair):
        change = reverse("change_app")
        sign_in(client)
        codes = turn_on(client, chair)
        assert client.post(change, {"do": "off", "code": "nonsense"}).status_code == 400
        assert second_factor.has_app(chair)
        # A wrong one slows the next one down.
        second_factor.StaticDevice.objects.update(throttling_failure_timestamp=None)
        new = client.post(change, {"do": "codes", "code": codes[1]}).context["codes"]
        assert not set(new) & set(codes)
        assert client.post(change, {"do": "off", "code": new[0]}).status_code == 302
        assert second_factor.has_app(chair) is False
        assert goes_to(client, FIRST) == 200

    def test_a_host_can_ask_it_of_everyone(self, client, chair, settings):
        sign_in(client)
        settings.SECOND_FACTOR_REQUIRED = True
        assert goes_to(client, FIRST) == SET_UP
        codes = turn_on(client, chair)
        assert goes_to(client, FIRST) == 200
        off = client.post(reverse("change_app"), {"do": "off", "code": codes[0]})
        assert "This site asks everyone for two-step sign-in." in off.content.decode()
        assert second_factor.has_app(chair)

    def test_a_session_from_before_the_host_asked_shows_a_code(self, client, chair, settings):
        sign_in(client)
        TOTPDevice.objects.create(user=chair, name="app", confirmed=True)
        settings.SECOND_FACTOR_REQUIRED = True
        assert goes_to(client, FIRST).startswith(STEP)

    def test_a_host_turns_it_off_for_who_lost_everything(self, client, chair):
        lost = UserFactory(username="lost")
        TOTPDevice.objects.create(user=lost, name="app", confirmed=True)
        chair.is_superuser = True
        chair.save()
        sign_in(client)
        action = {"action": "forget_app", "_selected_action": [lost.pk]}
        client.post(reverse("admin:auth_user_changelist"), action)
        assert second_factor.has_app(lost) is False


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_the_same_code_at_once_one_gets_in():
    user = UserFactory()
    device = TOTPDevice.objects.create(user=user, name="app", confirmed=True)
    totp = TOTP(unhexlify(device.key))
    totp.time = time.time()
    code, start, results = f"{totp.token():06d}", threading.Barrier(2), []

    def send():
        start.wait(10)
        try:
            from django.contrib.sessions.backends.db import SessionStore

            second_factor.pass_step(SessionStore(), user, code)
            results.append("in")
        except ValidationError:
            results.append("out")
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == ["in", "out"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_recovery_codes_from_before_they_were_hashed_still_work(monkeypatch):
    """The hash of the migration is the one of today."""
    user = UserFactory()
    device = StaticDevice.objects.create(user=user, name="recovery")
    StaticToken.objects.create(device=device, token="abcdefgh")
    migration = import_module("mentorship.migrations.0030_recovery_codes_hashed")

    migration.hash_codes(apps, None)

    monkeypatch.undo()  # as many rounds as there are
    device.refresh_from_db()
    assert device.token_set.get().token == second_factor.hash_code("abcdefgh", device.name)
    assert second_factor._is_right(user, "ABCD efgh") is True
    assert second_factor._is_right(user, "abcdefgh") is False


class TestSessions:
    def test_each_is_listed_and_can_be_ended(self, client, chair):
        phone, stranger = Client(), Client()
        sign_in(phone, headers={"user-agent": "Mozilla/5.0 (iPhone) Version/18 Safari/604"})
        UserFactory(username="eve", is_staff=True)
        stranger.force_login(
            UserFactory(is_staff=True), backend="django.contrib.auth.backends.ModelBackend"
        )
        sign_in(client, headers={"user-agent": FIREFOX})

        listed = client.get(OWN).context["sessions"]

        assert sorted((each.browser, each.is_this) for each in listed) == [
            ("Firefox on Linux", True),
            ("Safari on iPhone", False),
        ]
        page = client.get(OWN).content.decode()
        for session in Session.objects.all():
            assert session.session_key not in page
        other = next(each for each in listed if not each.is_this)
        client.post(reverse("end_session"), {"name": other.name})
        assert goes_to(phone, OWN).startswith(reverse("admin:login"))
        assert goes_to(client, OWN) == 200
        assert stranger.session.session_key is not None

    def test_all_others_end_at_once_and_nobody_elses(self, client, chair):
        others = [Client() for _ in range(2)]
        for other in others:
            sign_in(other)
        eve = MembershipFactory(user__username="eve").user
        stranger = Client()
        stranger.force_login(eve, backend="django.contrib.auth.backends.ModelBackend")
        sign_in(client)

        client.post(reverse("end_session"))

        assert [goes_to(other, OWN)[:17] for other in others] == ["/committee/login/"] * 2
        assert goes_to(stranger, OWN) == 200


class TestStrangers:
    def fail(self, client, times, **extra):
        return [sign_in(client, password="wrong", **extra).status_code for _ in range(times)]

    def test_a_stranger_does_not_lock_out_the_chair(self, client, chair):
        stranger = Client(REMOTE_ADDR="203.0.113.9")
        assert self.fail(stranger, 9)[-1] == 429

        assert sign_in(client).status_code == 302
        assert goes_to(client, OWN) == 200

    def test_nor_behind_a_proxy_or_with_a_made_up_header(self, client, chair, settings):
        settings.TRUST_PROXY = True
        stranger = Client()
        made_up = {"HTTP_X_FORWARDED_FOR": "198.51.100.7, 203.0.113.9"}
        assert self.fail(stranger, 9, **made_up)[-1] == 429
        another = {"HTTP_X_FORWARDED_FOR": "192.0.2.200, 203.0.113.9"}
        assert self.fail(stranger, 1, **another) == [429]

        assert sign_in(client, HTTP_X_FORWARDED_FOR="198.51.100.7").status_code == 302

    def test_who_has_a_network_of_addresses_is_one_stranger(self, chair):
        def from_address(address):
            return self.fail(Client(), 1, REMOTE_ADDR=address)[0]

        answers = [from_address(f"2001:db8:1:2:{n}::7") for n in range(9)]
        others = [from_address("2001:db8:1:3::7"), from_address("::ffff:203.0.113.9")]

        assert (answers[0], answers[-1]) == (200, 429)
        assert others == [200, 200]


def test_how_long_an_invitation_works_is_said():
    assert django_settings.PASSWORD_RESET_TIMEOUT == 3 * 86_400
