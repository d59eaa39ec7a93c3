"""A process of Celery whose clock is wrong; the arguments are seconds and what Celery takes.

All that Python reads of the time of day is so many seconds ahead. What it measures between two
moments is right, as on a machine whose clock was set.
"""

import datetime
import sys

import time_machine

ahead = datetime.timedelta(seconds=int(sys.argv[1]))
time_machine.travel(datetime.datetime.now(datetime.UTC) + ahead).start()

from mentorship.celery import app  # noqa: E402

app.start(sys.argv[2:])
