"""Workers killed with -9 while they send: no mail is lost, and none is sent twice."""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import dataclass
from subprocess import Popen

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from notifications.domain.outbox import LEASE, deliver_due, sweep
from notifications.models import EmailLog
from tests.conftest import free_port
from tests.notifications.conftest import MoodyServer, invitations

KILLS = 200 if os.environ.get("SOAK") else 4
MAILS_A_KILL = 5


@dataclass
class KillingServer(MoodyServer):
    """Kills the worker that hands it the message on which the countdown ends.

    Half the time before it answers, so that the worker never learns that the message was taken;
    half the time a few milliseconds later, wherever the worker is by then.
    """

    victim: Popen | None = None
    countdown: int = 0
    before_answer: bool = True

    async def handle_DATA(self, server, session, envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        self.countdown -= 1
        if self.countdown == 0:
            if self.before_answer:
                self.victim.kill()
                self.victim.wait()
            else:
                server.loop.call_later(random.uniform(0, 0.05), self.victim.kill)
        return answer


@pytest.fixture
def killing(settings):
    server = KillingServer(port=free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield server
    controller.stop()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_at_any_moment_loses_nothing_and_doubles_nothing(killing, start_process):
    mails = invitations(KILLS * MAILS_A_KILL)
    EmailLog.objects.update(not_before=timezone.now())
    slug = mails[0].program.slug
    for kill in range(KILLS):
        killing.countdown = random.randint(1, 3)
        killing.before_answer = kill % 2 == 0
        killing.victim = start_process(
            "manage.py", "send_queued", "--program", slug, EMAIL_URL=killing.url
        )
        assert killing.victim.wait(60) is not None
    killing.countdown = 0
    deliver_due()
    sweep(timezone.now() + LEASE * 2)

    arrived = Counter(recipients[0] for _, recipients in killing.envelopes)
    ends = {mail.recipients[0]: mail.state for mail in EmailLog.objects.all()}
    sent = {address for address, state in ends.items() if state == "sent"}
    uncertain = {address for address, state in ends.items() if state == "uncertain"}
    assert len(ends) == len(mails)
    assert sent | uncertain == set(ends)
    assert set(arrived.values()) == {1}
    assert sent <= set(arrived)
    assert set(arrived) - sent <= uncertain
    # Each kill before the answer leaves one mail of which only a person can say.
    assert KILLS // 2 <= len(uncertain) <= KILLS
