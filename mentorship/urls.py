"""Where each address leads. The packages meet here."""

from django.contrib import admin
from django.urls import include, path

from mentorship.apps import load_pages
from mentorship.views.health import health

load_pages()

urlpatterns = [
    path("", include("mentorship.views.urls_public")),
    path("", include("matching.views.urls_public")),
    path("", include("notifications.views.urls_public")),
    path("healthz", health, name="health"),
    path("committee/", include("committee.views.urls")),
    path("committee/", include("mentorship.views.urls_committee")),
    path("committee/", include("matching.views.urls")),
    path("committee/", include("notifications.views.urls")),
    path("committee/", admin.site.urls),
]
