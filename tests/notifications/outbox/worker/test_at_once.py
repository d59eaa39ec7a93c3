"""Several workers at one outbox, each with a connection of its own."""

import pytest

from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailLog
from tests.factories import MatchFactory, ProgramFactory
from tests.notifications.conftest import NOON, arrived, at, invitations, states, together

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_workers_at_once_send_each_mail_once(moody):
    invitations(40)
    tallies = together(4, lambda: deliver_due(clock=at(NOON)))
    assert sorted(arrived(moody)) == sorted([m.recipients[0]] for m in EmailLog.objects.all())
    assert sum(tally.sent for tally in tallies) == 40
    assert set(states()) == {"sent"}


@pytest.mark.parametrize("limit", ["mails_per_minute", "mails_per_day"])
def test_workers_share_one_limit(moody, limit):
    invitations(20, **{limit: 7})
    together(4, lambda: deliver_due(clock=at(NOON)))
    assert len(moody.messages) == 7


def test_two_who_announce_at_once_announce_and_email_each_pair_once():
    program = ProgramFactory()
    MatchFactory.create_batch(5, program=program)
    assert sorted(together(2, lambda: queue_mail(program, "match", now=NOON).queued)) == [0, 5]
    assert program.matches.filter(status="announced").count() == EmailLog.objects.count() == 5
