"""Several workers at one outbox, each with a connection of its own."""

import threading

import pytest
from django.db import connection

from notifications.domain.outbox import deliver_due
from notifications.models import EmailLog
from tests.notifications.conftest import (
    NOON,
    arrived,
    at,
    invitations,
    states,
)

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_mail_once(moody):
    invitations(40)
    if connection.vendor == "sqlite":
        connection.close()
    tallies = []

    def work():
        try:
            tallies.append(deliver_due(clock=at(NOON)))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(arrived(moody)) == sorted([m.recipients[0]] for m in EmailLog.objects.all())
    assert sum(tally.sent for tally in tallies) == 40
    assert set(states()) == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_workers_share_one_limit(moody):
    invitations(20, mails_per_minute=7)

    def work():
        try:
            deliver_due(clock=at(NOON))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(moody.messages) == 7
