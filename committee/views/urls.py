"""Addresses under committee/ of the pages that see all of a program."""

from django.contrib import admin
from django.urls import path

from committee.views.anonymise import anonymise
from committee.views.dashboard import show_dashboard

urlpatterns = [
    path("", admin.site.admin_view(show_dashboard)),
    path(
        "program/<slug:slug>/anonymise/",
        admin.site.admin_view(anonymise),
        name="anonymise_program",
    ),
]
