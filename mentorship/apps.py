from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib import admin
from django.contrib.admin import apps as admin_apps
from django.contrib.admin import checks as admin_checks
from django.core import checks
from django.utils.module_loading import autodiscover_modules

from mentorship.installation import make_folders


class MentorshipConfig(AppConfig):
    name = "mentorship"
    verbose_name = "Program"
    default = True

    def ready(self) -> None:
        import mentorship.interfaces.checks  # noqa: F401

        make_folders(settings.VAR_DIR, settings.QUEUE_FOLDERS)


class CommitteeAdminConfig(admin_apps.SimpleAdminConfig):
    """Django's admin on the committee's site, with the admin classes where the layers put them."""

    default_site = "mentorship.interfaces.site.CommitteeSite"
    default = False

    def ready(self) -> None:
        # As Django's own does, but for the admin classes: they take as long to load as all the
        # rest, and a command or a task needs none of them.
        checks.register(admin_checks.check_dependencies, checks.Tags.admin)
        checks.register(check_pages, checks.Tags.admin)


def load_pages() -> None:
    """Load what the committee's pages consist of; `mentorship.urls` does it."""
    # Not Django's usual "admin": what the installed packages register is no page of ours.
    autodiscover_modules("interfaces.admin", register_to=admin.site)
    autodiscover_modules("interfaces.people_states")
    autodiscover_modules("interfaces.decisions")
    autodiscover_modules("interfaces.timeline")


def check_pages(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Return what Django's check of the admin classes finds, of all of them."""
    load_pages()
    found: list[checks.CheckMessage] = admin_checks.check_admin_app(app_configs, **kwargs)
    return found
