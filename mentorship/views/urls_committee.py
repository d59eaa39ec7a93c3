"""Addresses under committee/ that belong to people and programs."""

from django.contrib import admin
from django.urls import path

from mentorship.views.decisions import decide_on_person, switch_program

urlpatterns = [
    path(
        "people/<int:pk>/decide/",
        admin.site.admin_view(decide_on_person),
        name="decide_on_person",
    ),
    path("look-at/<slug:slug>/", admin.site.admin_view(switch_program), name="switch_program"),
]
