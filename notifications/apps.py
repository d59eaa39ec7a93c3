from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

SWEEP = "Send mail that is due"
SECONDS_BETWEEN_SWEEPS = 20


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Mail"

    def ready(self) -> None:
        import notifications.domain.receivers  # noqa: F401

        post_migrate.connect(schedule_sweep, sender=self)


def schedule_sweep(using: str, **kwargs: Any) -> None:
    """Have beat look into the outbox, unless somebody has set that up another way."""
    from django.db import connections
    from django_celery_beat.models import IntervalSchedule, PeriodicTask

    if PeriodicTask._meta.db_table not in connections[using].introspection.table_names():
        return
    if PeriodicTask.objects.using(using).filter(name=SWEEP).exists():
        return
    interval, _ = IntervalSchedule.objects.using(using).get_or_create(
        every=SECONDS_BETWEEN_SWEEPS, period=IntervalSchedule.SECONDS
    )
    PeriodicTask.objects.using(using).create(
        name=SWEEP,
        task="notifications.tasks.deliver_due",
        interval=interval,
        # A sweep that nobody came to do in time is worth nothing: the next one does it.
        expire_seconds=SECONDS_BETWEEN_SWEEPS,
    )
