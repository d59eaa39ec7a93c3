"""Where each address leads. The packages meet here."""

from django.contrib import admin
from django.urls import include, path

from committee.views.operation import health, ready, show_metrics
from mentorship.apps import load_pages

load_pages()

handler400 = "mentorship.views.errors.refused"
handler500 = "mentorship.views.errors.failed"

urlpatterns = [
    path("", include("mentorship.views.urls_public")),
    path("", include("matching.views.urls_public")),
    path("", include("notifications.views.urls_public")),
    path("healthz", health, name="health"),
    path("readyz", ready, name="ready"),
    path("metrics", show_metrics, name="metrics"),
    path("committee/", include("committee.views.urls")),
    path("committee/", include("mentorship.views.urls_committee")),
    path("committee/", include("matching.views.urls")),
    path("committee/", include("notifications.views.urls")),
    path("committee/", admin.site.urls),
]
