"""What a person has to look at after the site was restored, before emails leave again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from notifications.domain.outbox.after_restore import held_outbox, let_email_leave
from notifications.domain.outbox.queueing import wake_worker


@committee_view
@require_http_methods(["GET", "POST"])
def show_held_outbox(request: CommitteeRequest) -> HttpResponse:
    """Show what to look at; let emails leave again once the button is pressed."""
    if request.method == "POST":
        if let_email_leave(request.program, by=request.user):
            wake_worker()
            messages.success(request, "Emails leave again.")
        else:
            messages.info(request, "Emails leave already.")
        return redirect("admin:notifications_emaillog_changelist")
    return committee_page(
        request,
        "notifications/outbox/after_restore.html",
        "Emails after a restore",
        held=held_outbox(request.program),
    )
