"""A person decides about an email while its worker still waits for the server's answer."""

import asyncio
import threading

import pytest
from django.db import connection

from notifications.domain.outbox import decisions
from notifications.domain.outbox.worker import sweep
from notifications.models import EmailLog
from tests.notifications.conftest import deliver, invitations, later, states


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("decide", "state"),
    [
        (lambda mails: decisions.send_again(mails, later(hours=2)), "queued"),
        (decisions.was_sent, "sent"),
    ],
    ids=["send again", "was sent"],
)
def test_the_worker_does_not_count_what_a_person_has_decided(moody, decide, state):
    invitations(1)
    asked, answer = threading.Event(), threading.Event()
    take = moody.handle_DATA

    async def slowly(*arguments):
        asked.set()
        await asyncio.get_running_loop().run_in_executor(None, answer.wait, 30)
        return await take(*arguments)

    moody.handle_DATA = slowly
    tallies = []

    def work():
        try:
            tallies.append(deliver())
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        assert asked.wait(30)
        assert states() == ["sending"]
        assert sweep(later(hours=1)) == 1
        assert decide(EmailLog.objects.all()) == 1
    finally:
        answer.set()
        worker.join(60)
    assert len(moody.messages) == 1
    assert states() == [state]
    assert tallies == [{"sent": 0, "failed": 0, "uncertain": 0, "left": int(state == "queued")}]
