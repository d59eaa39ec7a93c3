"""EMAIL_URL: what it may say, and real servers reached by it, encrypted and with a password."""

from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.core.management import CommandError, call_command

from notifications.domain.outbox.worker import deliver_due
from notifications.domain.transport.smtp import Postman, ServerUnreachable
from notifications.domain.transport.urls import ImapAddress, email_settings, imap_address
from notifications.interfaces.checks import check_mail, check_mail_for_production
from notifications.models import EmailLog
from tests.certificates import make_certificate, server_context
from tests.conftest import MailServer, free_port
from tests.notifications.conftest import NOON, at, invitations, later

FOLDER = Path("/var/mail-files")
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def settings_of(url, key_file="", mailbox=""):
    return email_settings(url, FOLDER, key_file, mailbox)


class TestUrl:
    @pytest.mark.parametrize(
        ("url", "host", "port", "user", "password", "tls", "ssl"),
        [
            ("smtp://mail.example", "mail.example", 25, "", "", False, False),
            ("smtp+tls://mail.example/", "mail.example", 587, "", "", True, False),
            ("smtp+tls://u:p@mail.example:2525", "mail.example", 2525, "u", "p", True, False),
            ("smtp+ssl://u:p@[::1]", "::1", 465, "u", "p", False, True),
            ("smtp+tls://me@conf.example:p@s/s:w#?d@mail.example", "mail.example", 587,
             "me@conf.example", "p@s/s:w#?d", True, False),
            ("smtp+tls://me%40conf.example:p%40%2F%23%25@mail.example", "mail.example", 587,
             "me@conf.example", "p@/#%", True, False),
        ],
    )  # fmt: skip
    def test_names_a_server(self, url, host, port, user, password, tls, ssl):
        assert settings_of(url) == {
            "EMAIL_BACKEND": SMTP,
            "EMAIL_HOST": host,
            "EMAIL_PORT": port,
            "EMAIL_HOST_USER": user,
            "EMAIL_HOST_PASSWORD": password,
            "EMAIL_USE_TLS": tls,
            "EMAIL_USE_SSL": ssl,
        }

    def test_without_a_server_mail_goes_to_files_or_to_the_console(self):
        files = "django.core.mail.backends.filebased.EmailBackend"
        assert settings_of("") == {"EMAIL_BACKEND": files, "EMAIL_FILE_PATH": FOLDER}
        assert settings_of("filemail:///srv/my%20mail") == {
            "EMAIL_BACKEND": files,
            "EMAIL_FILE_PATH": Path("/srv/my mail"),
        }
        assert settings_of("consolemail://") == {
            "EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"
        }

    @pytest.mark.parametrize(
        ("url", "beginning"),
        [
            ("mail.example", "EMAIL_URL does not start with one of smtp://"),
            ("smtps://u:secret@mail.example", "EMAIL_URL does not start with one of smtp://"),
            ("filemail://folder", "EMAIL_URL does not start with one of smtp://"),
            ("smtp+tls://", "EMAIL_URL names no server, or a port that is no number. "),
            ("smtp+tls://u:secret@mail.example:abc", "EMAIL_URL names no server, or a port"),
            ("smtp+tls://u:secret@mail.example:99999", "EMAIL_URL names port 99999; there are"),
            ("smtp+tls://u@mail.example", "EMAIL_URL names a user without a password. "),
            ("smtp+tls://u:sécret@mail.example", "EMAIL_URL has a user or password with letters"),
            ("smtp+tls://u:secret@mail.example/x", "EMAIL_URL goes on after the port. "),
        ],
    )
    def test_a_wrong_one_is_said_in_a_sentence_without_its_password(self, url, beginning):
        with pytest.raises(ValueError, match=r"^EMAIL_URL") as caught:
            settings_of(url)
        assert str(caught.value).startswith(beginning)
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            (("", "k.json", ""), "GOOGLE_KEY_FILE and GOOGLE_MAILBOX belong together: set both."),
            (("", "", "m@x.org"), "GOOGLE_KEY_FILE and GOOGLE_MAILBOX belong together: set both."),
            (("smtp://h", "k.json", "m@x.org"),
             "EMAIL_URL and GOOGLE_KEY_FILE are both set: leave one of them out."),
        ],
    )  # fmt: skip
    def test_half_a_google_account_or_two_ways_to_send_are_refused(self, given, sentence):
        with pytest.raises(ValueError, match="GOOGLE_KEY_FILE") as caught:
            settings_of(*given)
        assert str(caught.value) == sentence

    def test_a_mailbox_to_read(self):
        assert imap_address("imap+ssl://me@x.org:p@ss@imap.example/Back%20again") == ImapAddress(
            "imap.example", 993, "ssl", "me@x.org", "p@ss", "Back again"
        )
        assert imap_address("imap+tls://imap.example:1143") == ImapAddress(
            "imap.example", 1143, "tls", "", "", "INBOX"
        )
        with pytest.raises(ValueError, match=r"^BOUNCE_IMAP_URL does not start with one of imap"):
            imap_address("pop3://u:p@h")


class TestChecks:
    def test_say_what_is_wrong(self, settings, tmp_path):
        assert check_mail() == []
        settings.EMAIL_PROBLEM = "It is wrong."
        settings.DEFAULT_FROM_EMAIL = "Mentors"
        settings.MAIL_REDIRECT_TO = "me"
        settings.BOUNCE_IMAP_URL = "imap+ssl://imap.example"
        assert [(e.id, e.msg) for e in check_mail()] == [
            ("mail.E001", "It is wrong."),
            ("mail.E002", "DEFAULT_FROM_EMAIL is not an email address."),
            ("mail.E003", "MAIL_REDIRECT_TO is not an email address."),
            ("mail.E005", "BOUNCE_IMAP_URL names no password, and there is no Google service "
             "account to sign in with."),
        ]  # fmt: skip
        settings.EMAIL_PROBLEM, settings.BOUNCE_IMAP_URL = "", "nonsense"
        settings.GOOGLE_KEY_FILE = str(tmp_path / "none.json")
        assert [e.id for e in check_mail()] == [
            "mail.E002", "mail.E003", "mail.E004", "mail.E006",
        ]  # fmt: skip

    def test_warn_of_what_is_not_for_production(self, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        assert [w.id for w in check_mail_for_production()] == ["mail.W001"]
        settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "mail.example"
        settings.MAIL_REDIRECT_TO, settings.BOUNCE_IMAP_URL = "me@x.org", "imap://u:p@h"
        assert [w.id for w in check_mail_for_production()] == [
            "mail.W002", "mail.W003", "mail.W004", "mail.W005",
        ]  # fmt: skip

    @pytest.mark.django_db
    def test_no_mail_leaves_and_the_outbox_says_why(self, settings, moody):
        (mail,) = invitations(1)
        settings.EMAIL_PROBLEM = "EMAIL_URL is wrong."
        assert deliver_due(clock=lambda: NOON).as_dict()["left"] == 1
        mail.refresh_from_db()
        assert (mail.state, mail.attempts, mail.state_reason, moody.connections) == (
            "queued", 0, "The mail server cannot be used: EMAIL_URL is wrong.", 0,
        )  # fmt: skip


USER, PASSWORD = "me@conf.example", "p@s/s: %w#?"


SIGN_INS = []


def authenticate(server, session, envelope, mechanism, data):
    SIGN_INS.append(data.login)
    good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=good)


@pytest.fixture
def secure(request, settings, tmp_path, monkeypatch):
    """A mail server that wants TLS (`request.param`: smtp+tls or smtp+ssl) and a password."""
    files = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    server = MailServer(port=free_port())
    context = server_context(files)
    options = (
        {"ssl_context": context}
        if request.param == "smtp+ssl"
        else {"tls_context": context, "require_starttls": True}
    )
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=server.port,
        authenticator=authenticate,
        auth_required=True,
        auth_exclude_mechanism=["LOGIN"],
        auth_require_tls=request.param == "smtp+tls",
        **options,
    )
    controller.start()

    def use(account):
        url = f"{request.param}://{account}@127.0.0.1:{server.port}"
        for name, value in email_settings(url, FOLDER, "", "").items():
            setattr(settings, name, value)
        return server

    yield use
    controller.stop()


@pytest.mark.parametrize("secure", ["smtp+tls", "smtp+ssl"], indirect=True)
# The server cannot know that a connection which was encrypted from the first byte is.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.django_db
class TestEncrypted:
    def test_is_let_in_with_a_password_of_special_characters(self, secure, capsys):
        server = secure(f"{USER}:p@s/s: %w#?")
        invitations(1)
        assert deliver_due(clock=lambda: NOON).as_dict()["sent"] == 1
        assert server.envelopes[0][1] == ["a@mail.example"]
        call_command("send_test_mail", "Host@Conf.example")
        assert server.envelopes[1][1] == ["Host@Conf.example"]
        assert "took the test email for Host@Conf.example" in capsys.readouterr().out

    def test_a_wrong_password_costs_no_try(self, secure):
        server = secure(f"{USER}:wrong")
        (mail,) = invitations(1)
        deliver_due(clock=lambda: NOON)
        mail.refresh_from_db()
        assert (mail.state, mail.attempts, server.messages) == ("queued", 0, [])
        assert mail.state_reason == (
            "The mail server cannot be used: it does not let us in (535 5.7.8 Authentication "
            "credentials invalid). Check the user and the password"
        )
        with pytest.raises(CommandError, match="The mail server cannot be used"):
            call_command("send_test_mail", "host@conf.example")

    def test_a_wrong_password_is_tried_less_and_less_often(self, secure):
        secure(f"{USER}:wrong")
        invitations(1)
        SIGN_INS.clear()
        for seconds in range(0, 3600, 20):
            deliver_due(clock=at(later(seconds=seconds)), backs_off=True)
        # After 0, 3, 8 and 18 minutes, then each quarter of an hour.
        assert len(SIGN_INS) == 6
        # Whoever asks by hand has just changed the password, and does not wait.
        deliver_due(clock=at(later(hours=1)))
        assert len(SIGN_INS) == 7

    def test_a_certificate_that_nobody_vouches_for_is_refused(self, secure, monkeypatch):
        secure(f"{USER}:{PASSWORD}")
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(ServerUnreachable, match="certificate cannot be trusted"):
            Postman().open()


@pytest.mark.django_db
def test_a_server_that_wants_us_to_sign_in_anew_does_not_fail_the_mail(moody):
    (mail,) = invitations(1)
    moody.mail.append("530 5.7.0 Authentication required")
    deliver_due(clock=lambda: NOON)
    mail.refresh_from_db()
    assert (mail.state, mail.state_reason) == (
        "queued",
        "The mail server cannot be used: it refuses all emails (530 5.7.0 Authentication required)",
    )
    assert EmailLog.objects.filter(state="failed").count() == 0
