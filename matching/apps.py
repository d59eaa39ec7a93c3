from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "matching"
    verbose_name = "Matching"

    def ready(self) -> None:
        import matching.domain.receivers  # noqa: F401
        from matching.models.one_program import watch_migrations

        watch_migrations(self)
