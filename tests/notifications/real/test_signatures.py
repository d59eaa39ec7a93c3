"""A signature made when an email leaves still holds behind a server that carries 7 bits only."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from notifications.domain.content.rendering import render
from notifications.domain.content.samples import values
from notifications.domain.content.templates import text_for
from notifications.domain.transport.message import message_id
from notifications.domain.transport.smtp import Postman
from notifications.models import EmailLog, Kind
from tests.conftest import free_port, run_mail_server
from tests.factories import EmailLogFactory, ParticipantFactory, ProgramFactory
from tests.notifications.conftest import MoodyServer
from tests.notifications.real import postfix
from tests.notifications.real.opendkim import OpenDkim

pytestmark = pytest.mark.django_db(transaction=True)
ENTRY = "BEGIN:VCALENDAR\r\nSUMMARY:Zoë trifft Łukasz\r\nEND:VCALENDAR\r\n"


@dataclass
class SevenBits(MoodyServer):
    """A server that does not offer 8BITMIME, so that the one before has to convert what has 8."""

    raw: list[bytes] = field(default_factory=list)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        offered = await super().handle_EHLO(server, session, envelope, hostname, responses)
        return [line for line in offered if "8BITMIME" not in line]

    async def handle_DATA(self, server, session, envelope) -> str:
        self.raw.append(envelope.content)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def old_world(settings):
    with run_mail_server(SevenBits(port=free_port()), settings) as server:
        yield server


@pytest.fixture
def signed(folder, old_world, settings):
    """A Postfix that signs, before the server of seven bits, and what signs for it."""
    assert postfix.is_there(), postfix.MISSING
    dkim = OpenDkim(folder)
    dkim.start()
    relay = postfix.Postfix(folder, old_world.port)
    relay.start(smtpd_milters=dkim.milter, milter_default_action="tempfail")
    settings.EMAIL_PORT = relay.port
    settings.DEFAULT_FROM_EMAIL = "mentors@conf.example"
    yield relay, dkim
    relay.stop()
    dkim.stop()


def test_every_kind_of_email_with_names_of_many_letters(signed, old_world):
    relay, dkim = signed
    program = ProgramFactory(name="Konferenz Zürich", committee_name="Ausschuß für Ærø")
    postman = Postman()
    postman.open()
    for kind in Kind.values:
        text = text_for(program, kind)
        rendered = render(text.subject, text.body, values(program, kind, "long"))
        mail = EmailLogFactory(
            program=program,
            kind=kind,
            recipients=["zoe@uni.example"],
            subject=f"{rendered.subject} – Zoë Łuczak",
            text_body=f"{rendered.text}\nZoë Łuczak, 王小明, {'sehr lang ' * 200}",
            html_body=f"{rendered.html}<p>Zoë Łuczak, 王小明</p>",
            calendar=ENTRY if kind in ("match_call", "match_in_person") else "",
        )
        mail.people.add(ParticipantFactory(program=program))
        EmailLog.objects.filter(pk=mail.pk).update(message_id=message_id(mail))
        mail.refresh_from_db()
        assert postman.send(mail).refused == {}
    postman.close()
    relay.wait_until_empty()

    assert len(old_world.raw) == len(Kind.values)
    for raw in old_world.raw:
        assert max(raw) < 128
        assert b"DKIM-Signature:" in raw
        verdict = dkim.verdict(raw)
        assert "verif" in verdict, (verdict, raw.decode())
    # The verifier tells a signature that does not hold.
    assert "verified" not in dkim.verdict(old_world.raw[0].replace(b"Zo=C3=AB", b"Zoe"))
