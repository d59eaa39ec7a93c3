"""Addresses under committee/ of the pages that see all of a program."""

from django.urls import path

from committee.views.anonymise import anonymise
from committee.views.dashboard import settle, show_dashboard, show_mentors_needed
from committee.views.erase import erase
from committee.views.guide import show_guide
from committee.views.operation import show_host_page
from committee.views.report import download_report, show_report

urlpatterns = [
    path("", show_dashboard, name="dashboard"),
    path("mentors-needed/", show_mentors_needed, name="mentors_needed"),
    path("decisions/<slug:kind>/<slug:key>/", settle, name="settle_decision"),
    path("report/", show_report, name="report"),
    path("report/report.csv", download_report, name="report_csv"),
    path("host/", show_host_page, name="host"),
    path("guide/", show_guide, name="guide"),
    path("guide/<slug:page>/", show_guide, name="guide_page"),
    path("people/<int:pk>/erase/", erase, name="erase_person"),
    path("program/<slug:slug>/anonymise/", anonymise, name="anonymise_program"),
]
