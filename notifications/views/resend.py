"""Sending mails once more: look at which go and why others do not, say why, then send."""

from __future__ import annotations

from collections import Counter

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from notifications.domain.outbox.preview import CONFIRM_ABOVE
from notifications.domain.outbox.resending import plan_resend, resend
from notifications.interfaces.admin import RESEND_CHOSEN
from notifications.views.send import SHOWN, is_confirmed, page, program_of


@require_http_methods(["GET", "POST"])
def resend_mail(request: HttpRequest) -> HttpResponse:
    """Show what sending the chosen mails once more would do; on a confirmed POST, do it.

    They come in the address (`mails`), from the form itself, or from the outbox's selection.
    """
    program = program_of(request)
    keys = _chosen(request)
    shown = plan_resend(program, keys)
    number = len(shown.mails)
    why = request.POST.get("why", "")
    problem = ""
    if request.method == "POST":
        if request.POST.get("seen") != str(number):
            problem = "The number of mails has changed since you looked. Look again, then send."
        elif not is_confirmed(request, number):
            problem = f"Type {number} to confirm that as many mails may leave."
        else:
            try:
                done = resend(
                    program,
                    keys,
                    why,
                    by=request.user,  # type: ignore[arg-type]
                    rest_seconds=settings.BULK_REST_SECONDS,
                )
            except ValidationError as error:
                problem = " ".join(error.messages)
            else:
                assert done.batch
                return redirect("mail_batch", done.batch.pk)
    reasons = Counter(why for _, why in shown.left_out)
    return page(
        request,
        "notifications/outbox/resend.html",
        "Send once more",
        mails=[mail for mail, _ in shown.mails[:SHOWN]],
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
        rest=settings.BULK_REST_SECONDS,
    )


def _chosen(request: HttpRequest) -> list[int]:
    given = request.POST.get("mails") or request.GET.get("mails")
    if given is None:
        return list(request.session.get(RESEND_CHOSEN, []))
    return [int(key) for key in given.split(",") if key.isdecimal() and len(key) < 19]
