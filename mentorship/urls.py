"""Where each address leads. The three packages meet here."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from mentorship.views.health import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("healthz", health, name="health"),
    path("committee/", admin.site.urls),
]
