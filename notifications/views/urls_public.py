"""The addresses of personal pages that need what emails need."""

from django.urls import path

from notifications.views.personal import meeting_file

urlpatterns = [
    path("p/<slug:key>/match/<int:pk>/meeting.ics", meeting_file, name="match_calendar"),
]
