"""Resending emails: look at which can go and why others cannot, say why, then send."""

from __future__ import annotations

from collections import Counter

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from notifications.domain.outbox.preview import CONFIRM_ABOVE
from notifications.domain.outbox.resending import plan_resend, resend
from notifications.interfaces.admin import RESEND_CHOSEN
from notifications.interfaces.outbox_forms import ChosenForm, SendForm
from notifications.views.send import SHOWN, rest_words, seen_emails


@committee_view
@require_http_methods(["GET", "POST"])
def resend_mail(request: CommitteeRequest) -> HttpResponse:
    """Show what resending the chosen emails would do; on a confirmed POST, do it.

    They come in the address (`emails`), from the form itself, or from the outbox's selection.
    """
    keys = _chosen(request)
    shown = plan_resend(request.program, keys)
    number = len(shown.emails)
    why = problem = ""
    if request.method == "POST":
        form = SendForm(request.POST, ready=number)
        problem = form.sentence
        why = str(form.cleaned_data.get("why") or form.data.get("why", ""))
        if not problem:
            try:
                done = resend(
                    request.program,
                    keys,
                    why,
                    by=request.user,
                    rest_seconds=settings.BULK_REST_SECONDS,
                )
            except ValidationError as error:
                problem = " ".join(error.messages)
            else:
                assert done.batch
                return redirect("mail_batch", done.batch.pk)
    reasons = Counter(why for _, why in shown.left_out)
    return committee_page(
        request,
        "notifications/outbox/resend.html",
        "Resend emails",
        emails=[mail for mail, _ in shown.emails[:SHOWN]],
        more=max(0, number - SHOWN),
        number=number,
        left_out=[
            (reason, count, [m for m, w in shown.left_out if w == reason][:SHOWN])
            for reason, count in reasons.items()
        ],
        left_out_count=len(shown.left_out),
        keys=",".join(map(str, keys)),
        needs_typing=number > CONFIRM_ABOVE,
        why=why,
        problem=problem,
        rest=rest_words(),
    )


def _chosen(request: CommitteeRequest) -> list[int]:
    """Return the keys of the chosen emails, of those that the member may see."""
    given = request.POST if "emails" in request.POST else request.GET
    if "emails" in given:
        keys: list[int] = ChosenForm(given).values_or_400()["emails"]
    else:
        keys = list(request.session.get(RESEND_CHOSEN, []))
    seen = seen_emails(request).filter(pk__in=keys)
    return list(seen.order_by("pk").values_list("pk", flat=True))
