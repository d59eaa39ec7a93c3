"""A service account that stands in for a mailbox: a real token endpoint and a real mail server."""

import json
import socketserver
import threading
from base64 import b64decode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt

from notifications.domain.outbox.worker import deliver_due
from notifications.domain.transport.google import SCOPE, read_account
from notifications.domain.transport.smtp import UNREACHABLE, Postman, ServerUnreachable
from notifications.domain.transport.urls import email_settings
from tests.certificates import make_certificate, server_context
from tests.conftest import MailServer, free_port
from tests.notifications.conftest import NOON, invitations

MAILBOX = "mentors@conf.example"
ACCOUNT = "mailer@project.iam.gserviceaccount.com"
# What Google wants a statement to be addressed to, whatever the address of its endpoint.
AUDIENCE = "https://oauth2.googleapis.com/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass
class TokenEndpoint:
    """Return a token for each statement that the key has signed, or the refusal it was told."""

    public_key: bytes
    refusal: dict | None = None
    lifetime: int = 3600
    claims: list[dict] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, form: dict[str, list[str]]) -> tuple[int, dict]:
        assert form["grant_type"] == [GRANT]
        self.claims.append(
            jwt.decode(form["assertion"][0], certs=self.public_key, audience=AUDIENCE)
        )
        if self.refusal:
            return 401, self.refusal
        self.tokens.append(f"token-{len(self.tokens) + 1}")
        return 200, {
            "access_token": self.tokens[-1],
            "expires_in": self.lifetime,
            "token_type": "Bearer",
        }


@dataclass
class GoogleServer(MailServer):
    """Lets in whoever shows the token that is valid at the moment."""

    valid: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    busy: bool = False

    async def auth_XOAUTH2(self, server, args):
        self.shown.append(b64decode(args[1]).decode())
        if self.busy:
            return AuthResult(success=False, handled=False, message="454 4.7.0 Too many logins")
        if self.valid and self.shown[-1] == f"user={MAILBOX}\1auth=Bearer {self.valid[-1]}\1\1":
            return AuthResult(success=True)
        answer = await server.challenge_auth('{"status":"400","scope":"https://mail.google.com/"}')
        assert answer == b""
        return AuthResult(success=False, handled=False, message="535 5.7.8 BadCredentials")


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def google(settings, tmp_path, monkeypatch, key):
    """Google as far as mail needs it, and settings that use it."""
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    endpoint = TokenEndpoint(public)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, answer = endpoint.answer(parse_qs(body))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *args):
            pass

    http: socketserver.BaseServer = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint.url = f"http://127.0.0.1:{http.server_port}/token"
    threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()

    files = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    server = GoogleServer(port=free_port(), valid=endpoint.tokens)
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=server.port,
        tls_context=server_context(files),
        require_starttls=True,
        auth_required=True,
    )
    controller.start()
    key_file = tmp_path / "key-of-google.json"
    key_file.write_text(
        json.dumps(
            {
                "type": "service_account",
                "client_email": ACCOUNT,
                "client_id": "1234567890",
                "token_uri": endpoint.url,
                "private_key": key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                ).decode(),
            }
        )
    )
    settings.GOOGLE_KEY_FILE, settings.GOOGLE_MAILBOX = str(key_file), MAILBOX
    for name, value in email_settings("", tmp_path, str(key_file), MAILBOX).items():
        setattr(settings, name, value)
    assert (settings.EMAIL_HOST, settings.EMAIL_PORT) == ("smtp.gmail.com", 587)
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    read_account.cache_clear()
    endpoint.server, endpoint.key_file, endpoint.http = server, key_file, http
    yield endpoint
    read_account.cache_clear()
    controller.stop()
    http.shutdown()
    http.server_close()


def why_not():
    with pytest.raises(ServerUnreachable) as caught:
        Postman().open()
    beginning, _, why = str(caught.value).partition(": ")
    assert beginning == UNREACHABLE
    return why


class TestLetIn:
    @pytest.mark.django_db
    def test_sends_as_the_mailbox_with_one_token_for_many_runs(self, google):
        invitations(2)
        for moment in (NOON, NOON):
            assert deliver_due(clock=lambda moment=moment: moment).trouble == ""
        assert [people for _, people in google.server.envelopes] == [
            ["a@mail.example"],
            ["b@mail.example"],
        ]
        Postman().open()
        (claim,) = google.claims
        assert claim.pop("exp") - claim.pop("iat") == 3600
        assert claim == {"iss": ACCOUNT, "sub": MAILBOX, "scope": SCOPE, "aud": AUDIENCE}
        assert google.server.shown == [f"user={MAILBOX}\1auth=Bearer token-1\1\1"] * 2

    def test_a_token_close_to_its_end_is_replaced(self, google):
        google.lifetime = 60
        for _ in range(2):
            Postman().open()
        assert google.tokens == ["token-1", "token-2"]

    def test_a_token_that_was_taken_back_is_replaced_at_the_next_try(self, google):
        Postman().open()
        google.server.valid = ["another"]
        assert why_not() == (
            f"Google's mail server does not let {MAILBOX} in (535 5.7.8 BadCredentials "
            '{"status":"400","scope":"https://mail.google.com/"}). Look whether the mailbox has '
            "Gmail switched on. In the Workspace admin console, under Security, API controls, "
            "Domain-wide delegation, add the client ID 1234567890 with the scope "
            "https://mail.google.com/."
        )
        google.server.valid = google.tokens
        Postman().open()
        assert google.tokens == ["token-1", "token-2"]


class TestNotLetIn:
    def test_without_delegation(self, google):
        google.refusal = {
            "error": "unauthorized_client",
            "error_description": "Client is unauthorized to retrieve access tokens.",
        }
        assert why_not() == (
            f"Google does not let {ACCOUNT} write as {MAILBOX} (unauthorized_client: Client is "
            "unauthorized to retrieve access tokens.). In the Workspace admin console, under "
            "Security, API controls, Domain-wide delegation, add the client ID 1234567890 with "
            "the scope https://mail.google.com/."
        )

    def test_with_a_mailbox_that_is_not_there(self, google):
        google.refusal = {"error": "invalid_grant", "error_description": "Invalid email or User ID"}
        assert why_not() == (
            f"Google refuses {ACCOUNT} as {MAILBOX} (invalid_grant: Invalid email or User ID). "
            "Look whether the mailbox exists, whether the key was deleted, and whether this "
            "machine's clock is right."
        )

    def test_with_an_endpoint_out_of_reach(self, google):
        google.http.shutdown()
        google.http.server_close()
        words = why_not()
        assert words.startswith(f"Google's sign-in service {google.url} cannot be reached (")
        assert words.endswith("Look whether this machine may connect to it.")

    def test_while_the_server_is_busy(self, google):
        google.server.busy = True
        assert why_not() == (
            f"Google's mail server does not let {MAILBOX} in (454 4.7.0 Too many logins). "
            "Emails wait until it does."
        )

    @pytest.mark.parametrize("content", ["", "[]", '{"client_email": "a", "token_uri": "b"}', "\0"])
    def test_with_a_file_that_is_no_key(self, google, content):
        google.key_file.write_text(content)
        assert why_not().startswith(f"{google.key_file} is not the JSON key of a service account.")

    def test_with_a_file_that_is_not_there(self, google):
        google.key_file.unlink()
        assert why_not() == (
            f"Google's key file {google.key_file} cannot be read (No such file or directory). Put "
            "the JSON key of the service account there, readable for this application, or change "
            "GOOGLE_KEY_FILE."
        )

    @pytest.mark.django_db
    def test_the_mail_stays_queued_and_says_why(self, google):
        (mail,) = invitations(1)
        google.refusal = {"error": "unauthorized_client", "error_description": "No."}
        deliver_due(clock=lambda: NOON)
        mail.refresh_from_db()
        assert (mail.state, mail.attempts) == ("queued", 0)
        assert mail.state_reason.startswith(
            f"{UNREACHABLE}: Google does not let {ACCOUNT} write as {MAILBOX} ("
        )
