"""The email templates: read, edited with a preview beside them, and set back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view
from mentorship.models import Program
from notifications.domain.content import samples
from notifications.domain.content.placeholders import BY_KIND
from notifications.domain.content.rendering import render
from notifications.domain.content.templates import (
    back_to_default,
    default_text,
    newest_version,
    save_text,
    text_for,
    text_of_version,
    versions_of,
)
from notifications.domain.content.validation import missing_link, mistakes
from notifications.domain.outbox.mail_to_oneself import queue_test
from notifications.domain.reasons import MATCH
from notifications.interfaces.admin import frame
from notifications.interfaces.template_form import SampleForm, TemplateForm
from notifications.models import MATCH_KINDS, Kind

SAVED_MEANWHILE = (
    "Somebody else saved this template while you were editing it: see the history below. "
    "Yours is still in the form. Save again to replace theirs."
)


@committee_view
@require_GET
def show_texts(request: CommitteeRequest) -> HttpResponse:
    """List the template of every kind, the program's own or the default."""
    program = request.program
    own = {template.kind: template for template in program.email_templates.all()}
    texts = [
        {
            "kind": kind,
            "subject": samples.subject_of(
                program, kind, own[kind].subject if kind in own else default_text(kind).subject
            ),
            "own": own.get(kind),
        }
        for kind in Kind
    ]
    return committee_page(
        request, "notifications/content/templates.html", "Email templates", texts=texts
    )


@committee_view
@require_http_methods(["GET", "POST"])
def edit_text(request: CommitteeRequest, kind: str) -> HttpResponse:
    """Show the template of a kind to edit; on POST save it, or set it back to the default."""
    if request.method != "POST":
        text = text_for(request.program, kind)
        return _editor(request, kind, text.subject, text.body)
    sent = TemplateForm(request.POST).values_or_404()
    if sent["default"]:
        back_to_default(request.program, kind)
        messages.success(request, "Back to the default. Your own template is in the history.")
        return redirect("mail_text", kind)
    subject, body = sent["subject"], sent["body"]
    if sent["restore"] is not None:
        old = text_of_version(request.program, kind, sent["restore"])
        if old is None:
            raise Http404("There is no such version.")
        subject, body = old.subject, old.body
    if sent["test"]:
        queue_own_test(request, kind, subject, body, sent["sample"])
        return _editor(request, kind, subject, body, sent["sample"])
    if sent["version"] != newest_version(request.program, kind):
        return _editor(request, kind, subject, body, sent["sample"], [SAVED_MEANWHILE])
    try:
        save_text(request.program, kind, subject=subject, body=body)
    except ValidationError as error:
        return _editor(request, kind, subject, body, sent["sample"], error.messages)
    messages.success(request, "Saved. Emails that are queued already keep their text.")
    return redirect("mail_text", kind)


def _editor(
    request: CommitteeRequest,
    kind: str,
    subject: str,
    body: str,
    sample: str = "",
    wrong: Sequence[str] = (),
) -> HttpResponse:
    program = request.program
    history = versions_of(program, kind)
    return committee_page(
        request,
        "notifications/content/template.html",
        str(Kind(kind).label),
        kind=kind,
        subject=subject,
        body=body,
        wrong=list(wrong),
        own=program.email_templates.filter(kind=kind).first(),
        placeholders=[
            (f"{{{{ {name} }}}}", about, samples.shown(program, kind, name))
            for name, about in BY_KIND[kind].items()
        ],
        people=samples.NAMES[kind] if kind in samples.NAMES else samples.NAMES["person"],
        sample=sample,
        versions=history,
        newest=history[0].key if history else 0,
        **_previewed(program, kind, subject, body, sample),
    )


@committee_view
@require_POST
def test_text(request: CommitteeRequest, kind: str) -> HttpResponse:
    """Send the template of a kind to the user alone, and go back to sending that kind."""
    text = text_for(request.program, kind)
    sample = SampleForm(request.POST).values_or_400()["sample"]
    queue_own_test(request, kind, text.subject, text.body, sample)
    back = reverse(f"send_{MATCH if kind in MATCH_KINDS else kind}")
    # The matches that were chosen stay chosen.
    return redirect(f"{back}?{request.GET.urlencode()}")


def queue_own_test(
    request: CommitteeRequest, kind: str, subject: str, body: str, sample: str
) -> None:
    """Queue a test email to the user, and say so or why not."""
    try:
        email = queue_test(
            request.program, request.user, kind, subject=subject, body=body, sample=sample
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        link = reverse("admin:notifications_emaillog_change", args=[email.pk])
        words = 'A test email to {} is on its way. <a class="cm-link" href="{}">See it</a>'
        messages.success(request, format_html(words, request.user.email, link))


@committee_view
@require_POST
def preview_text(request: CommitteeRequest, kind: str) -> HttpResponse:
    """Return the preview of what is in the form, for the sample people chosen there."""
    sent = TemplateForm(request.POST).values_or_400()
    return TemplateResponse(
        request,
        "notifications/content/preview.html",
        _previewed(request.program, kind, sent["subject"], sent["body"], sent["sample"]),
    )


def _previewed(program: Program, kind: str, subject: str, body: str, sample: str) -> dict[str, Any]:
    found = mistakes(kind, subject, body)
    context: dict[str, Any] = {"mistakes": found}
    if not found:
        email = render(subject, body, samples.values(program, kind, sample))
        lacks = missing_link(kind, body)
        context |= {"mail": email, "frame": frame(email.html), "lacks": lacks}
    return context
