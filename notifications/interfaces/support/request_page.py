"""What the page of one help request shows: what happened, who was told what, what is next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from matching.domain.matches.steps import name_of
from matching.domain.support.handling import due_words, last_entry, owners_of, sentence_of
from matching.domain.support.while_matched import LEFT
from matching.models import Concern
from mentorship.interfaces.timeline.registry import Event
from mentorship.models import Program
from notifications.domain.outbox.rematch import waiting_person
from notifications.interfaces.admin import shown_state
from notifications.models import EmailLog, EmailReply, Kind, Rematch
from notifications.models.email import EmailLogQuerySet
from notifications.models.states import STATES, StateWords

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class RequestEvent(Event):
    """One thing that happened or was said; `state` is that of an email."""

    state: StateWords | None = None


def requests_of(program: Program, *, chair: bool) -> Any:
    """Return the help requests of a program that a member may see, with their people."""
    rows = Concern.objects.filter(program=program).seen_by(chair=chair)
    return rows.select_related(
        "participant", "match__mentor", "match__mentee", "match__program", "owner", "entered_by",
        "settled_by", "program",
    )  # fmt: skip


def request_context(concern: Concern, user: User, *, chair: bool) -> dict[str, Any]:
    """Return what the page of a request shows to this member."""
    today = concern.program.local(timezone.now()).date()
    match = concern.match
    people = [match.mentor, match.mentee] if match else [concern.participant]
    return {
        "concern": concern,
        "people": people,
        "events": sorted(_events(concern, user, chair=chair), key=lambda event: event.when),
        "seen": last_entry(concern),
        "owners": [(one.pk, name_of(one, user)) for one in owners_of(concern)],
        "owner": name_of(concern.owner, user) if concern.owner else "",
        "confidential": concern.kind in Concern.CONFIDENTIAL,
        "is_mine": concern.owner_id == user.pk,
        "due": due_words(concern),
        "is_due": concern.is_due(today),
        "today": today,
        "waiting": waiting_person(concern),
        "rematched": concern.rematches.select_related("batch__program", "step").first(),
    }


def emails_about(concern: Concern, *, chair: bool) -> EmailLogQuerySet:
    """Return the emails about a request's match, its rematches and its receipt."""
    matches = {concern.match_id} if concern.match_id else set()
    for done in Rematch.objects.filter(concern=concern).select_related("step"):
        matches |= {change["match"] for change in done.step.changes if change["before"] is None}
    about = Q(match__in=matches) | Q(matches__in=matches) | Q(batch__rematch__concern=concern)
    receipt = Q(kind=Kind.PROBLEM_RECEIVED, about=concern.pk)
    emails = EmailLog.objects.filter(about | receipt, program=concern.program_id)
    return emails.seen_by(chair=chair).distinct().defer("text_body", "html_body", "calendar")


def _events(concern: Concern, user: User, *, chair: bool) -> Iterator[RequestEvent]:
    yield RequestEvent(concern.created_at, "support", _beginning(concern, user), concern.text)
    for entry in concern.entries.select_related("by"):
        icon = "edit_note" if entry.text else "history"
        yield RequestEvent(entry.created_at, icon, sentence_of(entry, user), entry.text)
    emails = emails_about(concern, chair=chair)
    for mail in emails.order_by("queued_at", "pk"):
        yield RequestEvent(
            mail.sent_at or mail.queued_at,
            "mail",
            f"Email to {', '.join(mail.recipients)}",
            mail.subject,
            reverse("admin:notifications_emaillog_change", args=[mail.pk]),
            STATES[shown_state(mail)],
        )
    replies = EmailReply.objects.filter(mail__in=emails.values("pk"))
    for reply in replies.select_related("participant"):
        words = f"{reply.participant} answered" + (" automatically" * reply.is_automatic)
        yield RequestEvent(reply.received_at, "reply", words, reply.text or reply.subject)


def _beginning(concern: Concern, user: User) -> str:
    person = concern.participant
    if concern.origin == Concern.Origin.COMMITTEE:
        return f"{name_of(concern.entered_by, user)} entered this for {person}"
    if concern.origin == Concern.Origin.CHANGE:
        return f"{person} {LEFT[Concern.Kind(concern.kind)]}, while matched"
    return f"{person} asked for help"
