from contextlib import suppress
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MatchingConfig(AppConfig):
    name = "matching"
    verbose_name = "Matching"

    def ready(self) -> None:
        import matching.domain.receivers
        import matching.interfaces.checks  # noqa: F401
        from matching.models.one_program import watch_migrations

        watch_migrations(self)
        post_migrate.connect(forget_found, sender=self)


def forget_found(apps: Any, **kwargs: Any) -> None:
    """Forget what proposals found before an upgrade, which may bring another matcher."""
    with suppress(LookupError):  # migrated back to before there were runs
        apps.get_model("matching", "ProposalRun").objects.update(stamp="", fingerprint="")
