"""Where a person turns reminders off, with their mail program's own button or on a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from mentorship.domain.people.decisions import allow_reminders, stop_reminders
from mentorship.interfaces.personal.access import page, personal
from mentorship.models import Participant


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request: HttpRequest, person: Participant) -> HttpResponse:
    """Show whether this person gets reminders, and change it by POST.

    Looking changes nothing: scanners of email open every link. What a mail program posts for
    its unsubscribe button (RFC 8058) is answered without a redirect, which it would not follow.
    """
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return page(request, "reminders", stop_reminders(person))
    if request.method == "POST":
        if request.POST.get("do") == "stop":
            stop_reminders(person)
        elif request.POST.get("do") == "allow":
            allow_reminders(person)
        return redirect("intake_reminders", person.link_key)
    return page(request, "reminders", person)
