"""What a committee member says about reports that do not tell whose email bounced."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from mentorship.interfaces.requests import CommitteeRequest, committee_view
from notifications.domain.bounces.records import dismiss, settle
from notifications.interfaces.outbox_forms import BounceDecisionForm
from notifications.models import Bounce
from notifications.views.send import seen_emails


@committee_view
@require_POST
def decide_on_bounce(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Settle or dismiss an unclear report, and go back to its email."""
    bounces = Bounce.objects.filter(mail__in=seen_emails(request)).select_related("mail")
    bounce = get_object_or_404(bounces, pk=pk)
    form = BounceDecisionForm(request.POST)
    address = form.values_or_400()["address"]
    try:
        if address:
            done = settle(bounce, address, request.user)
            words = f"Recorded: the email to {address} bounced."
        else:
            done, words = dismiss(bounce, request.user), "Report dismissed."
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        if done:
            messages.success(request, words)
        else:
            messages.error(request, "Somebody has decided on this report already.")
    return redirect("admin:notifications_emaillog_change", bounce.mail_id)
