"""A mail that waits while something about its people changes says what is true when it leaves."""

import pytest

from mentorship.domain.people.decisions import decide_attendance, renew_link, save_details
from notifications.domain.outbox import decisions
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailLog
from tests.factories import MatchFactory
from tests.notifications.conftest import NOON, invitations

pytestmark = pytest.mark.django_db


def deliver():
    return deliver_due(clock=lambda: NOON).as_dict()


def text_of(message):
    return message.get_body(("plain",)).get_content()


def by_the_committee(person, change):
    """Change a person as the committee's pages do, which is looked at again at once."""
    change(person)


def behind_everybodys_back(person, change):
    """Change a person, but leave the mails as they were, for the last look before they leave."""
    mails = list(EmailLog.objects.values())
    change(person)
    for mail in mails:
        EmailLog.objects.filter(pk=mail.pop("id")).update(**mail)


def move(person):
    person.email = "new@mail.example"
    save_details(person, ["email"])


@pytest.mark.parametrize("how", [by_the_committee, behind_everybodys_back])
def test_goes_to_the_new_address_only(moody, how):
    (mail,) = invitations(1)
    how(mail.people.get(), move)

    assert deliver() == {"sent": 1, "failed": 0, "uncertain": 0, "left": 0}
    assert [to for _, to in moody.envelopes] == [["new@mail.example"]]


@pytest.mark.parametrize("how", [by_the_committee, behind_everybodys_back])
def test_holds_the_new_link_and_not_the_old_one(moody, how):
    (mail,) = invitations(1)
    person = mail.people.get()
    old = person.link_key
    how(person, renew_link)
    person.refresh_from_db()

    deliver()

    (message,) = moody.messages
    assert (person.link_key in text_of(message), old in message.as_string()) == (True, False)


@pytest.mark.parametrize("how", [by_the_committee, behind_everybodys_back])
def test_pair_gets_the_variant_for_how_they_attend_now(moody, how):
    match = MatchFactory(program__mails_per_minute=0)
    queue_mail(match.program, "match", now=NOON)
    assert EmailLog.objects.get().kind == "match_in_person"
    how(match.mentor, lambda person: decide_attendance(person, "virtual"))

    assert deliver() == {"sent": 1, "failed": 0, "uncertain": 0, "left": 0}
    assert EmailLog.objects.get().kind == "match_call"
    (message,) = moody.messages
    assert "One of you is attending the conference virtually" in text_of(message)
    assert "lunch" not in text_of(message)


def test_refused_address_is_corrected_and_sent_again(moody):
    (mail,) = invitations(1)
    moody.rcpt = {"a@mail.example": ["550 no such user"]}
    assert deliver() == {"sent": 0, "failed": 1, "uncertain": 0, "left": 0}
    by_the_committee(mail.people.get(), move)
    decisions.send_again(EmailLog.objects.all(), now=NOON)

    assert deliver() == {"sent": 1, "failed": 0, "uncertain": 0, "left": 0}
    assert [to for _, to in moody.envelopes] == [["new@mail.example"]]


def test_held_mail_is_written_anew_and_stays_held(moody):
    (mail,) = invitations(1)
    decisions.hold_emails(EmailLog.objects.all())
    by_the_committee(mail.people.get(), move)

    assert list(EmailLog.objects.values_list("state", "recipients")) == [
        ("held", ["new@mail.example"])
    ]
