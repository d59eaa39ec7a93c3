"""What the workers do about email."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from mentorship.domain.heartbeat import BOUNCES, beat, troubles, waits_until
from notifications.domain.bounces.mailbox import read_mailbox
from notifications.domain.outbox import worker
from notifications.domain.outbox.queueing import wake_worker
from notifications.domain.schedules import runs
from notifications.domain.transport.smtp import ServerUnreachable

logger = logging.getLogger(__name__)
# Short, so that a worker that is asked to stop can, and that no message waits for long.
SECONDS_A_RUN = 20


@shared_task
def deliver_due() -> dict[str, int]:
    """Send what is due. Beat starts it every 20 seconds, so no email needs a message to leave."""
    beat()
    tally = worker.deliver_due(seconds=SECONDS_A_RUN, backs_off=True)
    if tally.sent and worker.due_now().exists():
        wake_worker()
    return tally.as_dict()


@shared_task
def run_schedules() -> int:
    """Queue what schedules call for, and cancel what waited for a decision for too long.

    Beat starts it every few minutes.
    """
    queued = runs.run_schedules()
    worker.drop_what_nobody_decided(timezone.now())
    return queued


@shared_task
def read_bounces() -> int:
    """Read the mailbox for bounced emails, if there is one. Beat starts it now and then."""
    if not settings.BOUNCE_IMAP_URL:
        if troubles([BOUNCES]):
            beat(part=BOUNCES)  # it was not to be read any more
        return 0
    if waits_until(BOUNCES):
        return 0
    try:
        return read_mailbox().reports
    except ServerUnreachable as error:
        logger.warning("%s", error)
        return 0
