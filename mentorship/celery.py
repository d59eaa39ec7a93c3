"""The queue's application: finds every package's `tasks.py`; beat reads its schedule from the
database, into which `notifications` writes the sweep of the outbox."""

import os

from celery import Celery

from mentorship import file_queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")
file_queue.use()
app = Celery("mentorship")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
