"""Beat outlives that the database is away, and ends when it is told to, whatever it is doing."""

import pytest
from django.db import connection, transaction

from mentorship.beat import Scheduler
from mentorship.celery import app
from tests.conftest import (
    connection_number,
    end_connection,
    until_somebody_waits_for_a_lock,
)


@pytest.mark.django_db(transaction=True)
def test_goes_by_the_schedule_that_it_knows_until_it_can_read_it_again():
    scheduler = Scheduler(app=app)
    known = scheduler.schedule
    end_connection(connection_number())
    assert scheduler.all_as_schedule() == known
    assert set(scheduler.all_as_schedule()) == set(known)


@pytest.mark.django_db(transaction=True)
@pytest.mark.once
def test_ends_after_the_query_in_which_it_is_told_to(start_process):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE django_celery_beat_periodictasks")
        beat = start_process("-m", "celery", "--quiet", "-A", "mentorship", "beat", "--pidfile=")
        until_somebody_waits_for_a_lock()
        beat.terminate()
    assert beat.wait(timeout=20) == 0
