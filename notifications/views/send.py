"""Sending in bulk: look first, then send, and take it back while it rests."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mentorship.interfaces.posted import KeysField, PostedForm
from mentorship.models import Program
from notifications.domain.outbox.decisions import DECIDE
from notifications.domain.outbox.preview import CONFIRM_ABOVE, preview, title_of
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.states import buttons
from notifications.domain.outbox.take_back import take_back
from notifications.domain.reasons import MATCH
from notifications.interfaces.admin import frame
from notifications.models import MATCH_KINDS, EmailBatch, EmailLog, Kind
from notifications.models.states import STATES

# In the order in which a program needs them.
SENDABLE = {
    Kind.SURVEY.value: "Asks everyone who has no invitation and no answer yet.",
    Kind.REMINDER.value: "Reaches who was invited long enough ago and has not answered.",
    Kind.ROLE.value: "Asks whoever said two different things about their role.",
    MATCH: "Announces the drafts and introduces both people of each pair.",
    Kind.UNMATCHED_MENTOR.value: "Thanks mentors who have no mentee; they may be called on.",
    Kind.UNMATCHED_MENTEE.value: "Tells mentees who have no mentor that the search goes on.",
    Kind.MATCH_CHANGED.value: "Tells both people of a match that it does not stand any more.",
    Kind.CHECK_IN.value: "Asks both people of each match whether they have been in touch.",
    Kind.PROBLEM_RECEIVED.value: "Confirms to whoever reported a problem that it arrived.",
    Kind.FEEDBACK.value: "Asks after the conference how it was.",
}
SHOWN = 100


def program_of(request: HttpRequest) -> Program:
    """Give the program that the user is looking at; Http404 without one."""
    program = request.program  # type: ignore[attr-defined]
    if not program:
        raise Http404("There is no program yet.")
    found: Program = Program.objects.get(pk=program.pk)
    return found


def page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    """Give a page inside the committee's frame."""
    return TemplateResponse(
        request, template, {**admin.site.each_context(request), "title": title, **context}
    )


@require_GET
def show_kinds(request: HttpRequest) -> HttpResponse:
    """List what can be sent, with what went out of each kind so far."""
    program = program_of(request)
    counts: dict[str, dict[str, int]] = {}
    for kind, state, number in (
        program.emails.values_list("kind", "state").annotate(number=Count("pk")).order_by()
    ):
        name = MATCH if kind in MATCH_KINDS else kind
        states = counts.setdefault(name, {})
        states[state] = states.get(state, 0) + number
    kinds = [
        {
            "kind": kind,
            "title": title_of(kind),
            "about": about,
            "states": [
                (counts.get(kind, {})[state], state, STATES[state].tone)
                for state in EmailLog.State.values
                if counts.get(kind, {}).get(state)
            ],
        }
        for kind, about in SENDABLE.items()
    ]
    return page(request, "notifications/outbox/kinds.html", "Send mail", kinds=kinds)


def is_confirmed(request: HttpRequest, number: int) -> bool:
    """Say whether so many mails may leave: if they are many, their number has to be typed."""
    typed = "".join(request.POST.get("number", "").split())
    return number <= CONFIRM_ABOVE or typed == str(number)


@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, kind: str) -> HttpResponse:
    """Show what sending this kind would do; on a confirmed POST, do it."""
    program = program_of(request)
    only = _chosen(request) if kind == MATCH else None
    shown = preview(program, kind, only=only)
    problem = ""
    if request.method == "POST":
        if request.POST.get("seen") != str(shown.mails):
            problem = "The number of mails has changed since you looked. Look again, then send."
        elif not is_confirmed(request, shown.mails):
            problem = f"Type {shown.mails} to confirm that as many mails may leave."
        else:
            try:
                done = queue_mail(
                    program,
                    kind,
                    by=request.user,  # type: ignore[arg-type]
                    rest_seconds=settings.BULK_REST_SECONDS,
                    only=only,
                )
            except ValidationError as error:
                problem = " ".join(error.messages)
            else:
                if done.batch:
                    return redirect("mail_batch", done.batch.pk)
                messages.info(request, "Nothing was left to send.")
                return redirect("send_mail")
    return page(
        request,
        "notifications/outbox/send.html",
        shown.title,
        shown=shown,
        about=SENDABLE[kind],
        people=shown.people[:SHOWN],
        more=max(0, len(shown.people) - SHOWN),
        left_out=[
            (why, addresses[:SHOWN], max(0, len(addresses) - SHOWN), len(addresses))
            for why, addresses in shown.left_out.items()
        ],
        samples=[(*sample, frame(sample[2].html)) for sample in shown.samples],
        problem=problem,
        rest=settings.BULK_REST_SECONDS,
    )


class ChosenForm(PostedForm):
    """The matches that were chosen in their list."""

    only = KeysField(required=False)


def _chosen(request: HttpRequest) -> list[int] | None:
    """Return the keys of the chosen matches (`only`), or None for all matches."""
    if "only" not in request.GET:
        return None
    chosen: list[int] = ChosenForm(request.GET).values_or_404()["only"]
    return chosen


def _batch(request: HttpRequest, pk: int) -> EmailBatch:
    program = request.program  # type: ignore[attr-defined]
    return get_object_or_404(EmailBatch, program=program and program.pk, pk=pk)


@require_GET
def show_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a batch is; the numbers fetch themselves anew until all mails have an end."""
    batch = _batch(request, pk)
    states = dict(batch.emails.values_list("state").annotate(number=Count("pk")).order_by("state"))
    now = timezone.now()
    context = {
        "batch": batch,
        "resting": batch.taken_back_at is None and batch.leaves_at > now,
        "seconds": max(0, round((batch.leaves_at - now).total_seconds())),
        "states": [(states[s], s, STATES[s].tone) for s in EmailLog.State.values if s in states],
        "total": sum(states.values()),
        "moving": any(states.get(state) for state in ("queued", "sending")),
        "local_leaves": batch.program.local(batch.leaves_at),
    }
    if request.headers.get("HX-Request"):
        return TemplateResponse(request, "notifications/outbox/batch_progress.html", context)
    return page(request, "notifications/outbox/batch.html", title_of(batch.kind), **context)


@require_POST
def take_batch_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a batch that still rests."""
    batch = _batch(request, pk)
    try:
        number = take_back(batch, by=request.user)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"Taken back: {number} mails will not leave.")
    return redirect("mail_batch", pk)


@require_POST
def decide_on_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply the posted decision (`do`) to one mail and go back to it."""
    mail = get_object_or_404(EmailLog.objects.of(request.user), pk=pk)
    name = request.POST.get("do", "")
    if name not in DECIDE:
        raise Http404("Unknown decision.")
    words = buttons()[name]
    if DECIDE[name](EmailLog.objects.filter(pk=mail.pk)):
        messages.success(request, f"Done: {words.lower()}.")
    else:
        messages.error(
            request, "The mail is not in that state any more. Look at it again, then decide."
        )
    return redirect("admin:notifications_emaillog_change", pk)
