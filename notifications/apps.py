from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from mentorship.periodic import set_up_beat

# What beat has done, by the name under which it is found again: the task, and seconds between.
PERIODIC = {
    "Send mail that is due": ("notifications.tasks.deliver_due", 20),
    "Read which mail came back": ("notifications.tasks.read_bounces", 300),
    "Queue mail that schedules call for": ("notifications.tasks.run_schedules", 240),
    "Read sources that are due": ("mentorship.tasks.read_sources", 60),
}


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Email"

    def ready(self) -> None:
        import notifications.domain.receivers
        import notifications.interfaces.checks  # noqa: F401

        post_migrate.connect(_set_up, sender=self)


def _set_up(using: str, **kwargs: Any) -> None:
    set_up_beat(PERIODIC, using)
