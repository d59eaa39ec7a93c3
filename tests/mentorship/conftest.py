"""What the tests of this package share."""

import pytest
from celery import current_app
from kombu.exceptions import OperationalError


class Queued(list):
    """What was left to a worker, each as the name of the task and what it takes."""

    def work(self) -> None:
        """Do all of it, as a worker does."""
        current_app.loader.import_default_modules()
        while self:
            name, *arguments = self.pop(0)
            current_app.tasks[name](*arguments)


@pytest.fixture
def queued(monkeypatch) -> Queued:
    """Return what is left to a worker, in place of the queue."""
    sent = Queued()
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args=(), **_: sent.append((name, *args))
    )
    return sent


@pytest.fixture
def no_queue(queued, monkeypatch) -> None:
    """Have a queue that does not answer, where a test would have one that does."""

    def away(*args: object, **options: object) -> None:
        raise OperationalError("no queue")

    monkeypatch.setattr(current_app, "send_task", away)
