"""Beat outlives that the database is away."""

import pytest

from mentorship.beat import Scheduler
from mentorship.celery import app
from tests.conftest import connection_number, end_connection


@pytest.mark.django_db(transaction=True)
def test_goes_by_the_schedule_that_it_knows_until_it_can_read_it_again():
    scheduler = Scheduler(app=app)
    known = scheduler.schedule
    end_connection(connection_number())
    assert scheduler.all_as_schedule() == known
    assert set(scheduler.all_as_schedule()) == set(known)
