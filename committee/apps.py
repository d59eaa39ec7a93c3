from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

from mentorship.periodic import set_up_beat

# What beat has done, by the name under which it is found again: the task, and seconds between.
PERIODIC = {"Keep what is promised of data": ("committee.tasks.keep_promises", 3600)}


class CommitteeConfig(AppConfig):
    name = "committee"
    verbose_name = "Dashboard"

    def ready(self) -> None:
        # Of an app without models, as this one, Django does not say that it was migrated.
        beat = apps.get_app_config("django_celery_beat")
        post_migrate.connect(_set_up, sender=beat)


def _set_up(using: str, **kwargs: Any) -> None:
    set_up_beat(PERIODIC, using)
