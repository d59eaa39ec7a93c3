"""Two readers of one mailbox at the same moment, each with a connection of its own."""

from email import message_from_string

import pytest

from notifications.domain.bounces.records import record
from notifications.models import Bounce
from tests.notifications.bounces.conftest import returned
from tests.notifications.conftest import together


@pytest.mark.django_db(transaction=True)
def test_two_who_read_one_report_at_once_note_it_once(sent):
    report = returned(sent.message_id, "a@mail.example")
    assert together(4, lambda: record(message_from_string(report))) == [True] * 4
    assert [bounce.address for bounce in Bounce.objects.all()] == ["a@mail.example"]
    person = sent.people.get()
    assert person.history.filter(mail_bounced_at__isnull=False).count() == 1
