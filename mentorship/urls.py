"""Where each address leads. The three packages meet here."""

from django.contrib import admin
from django.urls import include, path

from mentorship.views.health import health
from notifications.views.cockpit import show_cockpit

urlpatterns = [
    path("", include("mentorship.views.urls_public")),
    path("healthz", health, name="health"),
    path("committee/", admin.site.admin_view(show_cockpit)),
    path("committee/", include("mentorship.views.urls_committee")),
    path("committee/", include("matching.views.urls")),
    path("committee/", include("notifications.views.urls")),
    path("committee/", admin.site.urls),
]
