"""Beat outlives that the database is away, and ends when it is told to, whatever it is doing.

Of several, one goes by the schedule.
"""

import datetime
import json
import threading
import time

import pytest
from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from redis import Redis

from mentorship.beat import Scheduler
from mentorship.celery import app
from mentorship.domain.heartbeat import BEAT, TURN_LASTS, end_turn, take_turn, whose_turn
from mentorship.models import Heartbeat
from tests.conftest import (
    connection_number,
    end_connection,
    until_somebody_waits_for_a_lock,
)
from tests.services import SURELY_WITHIN_SECONDS


@pytest.mark.django_db(transaction=True)
def test_goes_by_the_schedule_that_it_knows_until_it_can_read_it_again():
    scheduler = Scheduler(app=app)
    known = scheduler.schedule
    end_connection(connection_number())
    assert scheduler.all_as_schedule() == known
    assert set(scheduler.all_as_schedule()) == set(known)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.once
def test_ends_after_the_query_in_which_it_is_told_to(start_process):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE django_celery_beat_periodictasks")
        beat = start_process("-m", "celery", "--quiet", "-A", "mentorship", "beat", "--pidfile=")
        until_somebody_waits_for_a_lock()
        beat.terminate()
    assert beat.wait(timeout=SURELY_WITHIN_SECONDS) == 0
    assert whose_turn(BEAT) == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("since_last_sign", "takes_it"),
    [
        (datetime.timedelta(), False),
        (TURN_LASTS * 0.8, False),
        (TURN_LASTS * 1.2, True),
        (-TURN_LASTS * 1.2, True),  # the clock was set back
    ],
)
def test_another_ones_turn_begins_when_there_was_no_sign_for_long(since_last_sign, takes_it):
    assert take_turn(BEAT, "one")
    Heartbeat.objects.update(seen_at=timezone.now() - since_last_sign)

    assert take_turn(BEAT, "another") is takes_it
    assert whose_turn(BEAT) == ("another" if takes_it else "one")
    assert take_turn(BEAT, "one") is not takes_it


@pytest.mark.django_db
def test_another_ones_turn_begins_when_it_is_ended():
    assert take_turn(BEAT, "one")
    end_turn(BEAT, "another")
    assert not take_turn(BEAT, "another")
    end_turn(BEAT, "one")
    assert take_turn(BEAT, "another")


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_has_the_turn():
    had = []

    def ask(who):
        had.append(take_turn(BEAT, who))
        close_old_connections()
        connection.close()

    for _ in range(5):
        had.clear()
        Heartbeat.objects.all().delete()
        threads = [threading.Thread(target=ask, args=[f"beat {n}"]) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(had) == [False] * 5 + [True]


def until(is_so):
    """Return once this is so; fail if it is not in time."""
    gives_up = time.monotonic() + SURELY_WITHIN_SECONDS
    while not is_so():
        assert time.monotonic() < gives_up, "it did not come to that in time"
        time.sleep(0.1)


def somebody_waits_for_their_turn():
    """Return whether the last that a process has asked the database for is who has the turn."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state = 'idle' AND query LIKE 'SELECT \"mentorship_heartbeat\".\"holder\"%'"
            " AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0] == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.once
def test_of_two_beats_one_sends_and_the_other_goes_on_when_that_is_killed(start_process, tmp_path):
    """Each has a folder of its own, as on two machines; nobody takes what they send."""
    queue = Redis.from_url(settings.BROKER_URL)
    queue.delete("celery")
    PeriodicTask.objects.exclude(name="Send mail that is due").update(enabled=False)
    task = PeriodicTask.objects.get(enabled=True)
    task.interval.every = 1
    task.interval.save()
    task.expires = None
    task.save()

    def start(name):
        command = ("-m", "celery", "-A", "mentorship", "beat", "--pidfile=")
        return start_process(*command, VAR_DIR=str(tmp_path / name))

    def senders():
        """Return the numbers of the processes that have sent what is in the queue, in order."""
        sent = [json.loads(message) for message in reversed(queue.lrange("celery", 0, -1))]
        return [int(message["headers"]["origin"].split("@")[0][3:]) for message in sent]

    first = start("first")
    until(lambda: f"process {first.pid} " in whose_turn(BEAT) and senders())
    second = start("second")
    until(somebody_waits_for_their_turn)
    assert set(senders()) == {first.pid}

    first.kill()
    first.wait()
    # What twenty seconds would do.
    Heartbeat.objects.filter(part=BEAT).update(seen_at=timezone.now() - TURN_LASTS)
    until(lambda: senders()[-1] == second.pid)
    assert f"process {second.pid} " in whose_turn(BEAT)
