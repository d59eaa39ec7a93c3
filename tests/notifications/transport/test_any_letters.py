"""Addresses with letters beyond ASCII before the @, on servers that offer SMTPUTF8 and not."""

import pytest
from django.core.exceptions import ValidationError

from mentorship.models import Participant, validate_address
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import EmailLog
from tests.factories import MatchFactory, ProgramFactory
from tests.notifications.conftest import NOON, deliver

pytestmark = pytest.mark.django_db

JOERG = "jörg@bücher.example"
ON_THE_WIRE = "jörg@xn--bcher-kva.example"


@pytest.fixture
def match():
    return MatchFactory(mentor__email="ann@mail.example", mentee__email=JOERG)


def test_a_server_that_offers_it_gets_the_address_as_it_is(match, moody):
    queue_mail(match.program, "match", now=NOON)

    assert deliver()["sent"] == 1

    ((_, recipients),) = moody.envelopes
    assert recipients == ["ann@mail.example", ON_THE_WIRE]
    (message,) = moody.messages
    both = f"ann@mail.example, {ON_THE_WIRE}"
    assert (message["To"], message["Reply-To"]) == (both, both)
    assert "before the @" not in message.as_string()


def test_where_it_is_not_offered_the_other_of_two_still_gets_the_email(match, moody):
    moody.offers_smtputf8 = False
    queue_mail(match.program, "match", now=NOON)

    deliver()

    ((_, recipients),) = moody.envelopes
    assert recipients == ["ann@mail.example"]
    assert moody.messages[0]["To"] == "ann@mail.example"
    email = EmailLog.objects.get()
    assert email.delivered_to == ["ann@mail.example"]
    refusal = "553 the address has letters that this mail server cannot take"
    assert email.refusals == {JOERG: refusal}


def test_an_email_to_plain_addresses_does_not_ask_for_it(moody, monkeypatch):
    asked = []

    async def handle_MAIL(server, session, envelope, address, options):
        asked.append(options)
        envelope.mail_from = address
        return "250 OK"

    moody.handle_MAIL = handle_MAIL
    match = MatchFactory(mentor__name="Zoë Brown")
    queue_mail(match.program, "match", now=NOON)

    deliver()

    assert [o for options in asked for o in options if "UTF8" in o] == []


@pytest.mark.parametrize(
    "address",
    ["用户@例え.example", "δοκιμή@παράδειγμα.example", "अजय@डाटा.example"],
)
def test_a_person_may_have_one(address):
    person = Participant(
        program=ProgramFactory(), email=address, name="A. B.", signup_role="mentee"
    )

    person.normalise()
    person.full_clean(exclude=["link_key"])


@pytest.mark.parametrize(
    "address",
    [
        "a b@x.example",
        "a\u3000b@x.example",
        "a\uff20b@x.example",
        "a\u3002b@x.example",
        "\ue000@x.example",
        "ö..b@x.example",
    ],
)
def test_what_only_looks_like_one_is_none(address):
    with pytest.raises(ValidationError, match="Enter a valid email address"):
        validate_address(address)
