from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

# What beat has done, by the name under which it is found again: the task, and seconds between.
PERIODIC = {
    "Send mail that is due": ("notifications.tasks.deliver_due", 20),
    "Read which mail came back": ("notifications.tasks.read_bounces", 300),
    "Queue mail that schedules call for": ("notifications.tasks.run_schedules", 240),
}


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Email"

    def ready(self) -> None:
        import notifications.domain.receivers
        import notifications.interfaces.checks  # noqa: F401

        post_migrate.connect(set_up_beat, sender=self)


def set_up_beat(using: str, **kwargs: Any) -> None:
    """Have beat start these tasks, unless somebody has set one of them up another way."""
    from django.db import connections
    from django_celery_beat.models import IntervalSchedule, PeriodicTask

    if PeriodicTask._meta.db_table not in connections[using].introspection.table_names():
        return
    there = set(PeriodicTask.objects.using(using).values_list("name", flat=True))
    for name, (task, seconds) in PERIODIC.items():
        if name in there:
            continue
        interval, _ = IntervalSchedule.objects.using(using).get_or_create(
            every=seconds, period=IntervalSchedule.SECONDS
        )
        PeriodicTask.objects.using(using).create(
            name=name,
            task=task,
            interval=interval,
            # What nobody came to do in time is worth nothing: the next one does it.
            expire_seconds=seconds,
        )
