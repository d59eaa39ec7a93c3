"""What beat has done again and again: each package says it of its own when it is set up."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connections


def set_up_beat(periodic: Mapping[str, tuple[str, int]], using: str) -> None:
    """Have beat start these tasks, unless somebody has set one of them up another way.

    `periodic`: the name under which it is found again → the task, and the seconds between.
    """
    from django_celery_beat.models import IntervalSchedule, PeriodicTask

    if PeriodicTask._meta.db_table not in connections[using].introspection.table_names():
        return
    there = set(PeriodicTask.objects.using(using).values_list("name", flat=True))
    for name, (task, seconds) in periodic.items():
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
