"""The mail texts: read, edited with a preview beside them, and set back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST

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
from notifications.domain.content.validation import mistakes
from notifications.domain.outbox.mail_to_oneself import queue_test
from notifications.domain.reasons import MATCH, MATCH_KINDS
from notifications.interfaces.admin import frame
from notifications.models import Kind
from notifications.views.send import page, program_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SAVED_MEANWHILE = (
    "Somebody else saved this text while you were editing it: see the history below. "
    "Yours is still in the form; save again to replace theirs."
)


@require_GET
def show_texts(request: HttpRequest) -> HttpResponse:
    """List the text of every kind, the program's own or the default."""
    program = program_of(request)
    own = {template.kind: template for template in program.email_templates.all()}
    texts = [
        {
            "kind": kind,
            "subject": own[kind].subject if kind in own else default_text(kind).subject,
            "own": own.get(kind),
            "changed": program.local(own[kind].updated_at) if kind in own else None,
        }
        for kind in Kind
    ]
    return page(request, "notifications/content/templates.html", "Mail texts", texts=texts)


@require_http_methods(["GET", "POST"])
def edit_text(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the text of a kind to edit; on POST save it, or set it back to the default."""
    program = program_of(request)
    kind = Kind(kind).value
    text = text_for(program, kind)
    subject, body, wrong = text.subject, text.body, []
    if request.method == "POST":
        if "default" in request.POST:
            back_to_default(program, kind)
            messages.success(request, "The default text is used again. Yours is in the history.")
            return redirect("mail_text", kind)
        if "restore" in request.POST:
            old = text_of_version(program, kind, _number(request, "restore"))
            if old is None:
                raise Http404("There is no such version.")
            subject, body = old.subject, old.body
        else:
            subject, body = _typed(request)
        if "test" in request.POST:
            queue_own_test(request, program, kind, subject, body)
            return _editor(request, program, kind, subject, body)
        if _number(request, "version") != newest_version(program, kind):
            wrong = [SAVED_MEANWHILE]
        else:
            try:
                save_text(program, kind, subject=subject, body=body)
            except ValidationError as error:
                wrong = error.messages
            else:
                messages.success(request, "Saved. Mails that are queued already keep their text.")
                return redirect("mail_text", kind)
    return _editor(request, program, kind, subject, body, wrong)


def _editor(
    request: HttpRequest,
    program: Program,
    kind: str,
    subject: str,
    body: str,
    wrong: Sequence[str] = (),
) -> HttpResponse:
    history = versions_of(program, kind)
    return page(
        request,
        "notifications/content/template.html",
        str(Kind(kind).label),
        kind=kind,
        subject=subject,
        body=body,
        wrong=wrong,
        own=program.email_templates.filter(kind=kind).first(),
        placeholders=[
            (f"{{{{ {name} }}}}", about, samples.shown(program, kind, name))
            for name, about in BY_KIND[kind].items()
        ],
        people=samples.NAMES[kind] if kind in samples.NAMES else samples.NAMES["person"],
        sample=request.POST.get("sample", ""),
        versions=history,
        newest=history[0].key if history else 0,
        **_previewed(request, kind, subject, body),
    )


@require_POST
def test_text(request: HttpRequest, kind: str) -> HttpResponse:
    """Send the text of a kind as it is to the user alone, and go back to sending that kind."""
    program = program_of(request)
    text = text_for(program, kind)
    queue_own_test(request, program, kind, text.subject, text.body)
    back = reverse(f"send_{MATCH if kind in MATCH_KINDS else kind}")
    # The matches that were chosen stay chosen.
    return redirect(f"{back}?{request.GET.urlencode()}")


def queue_own_test(
    request: HttpRequest, program: Program, kind: str, subject: str, body: str
) -> None:
    """Queue a test mail to the user, and say so or why not."""
    user = cast("User", request.user)
    try:
        mail = queue_test(
            program,
            user,
            kind,
            subject=subject,
            body=body,
            sample=request.POST.get("sample", ""),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        link = reverse("admin:notifications_emaillog_change", args=[mail.pk])
        words = 'A test mail to {} is on its way. <a class="cm-link" href="{}">See it</a>'
        messages.success(request, format_html(words, user.email, link))


@require_POST
def preview_text(request: HttpRequest, kind: str) -> HttpResponse:
    """Return the preview of what is in the form, for the sample person that is chosen there."""
    subject, body = _typed(request)
    return TemplateResponse(
        request,
        "notifications/content/preview.html",
        _previewed(request, Kind(kind).value, subject, body),
    )


def _number(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 19 else -1


def _typed(request: HttpRequest) -> tuple[str, str]:
    return request.POST.get("subject", ""), request.POST.get("body", "").replace("\r\n", "\n")


def _previewed(request: HttpRequest, kind: str, subject: str, body: str) -> dict[str, Any]:
    found = mistakes(kind, subject, body)
    context: dict[str, Any] = {"mistakes": found}
    if not found:
        program = program_of(request)
        values = samples.values(program, kind, request.POST.get("sample", ""))
        mail = render(subject, body, values)
        context |= {"mail": mail, "frame": frame(mail.html)}
    return context
