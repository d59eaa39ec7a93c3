"""The addresses that need no account."""

from django.urls import path
from django.views.generic import TemplateView

from mentorship.views import intake, reminders

urlpatterns = [
    path("", TemplateView.as_view(template_name="mentorship/public/home.html"), name="home"),
    path(
        "robots.txt",
        TemplateView.as_view(
            template_name="mentorship/public/robots.txt", content_type="text/plain; charset=utf-8"
        ),
    ),
    path("p/<slug:key>/", intake.intake, name="intake"),
    path("p/<slug:key>/thanks/", intake.thanks, name="intake_thanks"),
    path("p/<slug:key>/reminders/", reminders.reminders, name="intake_reminders"),
    path("p/<slug:key>/goodbye/", intake.goodbye, name="intake_goodbye"),
    path("p/<slug:key>/data/", intake.data, name="intake_data"),
    path("p/<slug:key>/data.json", intake.data_file, name="intake_data_file"),
]
