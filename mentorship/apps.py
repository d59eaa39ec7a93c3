from django.apps import AppConfig
from django.conf import settings
from django.contrib import admin
from django.contrib.admin import apps as admin_apps
from django.utils.module_loading import autodiscover_modules

from mentorship.installation import make_folders


class MentorshipConfig(AppConfig):
    name = "mentorship"
    verbose_name = "Program"
    default = True

    def ready(self) -> None:
        make_folders(settings.VAR_DIR, settings.QUEUE_FOLDERS)


class CommitteeAdminConfig(admin_apps.SimpleAdminConfig):
    """Django's admin on the committee's site, with the admin classes where the layers put them."""

    default_site = "mentorship.interfaces.site.CommitteeSite"
    default = False

    def ready(self) -> None:
        super().ready()
        # Not Django's usual "admin": what the installed packages register is no page of ours.
        autodiscover_modules("interfaces.admin", register_to=admin.site)
        autodiscover_modules("interfaces.people_states")
        autodiscover_modules("interfaces.decisions")
        autodiscover_modules("interfaces.timeline")
