"""The outbox and the mail texts among the committee's pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from matching.models import Match
from mentorship.interfaces.admin.base import ObjectContextMixin, ProgramAdmin
from mentorship.interfaces.admin.extensions import register_action, register_section
from mentorship.interfaces.exports.lists import ListExportMixin
from mentorship.models import Participant
from notifications.domain.outbox import decisions
from notifications.domain.outbox.alarms import alarms
from notifications.domain.schedules.summary import full_sentence
from notifications.interfaces.exports import MailsExport
from notifications.interfaces.outbox_views import ViewFilter, views_of
from notifications.models import TEST, EmailLog

Decide = Callable[[QuerySet[EmailLog]], int]
# What a person may do with mails, by its name in a form: the words, what it does, from where.
DECISIONS: dict[str, tuple[str, Decide, tuple[str, ...]]] = {
    "hold": ("Hold", decisions.hold_mails, ("queued",)),
    "release": ("Let it go on", decisions.release_mails, ("held",)),
    "was_sent": ("It arrived", decisions.was_sent, ("uncertain",)),
    "send_again": (
        "Send again",
        decisions.send_again,
        ("failed", "uncertain", "cancelled", "sent"),
    ),
    "cancel": ("Cancel", decisions.cancel_by_hand, ("queued", "held", "failed")),
}
BACK = "came_back"
# What each state means and what there is to do, in a sentence.
STATES = {
    "queued": "It waits for its turn and leaves by itself.",
    "sending": "A worker is handing it to the mail server at this moment.",
    "sent": "The mail server has taken it. If somebody says that it never came, send it once more.",
    BACK: (
        "The mail server took it, but another one sent it back. Correct the person's address, or "
        "say on their page that it is right. Then send it again."
    ),
    "failed": "The mail server refused it for good. Mend what it complains of, then send it again.",
    "uncertain": (
        "The mail server may have taken it or not. Ask the recipient or look into the mailbox, "
        "then say so: it is never sent twice by itself."
    ),
    "held": "A committee member stopped it. Let it go on, or cancel it.",
    "cancelled": "It was not sent, and is not going to be.",
}
TONES = {
    "queued": "info",
    "sending": "info",
    "sent": "success",
    BACK: "danger",
    "failed": "danger",
    "uncertain": "warning",
    "held": "warning",
    "cancelled": "primary",
}


# Where the session keeps the mails that were chosen in the outbox to go once more.
RESEND_CHOSEN = "mails_to_resend"


def can_go_once_more(mail: EmailLog) -> bool:
    """Say whether a mail may have been lost by whoever it went to."""
    return _arrived(mail) and mail.kind != TEST


def _arrived(mail: EmailLog) -> bool:
    sent = mail.state == EmailLog.State.SENT
    return sent and not mail.came_back_at and not mail.redirected_to


def decisions_for(mail: EmailLog) -> list[tuple[str, str]]:
    """Give what can be decided about a mail in its state: name and words."""
    offered = [
        (name, words) for name, (words, _, states) in DECISIONS.items() if mail.state in states
    ]
    freed = mail.state == EmailLog.State.CANCELLED and decisions.TAKEN_BACK in mail.dedupe_key
    marked = mail.came_back_at and mail.people.filter(mail_bounced_at__isnull=False).exists()
    if freed or _arrived(mail) or marked:
        offered = [(name, words) for name, words in offered if name != "send_again"]
    return offered


def _action(name: str, words: str, decide: Decide) -> Any:
    @admin.action(description=words, permissions=["view"])
    def act(model_admin: Any, request: HttpRequest, queryset: QuerySet[EmailLog]) -> None:
        chosen = queryset.count()
        changed = decide(queryset.order_by())
        messages.success(request, f"{words}: {changed} of {chosen} chosen mails.")
        if changed < chosen:
            messages.warning(request, "The others are in a state in which that is not possible.")

    act.__name__ = name
    return act


@admin.register(EmailLog)
class EmailLogAdmin(ObjectContextMixin, ListExportMixin, ProgramAdmin):
    """The outbox: every mail with its state, to be found, read and decided on."""

    resource_classes = [MailsExport]
    may_add = False
    may_change = False
    list_display = ("subject_line", "show_state", "kind", "to", "moment", "why")
    list_display_links = ("subject_line",)
    list_filter = (ViewFilter, ("kind", ChoicesDropdownFilter))
    list_filter_submit = True
    search_fields = ("subject", "people__name", "people__email", "recipients", "message_id")
    search_help_text = "Name, address, subject or Message-ID"
    actions = [
        *(_action(name, words, decide) for name, (words, decide, _) in DECISIONS.items()),
        "resend_chosen",
    ]
    change_form_template = "notifications/outbox/email.html"
    import_export_change_list_template = "notifications/outbox/list.html"
    list_before_template = "notifications/outbox/links.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[EmailLog]:
        return super().get_queryset(request).select_related("program")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        program = request.program  # type: ignore[attr-defined]
        context = dict(extra_context or {})
        if program:
            context |= {
                "full": full_sentence(program, timezone.now()),
                "alarms": alarms(program),
                "views": views_of(program, request.GET),
            }
        return super().changelist_view(request, context)

    @admin.action(description="Send once more", permissions=["view"])
    def resend_chosen(self, request: HttpRequest, chosen: QuerySet[EmailLog]) -> HttpResponse:
        """Lead to the page that shows what goes once more and asks for the reason."""
        request.session[RESEND_CHOSEN] = list(chosen.order_by("pk").values_list("pk", flat=True))
        return redirect("resend_mail")

    @display(description="subject", ordering="subject")
    def subject_line(self, mail: EmailLog) -> str:
        return mail.subject

    @display(description="state", ordering="state", label=TONES)
    def show_state(self, mail: EmailLog) -> tuple[str, str]:
        if mail.came_back_at:
            return BACK, "Came back"
        return mail.state, mail.get_state_display()

    @display(description="to")
    def to(self, mail: EmailLog) -> str:
        return ", ".join(mail.recipients)

    @display(description="when", ordering="not_before")
    def moment(self, mail: EmailLog) -> str:
        moment = mail.sent_at or mail.not_before
        words = f"{mail.program.local(moment):%d %b %Y, %H:%M}"
        leaves_later = mail.state == EmailLog.State.QUEUED and moment > timezone.now()
        return f"not before {words}" if leaves_later else words

    @display(description="why")
    def why(self, mail: EmailLog) -> str:
        return mail.state_reason or (f"Once more: {mail.resend_why}" if mail.resend_why else "")

    def object_context(self, request: HttpRequest, obj: EmailLog) -> dict[str, Any]:
        return {
            "mail": obj,
            "tone": TONES[BACK if obj.came_back_at else obj.state],
            "what_now": STATES[BACK if obj.came_back_at else obj.state],
            "decisions": decisions_for(obj),
            "frame": frame(obj.html_body),
            "queued_at": obj.program.local(obj.queued_at),
            "sent_at": obj.program.local(obj.sent_at) if obj.sent_at else None,
            "not_before": obj.program.local(obj.not_before),
            "waits": obj.state == EmailLog.State.QUEUED and obj.not_before > timezone.now(),
            "can_go_once_more": can_go_once_more(obj),
            "resends": obj.resends.order_by("pk"),
            "title": obj.subject,
        }


def frame(html: str) -> str:
    """Give a frame that shows a mail's HTML and can do nothing else: no script, no link."""
    return format_html(
        '<iframe class="ml-frame" sandbox srcdoc="{}" title="The mail as HTML"></iframe>', html
    )


@admin.action(description="Announce by mail", permissions=["view"])
def announce_chosen(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Match]
) -> HttpResponse:
    """Lead to the page that shows the mails of these matches before they leave."""
    keys = ",".join(str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True))
    return redirect(f"{reverse('send_match')}?only={keys}")


# A person's page also lists the mails to them.
register_section(Participant, "notifications/outbox/of_person.html")
register_action(Match, announce_chosen)
