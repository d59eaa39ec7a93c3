"""Sending in bulk: look first, then send, and undo it before it starts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from matching.models import Concern
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from notifications.domain.outbox.decisions import DECIDE
from notifications.domain.outbox.preview import preview, title_of
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.states import buttons
from notifications.domain.outbox.take_back import take_back
from notifications.domain.reasons import MATCH
from notifications.interfaces.admin import frame
from notifications.interfaces.outbox_forms import ChosenForm, EmailDecisionForm, SendForm
from notifications.models import MATCH_KINDS, EmailBatch, EmailLog, Kind
from notifications.models.email import EmailLogQuerySet
from notifications.models.states import STATES

# In the order in which a program needs them.
SENDABLE = {
    Kind.SURVEY.value: "Asks everyone who has no invitation and no answer yet.",
    Kind.REMINDER.value: "Reminds people who were invited long enough ago and have not answered.",
    Kind.ROLE.value: "Asks people whose role is unclear which one is right.",
    Kind.ASK_MENTOR.value: "Asks the mentor of each draft to accept or decline first.",
    Kind.ASK_MENTOR_AGAIN.value: "Reminds mentors who were asked and have not answered.",
    MATCH: "Announces the drafts and introduces both people of each pair.",
    Kind.UNMATCHED_MENTOR.value: "Thanks mentors who have no mentee: you may still call on them.",
    Kind.UNMATCHED_MENTEE.value: "Tells mentees who have no mentor that you keep looking.",
    Kind.MATCH_CHANGED.value: "Tells both people that their match is no longer going ahead.",
    Kind.CHECK_IN.value: "Asks both people of each match whether they have been in touch.",
    Kind.PROBLEM_RECEIVED.value: "Confirms to people who asked for help that it came in.",
    Kind.FEEDBACK.value: "Asks after the conference how it was.",
}
_MENTORS_FIRST = (Kind.ASK_MENTOR, Kind.ASK_MENTOR_AGAIN)
SHOWN = 100


@committee_view
@require_GET
def show_kinds(request: CommitteeRequest) -> HttpResponse:
    """List what can be sent, with what was sent of each kind so far."""
    counts: dict[str, dict[str, int]] = {}
    emails = seen_emails(request).values_list("kind", "state")
    for kind, state, number in emails.annotate(number=Count("pk")).order_by():
        name = MATCH if kind in MATCH_KINDS else kind
        states = counts.setdefault(name, {})
        states[state] = states.get(state, 0) + number
    kinds = [
        {
            "kind": kind,
            "title": title_of(kind),
            "about": about,
            "states": _numbers(counts.get(kind, {})),
        }
        for kind, about in SENDABLE.items()
        if request.program.mentors_first or kind not in _MENTORS_FIRST
    ]
    return committee_page(request, "notifications/outbox/kinds.html", "Send emails", kinds=kinds)


def seen_emails(request: CommitteeRequest) -> EmailLogQuerySet:
    """Return the program's emails that this member may see."""
    emails: EmailLogQuerySet = EmailLog.objects.filter(program=request.program)
    return emails.seen_by(chair=request.is_chair)


def _numbers(counts: dict[str, int]) -> list[tuple[int, str, str]]:
    """Return the number of emails in each state that has any, with the state and its tone."""
    return [
        (counts[state], state, STATES[state].tone)
        for state in EmailLog.State.values
        if counts.get(state)
    ]


@committee_view
@require_http_methods(["GET", "POST"])
def send(request: CommitteeRequest, kind: str) -> HttpResponse:
    """Show what sending this kind would do; on a confirmed POST, do it."""
    only = None
    if kind == MATCH and "only" in request.GET:
        only = ChosenForm(request.GET).values_or_404()["only"]
    shown = preview(request.program, kind, only=only)
    problem = ""
    if request.method == "POST":
        form = SendForm(request.POST, ready=shown.emails, mark=shown.mark)
        problem = form.sentence
        if not problem:
            try:
                done = queue_mail(
                    request.program,
                    kind,
                    by=request.user,
                    rest_seconds=settings.BULK_REST_SECONDS,
                    only=only,
                )
            except ValidationError as error:
                problem = " ".join(error.messages)
            else:
                if done.batch:
                    return redirect("mail_batch", done.batch.pk)
                messages.info(request, "Nobody was left to email.")
                return redirect("send_mail")
    return committee_page(
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
        rest=rest_words(),
    )


def rest_words() -> str:
    """Return how long a bulk send can be undone, such as 2 minutes; "" for not at all."""
    seconds = settings.BULK_REST_SECONDS
    if seconds % 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = seconds // 60
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes} if minutes else ""


@committee_view
@require_GET
def show_batch(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Show how far a batch is; the numbers refresh themselves until every email has an end."""
    batch = get_object_or_404(EmailBatch, program=request.program, pk=pk)
    context = batch_context(batch)
    if request.headers.get("HX-Request"):
        return TemplateResponse(request, "notifications/outbox/batch_progress.html", context)
    title = title_of(batch.kind)
    return committee_page(request, "notifications/outbox/batch.html", title, **context)


def _clock(seconds: int) -> str:
    """Return so many seconds as minutes and seconds: 2:00."""
    return f"{seconds // 60}:{seconds % 60:02}"


def batch_context(batch: EmailBatch) -> dict[str, Any]:
    """Return what says how far a batch is."""
    states = dict(batch.emails.values_list("state").annotate(number=Count("pk")).order_by("state"))
    now = timezone.now()
    return {
        "batch": batch,
        "resting": batch.taken_back_at is None and batch.leaves_at > now,
        "left": _clock(max(0, round((batch.leaves_at - now).total_seconds()))),
        "states": _numbers(states),
        "total": sum(states.values()),
        "moving": any(states.get(state) for state in ("queued", "sending")),
    }


@committee_view
@require_POST
def take_batch_back(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Undo a batch before sending starts."""
    batch = get_object_or_404(EmailBatch, program=request.program, pk=pk)
    try:
        number = take_back(batch, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        words = ngettext(
            "Undone: %(n)s email will not be sent.",
            "Undone: %(n)s emails will not be sent.",
            number,
        )
        messages.success(request, words % {"n": number})
    about = Concern.objects.filter(rematches__batch=batch).seen_by(chair=request.is_chair).first()
    return redirect("help_request", about.pk) if about else redirect("mail_batch", pk)


@committee_view
@require_POST
def decide_on_mail(request: CommitteeRequest, pk: int) -> HttpResponse:
    """Apply the posted decision (`do`) to one email and go back to it."""
    mail = get_object_or_404(seen_emails(request), pk=pk)
    name = EmailDecisionForm(request.POST).values_or_404()["do"]
    if DECIDE[name](EmailLog.objects.filter(pk=mail.pk)):
        messages.success(request, f"Done: {buttons()[name].lower()}.")
    else:
        messages.error(
            request, "The state of this email has changed. Look at it again, then decide."
        )
    return redirect("admin:notifications_emaillog_change", pk)
