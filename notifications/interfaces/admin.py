"""The outbox among the committee's pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.utils import display_for_label

from matching.models import Match
from mentorship.domain.text import cached_by_text
from mentorship.interfaces.admin.base import ObjectContextMixin, ProgramAdmin
from mentorship.interfaces.admin.extensions import register_action, register_section
from mentorship.interfaces.exports.lists import ListExportMixin
from mentorship.interfaces.requests import current_program, is_chair_of
from mentorship.models import Participant
from notifications.domain.bounces.records import choices_of
from notifications.domain.outbox import decisions
from notifications.domain.outbox.alarms import alarms
from notifications.domain.outbox.decisions import Decide
from notifications.domain.outbox.states import buttons, offered
from notifications.domain.schedules.summary import full_sentence
from notifications.interfaces.exports import MailsExport
from notifications.interfaces.outbox_views import ViewFilter, views_of
from notifications.models import TO_COMMITTEE, Bounce, EmailLog
from notifications.models.states import BOUNCED, STATES

_TONES = {name: words.tone for name, words in STATES.items()}
# Where the session keeps the emails that were chosen in the outbox to be resent.
RESEND_CHOSEN = "mails_to_resend"


def shown_state(mail: EmailLog) -> str:
    """Return the state of an email as its reader sees it: one of STATES."""
    return BOUNCED if mail.came_back_at else mail.state


@cached_by_text(100)
def _label_of(state: str) -> str:
    """Return the label of a state, as Unfold shows it, without its template for each row."""
    label: str = display_for_label((state, STATES[state].label), "", _TONES)
    return label


def can_be_resent(mail: EmailLog) -> bool:
    """Return whether an email was sent to the people it was for, who may have lost it."""
    return (
        shown_state(mail) == EmailLog.State.SENT
        and not mail.redirected_to
        and mail.kind not in TO_COMMITTEE
    )


def _action(name: str, words: str, decide: Decide) -> Any:
    @admin.action(description=words, permissions=["view"])
    def act(model_admin: Any, request: HttpRequest, queryset: QuerySet[EmailLog]) -> None:
        chosen = queryset.count()
        changed = decide(queryset.order_by())
        of_those = ngettext("%(n)s chosen email", "%(n)s chosen emails", chosen) % {"n": chosen}
        messages.success(request, f"{words}: {changed} of {of_those}.")
        if changed < chosen:
            messages.warning(request, "The state of the others does not allow it.")

    act.__name__ = name
    return act


@admin.register(EmailLog)
class EmailLogAdmin(ObjectContextMixin, ListExportMixin, ProgramAdmin):
    """The outbox: every email with its state, to be found, read and decided on."""

    resource_classes = [MailsExport]
    may_add = False
    may_change = False
    about_people = True
    list_display = ("subject_line", "show_state", "kind", "to", "moment", "why")
    list_display_links = ("subject_line",)
    list_filter = (ViewFilter, ("kind", ChoicesDropdownFilter))
    list_filter_submit = True
    search_fields = ("subject", "people__name", "people__email", "recipients", "message_id")
    search_help_text = "Name, address, subject or Message-ID"
    actions = [
        *(_action(name, words, decisions.DECIDE[name]) for name, words in buttons().items()),
        "resend_chosen",
    ]
    change_form_template = "notifications/outbox/email.html"
    import_export_change_list_template = "notifications/outbox/list.html"
    list_before_template = "notifications/outbox/links.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[EmailLog]:
        rows: Any = super().get_queryset(request)
        seen: QuerySet[EmailLog] = rows.seen_by(chair=is_chair_of(request))
        return seen

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        program = current_program(request)
        context = dict(extra_context or {})
        if program:
            context |= {
                "full": full_sentence(program, timezone.now()),
                "alarms": alarms(program),
                "views": views_of(program, request.GET, chair=is_chair_of(request)),
            }
        return super().changelist_view(request, context)

    @admin.action(description="Resend", permissions=["view"])
    def resend_chosen(self, request: HttpRequest, chosen: QuerySet[EmailLog]) -> HttpResponse:
        """Lead to the page that shows what would be resent and asks for the reason."""
        request.session[RESEND_CHOSEN] = list(chosen.order_by("pk").values_list("pk", flat=True))
        return redirect("resend_mail")

    @display(description="subject", ordering="subject")
    def subject_line(self, mail: EmailLog) -> str:
        return mail.subject

    @display(description="state", ordering="state")
    def show_state(self, mail: EmailLog) -> str:
        return _label_of(shown_state(mail))

    @display(description="to")
    def to(self, mail: EmailLog) -> str:
        return ", ".join(mail.recipients)

    @display(description="when", ordering="not_before")
    def moment(self, mail: EmailLog) -> str:
        moment = mail.sent_at or mail.not_before
        words = mail.program.formats.short_moment(moment)
        leaves_later = mail.state == EmailLog.State.QUEUED and moment > timezone.now()
        return f"not before {words}" if leaves_later else words

    @display(description="why")
    def why(self, mail: EmailLog) -> str:
        return mail.state_reason or (f"Resent: {mail.resend_why}" if mail.resend_why else "")

    def object_context(self, request: HttpRequest, obj: EmailLog) -> dict[str, Any]:
        return {
            "mail": obj,
            "bounces": _bounces(obj),
            "shown": STATES[shown_state(obj)],
            "decisions": offered(obj),
            "frame": frame(obj.html_body),
            "waits": obj.state == EmailLog.State.QUEUED and obj.not_before > timezone.now(),
            "can_be_resent": can_be_resent(obj),
            "resends": obj.resends.order_by("pk"),
            "title": obj.subject,
        }


def _bounces(mail: EmailLog) -> list[tuple[Bounce, list[str]]]:
    """Return the reports about an email; with an unclear one, the addresses it may be about."""
    bounces = mail.bounces.select_related("settled_by")
    return [(one, choices_of(mail, one) if one.is_unclear else []) for one in bounces]


def frame(html: str) -> str:
    """Return a frame that shows an email's HTML and can do nothing else: no script, no link."""
    return format_html(
        '<iframe class="ml-frame" sandbox srcdoc="{}" title="The email as HTML"></iframe>', html
    )


@admin.action(description="Announce by email", permissions=["view"])
def announce_chosen(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Match]
) -> HttpResponse:
    """Lead to the page that shows the emails of these matches before they are sent."""
    keys = ",".join(str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True))
    return redirect(f"{reverse('send_match')}?only={keys}")


# A person's page also lists the emails to them.
register_section(Participant, "notifications/outbox/of_person.html")
register_action(Match, announce_chosen)
